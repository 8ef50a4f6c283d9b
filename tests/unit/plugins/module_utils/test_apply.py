"""One object's way through an apply: what is written, what is waited for, what is made again."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError

from tests.unit.apiserver import MADE, ApiServer, managed
from tests.unit.clock import Clock

Object = dict[str, Any]
PATH = "/api/v1/namespaces/n/configmaps/x"

HEALING = Policy()

pytestmark = pytest.mark.usefixtures("clock")


def obj(name: str = "x", kind: str = "ConfigMap", **data: str) -> Object:
    metadata = {"name": name, "namespace": "n"}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, "data": data or {"a": "b"}}


def deleted(name: str = "x", **metadata: Any) -> Object:
    """Return an object of ours, as wanted, that somebody is deleting."""
    live = managed(obj(name))
    return {**live, "metadata": {**live["metadata"], "uid": "old", "deletionTimestamp": MADE, **metadata}}


def applied(server: ApiServer, *objects: Object, policy: Policy = HEALING, **options: Any) -> list[Outcome]:
    return apply_set(server, list(objects), policy, time.monotonic() + 60, [].append, **options)


def test_what_is_being_deleted_is_made_again_once_it_is_gone() -> None:
    server = ApiServer(deleted())
    (outcome,) = applied(server, obj())
    live = server.held(obj()) or {}
    assert outcome.action == "created"
    assert live["metadata"]["uid"] != "old"
    assert "deletionTimestamp" not in live["metadata"]
    assert [method for method, _path in server.requests] == ["GET", "GET", "GET", "PATCH"]


def test_many_that_are_being_deleted_are_made_again_as_well() -> None:
    names = ["a", "b", "c", "d", "e"]
    server = ApiServer(*map(deleted, names))
    assert [outcome.action for outcome in applied(server, *map(obj, names))] == ["created"] * 5
    assert all("deletionTimestamp" not in (server.held(obj(name)) or {})["metadata"] for name in names)


def test_what_is_held_while_it_is_deleted_fails_with_its_finalizers(clock: Clock) -> None:
    server = ApiServer(deleted(finalizers=["example.com/hold"]))
    (outcome,) = applied(server, obj())
    assert outcome.action == "failed"
    assert "example.com/hold" in outcome.message
    assert server.writes == []
    assert clock.slept > 50


def test_check_mode_does_not_wait_for_what_is_being_deleted(clock: Clock) -> None:
    (outcome,) = applied(ApiServer(deleted(finalizers=["x/y"]), check_mode=True), obj())
    assert outcome.action == "unchanged"
    assert clock.slept == 0


def test_what_can_not_heal_is_deleted_gone_and_made_again() -> None:
    server = ApiServer(managed(obj(a="b")))
    before = (server.held(obj()) or {})["metadata"]["uid"]
    (outcome,) = applied(server, obj(), recreate=lambda _live: "it is lost")
    assert (outcome.action, outcome.changed) == ("recreated", True)
    assert "it is lost" in outcome.message
    assert (server.held(obj()) or {})["metadata"]["uid"] != before
    assert server.writes == [("DELETE", PATH), ("PATCH", PATH)]


def test_what_came_in_the_place_of_a_lost_object_is_not_deleted() -> None:
    server = ApiServer(managed(obj()))

    def swap(method: str, _path: str) -> None:
        if method == "DELETE":
            server.put({**obj(), "metadata": {**obj()["metadata"], "uid": "another"}})

    server.before_request = swap
    (outcome,) = applied(server, obj(), recreate=lambda _live: "it is lost")
    assert outcome.action == "failed"
    assert (server.held(obj()) or {})["metadata"]["uid"] == "another"


@pytest.mark.parametrize(
    ("live", "lost", "check_mode"), [(True, None, False), (False, "it is lost", False), (True, "it is lost", True)]
)
def test_nothing_is_deleted_that_is_well_or_absent_or_in_check_mode(
    live: bool, lost: str | None, check_mode: bool
) -> None:
    server = ApiServer(*([managed(obj())] if live else []), check_mode=check_mode)
    applied(server, obj(), recreate=lambda _live: lost)
    assert ("DELETE", PATH) not in server.requests


@pytest.mark.parametrize(
    ("live", "action", "writes"),
    [
        pytest.param(None, "created", 1, id="absent"),
        pytest.param(managed(obj()), "unchanged", 0, id="as wanted"),
        pytest.param(managed(obj(a="c")), "updated", 1, id="another value"),
        pytest.param(managed(obj(a="b", c="d")), "updated", 1, id="a field too many"),
        pytest.param(obj(), "unchanged", 2, id="as wanted, by somebody else, after a dry run"),
    ],
)
@pytest.mark.parametrize("others", [0, 3])
def test_what_is_written(live: Object | None, action: str, writes: int, others: int) -> None:
    """With four of a kind they are listed, with fewer read one by one."""
    more = [obj(f"other-{number}") for number in range(others)]
    server = ApiServer(*map(managed, more), *([live] if live else []))
    outcomes = applied(server, obj(), *more)
    assert [outcome.action for outcome in outcomes] == [action] + ["unchanged"] * others
    assert len(server.writes) == writes
    assert len(server.requests) == 1 + writes


@pytest.mark.parametrize("status", [403, 404])
def test_who_may_get_and_not_list_is_served_as_well(status: int) -> None:
    def refuse(_method: str, path: str) -> None:
        if path.endswith("/configmaps"):
            raise ApiError(status)

    names = ["a", "b", "c", "d"]
    server = ApiServer(managed(obj("a")))
    server.before_request = refuse
    outcomes = applied(server, *map(obj, names))
    assert [outcome.action for outcome in outcomes] == ["unchanged", "created", "created", "created"]


def test_one_failure_does_not_keep_the_others_from_being_applied() -> None:
    def refuse(_method: str, path: str) -> None:
        if path == PATH:
            raise ApiError(422, "Invalid", "the value geheim= is refused")

    server = ApiServer()
    server.before_request = refuse
    outcomes = applied(server, obj(kind="ConfigMap"), obj("y"))
    assert [(outcome.action, outcome.changed) for outcome in outcomes] == [("failed", False), ("created", True)]


def test_a_refused_secret_is_told_without_its_values() -> None:
    def refuse(method: str, _path: str) -> None:
        if method == "PATCH":
            raise ApiError(422, "Invalid", "the value Z2VoZWlt is refused")

    server = ApiServer()
    server.before_request = refuse
    (outcome,) = applied(server, obj(kind="Secret", a="Z2VoZWlt", b=""))
    assert "is refused" in outcome.message
    assert "Z2VoZWlt" not in outcome.message


def crd(established: str) -> Object:
    metadata = {"name": "things.example.com"}
    status = {"conditions": [{"type": "Established", "status": established}]}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": metadata,
        "spec": {"group": "example.com"},
        "status": status,
    }


def test_a_definition_counts_once_it_is_established(clock: Clock) -> None:
    wanted = {key: value for key, value in crd("").items() if key != "status"}
    server = ApiServer(crd("False"))

    def establish(method: str, _path: str) -> None:
        if method == "GET" and len(server.requests) == 5:
            server.put(crd("True"))

    server.before_request = establish
    (outcome,) = applied(server, wanted)
    assert outcome.action == "unchanged"
    assert len(server.requests) == 5
    (outcome,) = applied(ApiServer(crd("False")), wanted)
    assert outcome.action == "failed"
    assert "Established=False" in outcome.message
    assert clock.slept > 50


def test_a_definition_that_is_refused_is_not_waited_for(clock: Clock) -> None:
    def refuse(method: str, _path: str) -> None:
        if method == "PATCH":
            raise ApiError(422, "Invalid")

    server = ApiServer()
    server.before_request = refuse
    (outcome,) = applied(server, crd("True"))
    assert (outcome.action, clock.slept) == ("failed", 0)
