"""What a module's result says of objects, and what is collected of it over a play."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.findings import FACT, collected, entries

Values = dict[str, Any]
KAFKA = {"api_version": "kafka.strimzi.io/v1beta2", "kind": "Kafka", "namespace": "seldon-kafka", "name": "seldon"}
SUBSCRIPTION = {"api_version": "operators.coreos.com/v1alpha1", "kind": "Subscription"}
FIELD = {"field": ".spec.replicas", "live": "1", "wanted": "2", "manager": "kubectl-patch", "fate": "taken_back"}
NOTHING = {"api_version": None, "kind": None, "namespace": None, "name": None}


def operator(**more: Any) -> Values:
    return {"name": "amq-streams", "namespace": "seldon-operator-kafka", "adopted": False, "actions": [], **more}


def found_operator(**more: Any) -> Values:
    return {**SUBSCRIPTION, "namespace": "seldon-operator-kafka", "name": "amq-streams", **more}


@dataclass(frozen=True)
class Case:
    """A module's result, and what it says."""

    result: Values
    says: list[Values]


CASES = {
    "nothing": Case({"changed": False}, []),
    "an object as it is": Case(
        {"changed": False, "results": [{**KAFKA, "action": "unchanged"}]}, [{**KAFKA, "action": "unchanged"}]
    ),
    "fields and a message": Case(
        {"changed": True, "results": [{**KAFKA, "action": "updated", "message": "m", "fields": [FIELD], "more": 1}]},
        [{**KAFKA, "action": "updated", "message": "m", "fields": [FIELD]}],
    ),
    "an object of the whole cluster": Case(
        {"changed": True, "results": [{"api_version": "v1", "kind": "Namespace", "name": "a", "action": "created"}]},
        [{"api_version": "v1", "kind": "Namespace", "namespace": None, "name": "a", "action": "created"}],
    ),
    "a loop's results": Case({"changed": False, "results": [{"changed": False, "item": 1}, "x"]}, []),
    "an installed operator": Case(
        {"changed": False, "operators": [operator(state="installed")]}, [found_operator(action="unchanged")]
    ),
    "an operator to write": Case(
        {"changed": True, "operators": [operator(state="requested", actions=["create a", "update b"])]},
        [found_operator(action="updated", message="create a; update b")],
    ),
    "an operator that cannot be had": Case(
        {"changed": False, "failed": True, "msg": "no such channel", "operators": [operator(state="failed")]},
        [found_operator(action="failed", message="no such channel")],
    ),
    "restarts": Case(
        {"changed": True, "results": [{**KAFKA, "action": "unchanged"}], "restarted": [KAFKA]},
        [
            {**KAFKA, "action": "unchanged"},
            {**KAFKA, "action": "restarted", "message": "runs with old credentials"},
        ],
    ),
    "a change that names no object": Case({"changed": True}, [{**NOTHING, "action": "changed"}]),
    "a change beside objects that stay": Case(
        {"changed": True, "results": [{**KAFKA, "action": "absent"}]},
        [{**KAFKA, "action": "absent"}, {**NOTHING, "action": "changed"}],
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_a_result_says_of_objects(case: Case) -> None:
    assert entries(case.result) == case.says


def test_what_was_found_before_stays() -> None:
    first = {"chapter": "gitops", "task": "t", **KAFKA, "action": "created"}
    result = {"changed": False, "results": [{**KAFKA, "action": "unchanged"}]}
    told = collected(result, "kafka", "Apply the cluster", [first])
    second = {"chapter": "kafka", "task": "Apply the cluster", **KAFKA, "action": "unchanged"}
    assert told == {**result, "ansible_facts": {FACT: [first, second]}}


@pytest.mark.parametrize("action", ["failed", "refused"])
def test_objects_that_cannot_be_changed_do_not_fail_the_task(action: str) -> None:
    result = {"failed": True, "msg": "1 of 2 objects failed", "results": [{**KAFKA, "action": action}]}
    assert collected(result, "kafka", "t", [])["failed"] is False


def test_what_no_object_explains_still_fails() -> None:
    alone = {"failed": True, "msg": "no cluster"}
    assert collected(alone, "kafka", "t", []) == alone
    beside = {**alone, "results": [{**KAFKA, "action": "unchanged"}]}
    assert collected(beside, "kafka", "t", [])["failed"] is True
