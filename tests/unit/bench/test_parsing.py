"""What is read from the output of commands, the audit log, live objects and the machine."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench import raw
from bench.arrivals import requested
from bench.chains import Operator
from bench.clusters import tasks_of
from bench.commands import Cost, cheapest, count, failure
from bench.guide import changed
from bench.machine import memory, model, number
from bench.scale import task_seconds
from bench.sets import objects

PLAYBOOK = ("ansible-playbook", "site.yml")


def event(
    verb: str = "patch", user: str = "system:admin", stage: str = "ResponseComplete", **reference: str
) -> dict[str, Any]:
    named = {"apiVersion": "v1", "resource": "configmaps", "namespace": "foo", "name": "a"} | reference
    return {"verb": verb, "stage": stage, "user": {"username": user}, "objectRef": named}


@pytest.mark.parametrize(
    ("output", "errors", "said"),
    [
        ("TASK [a]\nfatal: [cluster]: no\nPLAY RECAP", "", "fatal: [cluster]: no"),
        ("applied", "[ERROR]: Task failed: why\nnext", "[ERROR]: Task failed: why"),
        ("one\ntwo\n", "", "two"),
        ("", "error: not found\n\n", "error: not found"),
        ("", "", "it printed nothing"),
    ],
)
def test_a_failure_is_one_line_with_what_was_printed(output: str, errors: str, said: str) -> None:
    assert failure(PLAYBOOK, 2, output, errors) == f"ansible-playbook site.yml ended with 2: {said}"


def test_requests_are_those_of_commands_that_were_answered() -> None:
    events = [event(), event(stage="ResponseStarted"), event(user="system:kube-scheduler"), event(verb="get")]
    assert count(events) == 2


def test_costs_add_up_and_memory_does_not() -> None:
    both = Cost(1, 2, 30, 4, "a") + Cost(10, 20, 3, 40, "b")
    assert both == Cost(11, 22, 30, 44, "ab")
    assert cheapest([both, Cost(1, 9, 9, 9, "")]).wall == 1


def test_tasks_are_read_from_the_last_line_of_a_run() -> None:
    assert tasks_of("PLAY RECAP\n\nCreated 3 (15 tasks in 20 s)\nThe log: /x/site.log") == 15
    with pytest.raises(ValueError, match="has not printed"):
        tasks_of("PLAY RECAP")


def test_the_time_of_a_task_is_read_from_json() -> None:
    duration = {"start": "2026-01-01T10:00:00.5Z", "end": "2026-01-01T10:01:02.0Z"}
    tasks = [
        {"task": {"name": "model_namespace : Read", "duration": duration}},
        {"task": {"name": "model_namespace : Apply", "duration": duration}},
    ]
    output = json.dumps({"plays": [{"tasks": tasks}]})
    assert task_seconds(output, "Apply") == 61.5
    with pytest.raises(LookupError, match="no task 'Remove' ran"):
        task_seconds(output, "Remove")


def test_patches_of_a_namespace_are_read_from_the_audit_log_once_each() -> None:
    events = [
        event(),
        event(),
        event(verb="get", name="b"),
        event(namespace="bar"),
        event(resource="namespaces", name="foo"),
        event(resource="namespaces", name="foo", subresource="status"),
        event(apiGroup="networking.k8s.io", resource="networkpolicies"),
    ]
    assert [one.path for one in raw.patched(events, "foo")] == [
        "/api/v1/namespaces/foo/configmaps/a",
        "/api/v1/namespaces/foo",
        "/apis/networking.k8s.io/v1/namespaces/foo/networkpolicies/a",
    ]


LIVE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Thing",
    "metadata": {
        "name": "a",
        "namespace": "foo",
        "uid": "1",
        "labels": {"seldon.restricted": "false", "theirs": "x"},
        "managedFields": [
            {"manager": "somebody", "operation": "Update", "fieldsV1": {"f:spec": {"f:more": {}}}},
            {
                "manager": "seldon.openshift",
                "operation": "Apply",
                "fieldsV1": {
                    "f:metadata": {"f:labels": {"f:seldon.restricted": {}}},
                    "f:spec": {"f:list": {'k:{"name":"x"}': {".": {}, "f:name": {}}}, "f:leaf": {}, "f:gone": {}},
                },
            },
        ],
    },
    "spec": {"list": [{"name": "x"}], "leaf": {"any": 1}, "more": True},
    "status": {"phase": "Active"},
}


def test_what_we_own_of_an_object_is_what_was_sent() -> None:
    assert raw.owned(LIVE) == {
        "apiVersion": "v1",
        "kind": "Thing",
        "metadata": {"name": "a", "namespace": "foo", "labels": {"seldon.restricted": "false"}},
        "spec": {"list": [{"name": "x"}], "leaf": {"any": 1}},
    }


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({"name": "a", "namespace": "foo"}, {"name": "a", "namespace": "bar"}),
        ({"name": "foo"}, {"name": "bar"}),
        ({"name": "foo", "labels": {"seldon.v": "1", "x": "2"}}, {"name": "bar", "labels": {"bench.v": "1", "x": "2"}}),
    ],
)
def test_an_object_moves_to_another_namespace(meta: dict[str, Any], expected: dict[str, Any]) -> None:
    assert raw.moved({"kind": "Thing", "metadata": meta}, "foo", "bar") == {"kind": "Thing", "metadata": expected}


def test_olm_is_asked_with_a_group_of_all_namespaces_or_of_targets() -> None:
    namespace, group, subscription = requested(Operator("kafka", "stable", "red", "ns"))
    assert namespace["metadata"] == {"name": "ns"}
    assert group["spec"] == {}
    assert subscription["spec"]["installPlanApproval"] == "Automatic"
    _, group, _ = requested(Operator("logging", "stable", "red", "ns", ["ns"]))
    assert group["spec"] == {"targetNamespaces": ["ns"]}
    assert "config" not in subscription["spec"]
    *_, subscription = requested(Operator("seldon", "stable", "red", "ns", environment={"A": "b"}))
    assert subscription["spec"]["config"] == {"env": [{"name": "A", "value": "b"}]}


def test_the_machine_is_read() -> None:
    assert model("processor\t: 0\nmodel name\t: AMD  EPYC 7R13\nflags\t: x\n") == "AMD EPYC 7R13"
    assert memory("MemTotal:       25165824 kB\nMemFree: 1 kB\n") == 24


@pytest.mark.parametrize(
    ("said", "expected"),
    [("Client Version: v1.24.17\nKustomize: v4\n", "1.24.17"), ("v3.14.4+g81c902a", "3.14.4+g81c902a")],
)
def test_versions_are_read(said: str, expected: str) -> None:
    assert number(said) == expected


def test_a_set_is_one_namespace_and_the_rest_in_it() -> None:
    found = objects("foo", 25)
    assert len(found) == 25
    assert found[0]["kind"] == "Namespace"
    assert {obj["metadata"]["namespace"] for obj in found[1:]} == {"foo"}


def test_what_kubectl_says_of_changes_is_read() -> None:
    lines = [
        "namespace/seldon unchanged",
        "namespace/seldon not labeled",
        "kafka.kafka.strimzi.io/seldon configured",
        "secret/alertmanager-main replaced",
        "Edit cancelled, no changes made.",
        "secret/git-creds created",
    ]
    assert changed("\n".join(lines)) == [lines[2], lines[5]]
