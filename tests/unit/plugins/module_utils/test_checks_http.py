"""Which pod and port a Service leads to, and what is told when nothing answers."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.http import target

from tests.unit.observed import observed

Object = dict[str, Any]


def pod(name: str, ready: bool = True) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "n", "labels": {"app": "es"}},
        "spec": {"containers": [{"ports": [{"name": "https", "containerPort": 9200}]}]},
        "status": {"conditions": [{"type": "Ready", "status": str(ready)}]},
    }


def service(**port: Any) -> Object:
    spec = {"selector": {"app": "es"}, "ports": [port]}
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "es", "namespace": "n"}, "spec": spec}


@pytest.mark.parametrize(
    ("port", "pods", "expected"),
    [
        ({"port": 443, "targetPort": 9200}, [pod("a")], ("a", 9200)),
        ({"port": 443, "targetPort": "https"}, [pod("a")], ("a", 9200)),
        ({"port": 443}, [pod("a")], ("a", 443)),
        ({"port": 443}, [pod("a", ready=False), pod("b")], ("b", 443)),
        ({"port": 443, "targetPort": "nothing"}, [pod("a")], None),
        ({"port": 443}, [pod("a", ready=False)], None),
        ({"port": 80}, [pod("a")], None),
    ],
)
def test_where_a_service_leads(port: Object, pods: list[Object], expected: Any) -> None:
    found = target(service(**port), 443, pods)
    assert (found and (found[0]["metadata"]["name"], found[1])) == expected


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ([], "Service n/es does not exist"),
        ([service(port=443)], "Service n/es has no ready pod for port 443"),
    ],
)
def test_nothing_to_ask_is_no_answer(objects: list[Object], said: str) -> None:
    answer = observed(*objects).ask("n", "es", 443, "/")
    assert (answer.status, answer.body) == (0, said)
