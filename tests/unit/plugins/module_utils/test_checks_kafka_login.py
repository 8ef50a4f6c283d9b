"""Whether runtimes of Seldon Core v2 reach Kafka: with which login, and from which namespaces."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.kafka_login import login_problems

Object = dict[str, Any]
PLAIN: Object = {"name": "plain", "port": 9092}
OPEN: Object = {"name": "tls", "port": 9093}
SCRAM: Object = OPEN | {"authentication": {"type": "scram-sha-512"}}
MUTUAL: Object = OPEN | {"authentication": {"type": "tls"}}


def only(namespace: str) -> Object:
    return {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}, "podSelector": {}}


ONE_READER = PLAIN | {"networkPolicyPeers": [only("logs")]}
TWO_READERS = PLAIN | {"networkPolicyPeers": [only("a"), only("logs")]}


@pytest.mark.parametrize(
    ("listeners", "port", "protocol", "problems"),
    [
        ([PLAIN, OPEN], 9092, "PLAINTEXT", []),
        ([PLAIN, SCRAM], 9093, "SASL_SSL", []),
        # A runtime that was made without the variables of the installation.
        ([ONE_READER, SCRAM], 9092, "PLAINTEXT", ["port 9092 admits no pods of a, b"]),
        ([TWO_READERS], 9092, "PLAINTEXT", ["port 9092 admits no pods of b"]),
        ([PLAIN | {"networkPolicyPeers": [{"podSelector": {}}]}], 9092, "PLAINTEXT", []),
        ([SCRAM], 9092, "PLAINTEXT", ["no listener has port 9092"]),
        ([SCRAM], 9093, "PLAINTEXT", ["port 9093 asks for a login (scram-sha-512), and none is given"]),
        # One that still has the login after it was taken back.
        ([PLAIN, OPEN], 9093, "SASL_SSL", ["port 9093 takes no login by scram-sha-512, and one is given"]),
        # What values of a user's own say is theirs.
        ([MUTUAL], 9093, "SSL", []),
    ],
)
def test_kafka_lets_runtimes_in(listeners: list[Object], port: int, protocol: str, problems: list[str]) -> None:
    kafka = {"spec": {"kafka": {"listeners": listeners}}}
    assert [*login_problems(kafka, port, protocol, ["b", "a"])] == problems
