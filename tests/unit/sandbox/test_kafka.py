"""What the simulated AMQ Streams refuses although the API server took it, in Strimzi's words."""

from __future__ import annotations

import pytest

from sandbox.kube import Object
from sandbox.operators.kafka.objects import claims, protocols
from sandbox.operators.kafka.validation import Refused, Running, check, supported_versions

SUPPORTED = ("3.1.0", "3.2.3")
PLAIN, TLS = {"name": "plain", "port": 9092, "tls": False}, {"name": "tls", "port": 9093, "tls": True}


def spec(
    version: str | None = "3.2.3", replicas: int = 3, listeners: list[Object] | None = None, **config: object
) -> Object:
    options = {key.replace("_", "."): value for key, value in config.items()}
    return {"version": version, "replicas": replicas, "listeners": listeners or [PLAIN, TLS], "config": options}


OPTION = "Kafka configuration option 'default.replication.factor' should be set to"


@pytest.mark.parametrize(
    ("wanted", "running", "reason", "message"),
    [
        (
            spec("3.2.0"),
            None,
            "UnsupportedKafkaVersionException",
            "Unsupported Kafka.spec.kafka.version: 3.2.0. Supported versions are: [3.1.0, 3.2.3]",
        ),
        (
            spec(default_replication_factor=4),
            None,
            "InvalidResourceException",
            f"{OPTION} 3 or less because 'spec.kafka.replicas' is 3",
        ),
        (
            spec(replicas=1, default_replication_factor=3),
            None,
            "InvalidResourceException",
            f"{OPTION} 1 because 'spec.kafka.replicas' is 1",
        ),
        (
            spec(listeners=[PLAIN, TLS | {"port": 9092}]),
            None,
            "InvalidResourceException",
            "Listener configuration is not valid: [every listener needs to have a unique port number]",
        ),
        (
            spec("3.1.0"),
            Running("3.2.3", "3.2", "3.2"),
            "KafkaUpgradeException",
            "log.message.format.version (3.2) and inter.broker.protocol.version (3.2) used by the brokers have to be"
            " set and be lower or equal to the Kafka broker version we downgrade to (3.1.0)",
        ),
    ],
)
def test_refused(wanted: Object, running: Running | None, reason: str, message: str):
    with pytest.raises(Refused) as raised:
        check(wanted, SUPPORTED, running)
    assert (raised.value.reason, str(raised.value)) == (reason, message)


@pytest.mark.parametrize(
    ("wanted", "running", "version"),
    [
        (spec(None), None, "3.2.3"),
        (spec("3.1.0"), None, "3.1.0"),
        (spec(min_insync_replicas=4), None, "3.2.3"),
        (spec("3.1.0"), Running("3.2.3", "3.1", "3.1"), "3.1.0"),
        (spec("3.2.3"), Running("3.1.0", "3.1", "3.1"), "3.2.3"),
    ],
)
def test_accepted(wanted: Object, running: Running | None, version: str):
    assert check(wanted, SUPPORTED, running) == version


def test_the_versions_follow_the_operator_and_the_protocol_the_version():
    assert supported_versions("amq-streams-cluster-operator-v2.2.1-0") == SUPPORTED
    assert "3.2.3" not in supported_versions("amq-streams-cluster-operator-v2.5.0-0")
    assert protocols({}, "3.2.3") == ("3.2", "3.2")
    assert protocols({"config": {"inter.broker.protocol.version": "3.1"}}, "3.2.3") == ("3.1", "3.1")


def test_persistent_storage_has_claims():
    volume: Object = {"type": "persistent-claim", "size": "10Gi"}
    request = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}}
    assert claims({"type": "ephemeral"}) == []
    assert claims({**volume, "class": "fast"}) == [
        {"metadata": {"name": "data"}, "spec": request | {"storageClassName": "fast"}}
    ]
    assert claims({"type": "jbod", "volumes": [{**volume, "id": 0}]}) == [
        {"metadata": {"name": "data-0"}, "spec": request}
    ]
