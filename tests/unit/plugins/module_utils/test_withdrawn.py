"""What is no longer wanted goes, although another manager owns the block around it; and who owns that block then."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.ownership import owned_fields
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy
from ansible_collections.seldon.openshift.plugins.module_utils.apply.withdrawn import (
    json_patch,
    required_of,
    with_them,
    withdrawals,
    withdrawn,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, Unreachable

from tests.unit.apiserver import ApiServer, managed

Object = dict[str, Any]
PART = 'k:{"name":"p"}'

pytestmark = pytest.mark.usefixtures("clock")


def obj(**spec: Any) -> Object:
    return {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "Kafka",
        "metadata": {"name": "x", "namespace": "n"},
        "spec": {"base": 1, **spec},
    }


def shared(live: Object, fields: Object) -> Object:
    """Return an object after an operator has written it whole: it owns these fields as well."""
    theirs = {"manager": "operator", "operation": "Update", "apiVersion": live["apiVersion"], "fieldsV1": fields}
    live["metadata"]["managedFields"].append(theirs)
    return live


def owned(spec: Object, ours: Object, others: Object) -> Object:
    """Return an object with the trees of our apply and of an operator, both below spec."""
    live = obj(**spec)
    entry = {"apiVersion": live["apiVersion"], "fieldsV1": {"f:spec": {"f:base": {}, **ours}}}
    live["metadata"]["managedFields"] = [{**entry, "manager": "seldon.openshift", "operation": "Apply"}]
    return shared(live, {"f:spec": others})


def service(**spec: Any) -> Object:
    return {"http": {"service": {"spec": spec}}}


BLOCK = {"f:spec": {"f:http": {".": {}, "f:service": {".": {}, "f:spec": {}}}}}


def given() -> Object:
    """Return an object to which somebody gave the type of a Service, and whose operator owns the block around it."""
    return shared(managed(obj(**service(type="LoadBalancer"))), BLOCK)


def apply(server: ApiServer, wanted: Object, policy: Policy | None = None) -> Outcome:
    (outcome,) = apply_set(server, [wanted], policy or Policy(), time.monotonic() + 60, [].append)
    return outcome


def test_the_last_field_leaves_an_empty_block_to_the_other_manager() -> None:
    server = ApiServer(given())
    outcome = apply(server, obj())
    assert outcome.action == "updated"
    live = server.held(obj()) or {}
    assert live["spec"] == {"base": 1, **service()}
    assert owned_fields(live) == {"f:spec": {"f:base": {}}}
    assert [entry["manager"] for entry in live["metadata"]["managedFields"]] == ["operator", "seldon.openshift"][::-1]
    assert [method for method, _path in server.writes] == ["PATCH"]
    assert [(each.field, each.live, each.fate, each.manager) for each in outcome.fields] == [
        (".spec.http.service.spec.type", "LoadBalancer", "removed", "seldon.openshift")
    ]
    assert outcome.message == ""
    assert apply(server, obj()).action == "unchanged"
    assert len(server.writes) == 1


def test_what_else_changes_is_applied_before() -> None:
    server = ApiServer(given())
    assert apply(server, obj(more=2)).action == "updated"
    assert (server.held(obj()) or {})["spec"] == {"base": 1, "more": 2, **service()}
    assert apply(server, obj(more=2)).action == "unchanged"


def test_an_empty_block_that_is_wanted_is_ours_then() -> None:
    server = ApiServer(given())
    assert apply(server, obj(**service())).action == "updated"
    assert (server.held(obj()) or {})["spec"] == {"base": 1, **service()}
    assert apply(server, obj(**service())).action == "unchanged"


def test_check_mode_tells_the_same_and_keeps_all() -> None:
    server, dry = ApiServer(given()), ApiServer(given(), check_mode=True)
    for wanted in (obj(more=2), obj()):
        told, done = apply(dry, wanted), apply(server, wanted)
        if wanted == obj(more=2):
            assert (told.action, told.fields) == (done.action, done.fields)
            assert (told.after or {})["spec"] == (done.after or {})["spec"]
    assert (dry.held(obj()) or {})["spec"] == {"base": 1, **service(type="LoadBalancer")}


def test_a_conflict_that_is_refused_leaves_the_block_as_it_was() -> None:
    live = given()
    live["spec"]["size"] = 3
    theirs = {"manager": "hpa", "operation": "Update", "fieldsV1": {"f:spec": {"f:size": {}}}}
    live["metadata"]["managedFields"].append(theirs)
    server = ApiServer(live)
    outcome = apply(server, obj(size=1), Policy("refuse"))
    assert (outcome.action, outcome.obj) == ("failed", obj(size=1))
    assert (server.held(obj()) or {})["spec"]["http"] == service(type="LoadBalancer")["http"]


def test_a_run_that_was_stopped_in_between_goes_on() -> None:
    server, down = ApiServer(given()), True

    def stop(_method: str, _path: str) -> None:
        if down and len(server.writes) == 2:
            raise ApiError(403, "Forbidden", "stopped")

    server.before_request = stop
    assert apply(server, obj(more=2)).action == "failed"
    down = False
    assert apply(server, obj(more=2)).action == "updated"
    assert (server.held(obj()) or {})["spec"] == {"base": 1, "more": 2, **service()}
    assert apply(server, obj(more=2)).action == "unchanged"


def test_what_somebody_adds_to_the_block_meanwhile_stays() -> None:
    server = ApiServer(given())

    def add(method: str, _path: str) -> None:
        live = server.held(obj()) or {}
        spec = live["spec"]["http"]["service"]["spec"]
        if method == "PATCH" and "port" not in spec:
            spec["port"] = 1
            entry = live["metadata"]["managedFields"][-1]
            entry["fieldsV1"] = {"f:spec": {"f:http": {"f:service": {"f:spec": {".": {}, "f:port": {}}}}}}
            server.put(live)

    server.before_request = add
    assert apply(server, obj()).action == "updated"
    assert (server.held(obj()) or {})["spec"] == {"base": 1, **service(port=1)}


@pytest.mark.parametrize("error", [Unreachable("cut off"), ApiError(502, "", "bad gateway")])
def test_an_answer_that_was_lost_is_looked_for(error: Exception) -> None:
    server, lost = ApiServer(given()), [error]
    answer = server._answer

    def lose(method: str, *rest: Any) -> Object:
        found = answer(method, *rest)
        if method == "PATCH" and lost:
            raise lost.pop()
        return found

    server._answer = lose  # type: ignore[method-assign]
    assert apply(server, obj()).action == "updated"
    assert (server.held(obj()) or {})["spec"] == {"base": 1, **service()}


def test_another_refusal_is_told() -> None:
    server = ApiServer(given())

    def refuse(method: str, _path: str) -> None:
        if method == "PATCH":
            raise ApiError(422, "Invalid", "spec.http is wrong")

    server.before_request = refuse
    outcome = apply(server, obj())
    assert outcome.action == "failed"
    told = ("spec.http is wrong", "spec.http.service.spec (would become {})", "Give these fields")
    assert all(words in outcome.message for words in told)


def test_a_refusal_of_something_else_blames_nothing_that_is_taken_back() -> None:
    server = ApiServer(given())

    def refuse(method: str, _path: str) -> None:
        if method == "PATCH" and len(server.writes) == 1:
            raise ApiError(422, "Invalid", "spec.more is wrong")

    server.before_request = refuse
    outcome = apply(server, obj(more=2))
    assert (outcome.action, outcome.message) == ("failed", "422 Invalid: spec.more is wrong")


def test_what_a_controller_holds_beside_it_is_left() -> None:
    live = given()
    live["spec"]["size"] = 3
    theirs = {"manager": "hpa", "operation": "Update", "fieldsV1": {"f:spec": {"f:size": {}}}}
    live["metadata"]["managedFields"].append(theirs)
    server = ApiServer(live)
    outcome = apply(server, obj(size=1))
    assert {each.field: each.fate for each in outcome.fields} == {
        ".spec.http.service.spec.type": "removed",
        ".spec.size": "left",
    }
    assert (server.held(obj()) or {})["spec"] == {"base": 1, "size": 3, **service()}
    again = apply(server, obj(size=1))
    assert (again.action, [each.fate for each in again.fields]) == ("unchanged", ["left"])


def test_what_we_wrote_ourselves_is_no_conflict_that_refuse_refuses() -> None:
    live = managed(obj(size=1))
    live["spec"]["ha"] = {"enabled": False}
    zero = {"manager": "seldon.openshift", "operation": "Update", "fieldsV1": {"f:spec": {"f:ha": {"f:enabled": {}}}}}
    live["metadata"]["managedFields"].append(zero)
    assert apply(ApiServer(live), obj(size=1, ha={"enabled": True}), Policy("refuse")).action == "updated"


@pytest.mark.parametrize(
    ("spec", "ours", "others", "wanted", "after"),
    [
        pytest.param(
            {"a": {"b": {"c": 1}}}, {"f:a": {"f:b": {"f:c": {}}}}, {"f:a": {}}, {}, {"a": {}}, id="the outer block"
        ),
        pytest.param(
            {"a": {"b": {"c": 1}}},
            {"f:a": {"f:b": {"f:c": {}}}},
            {"f:a": {"f:b": {}}},
            {},
            {"a": {"b": {}}},
            id="inner",
        ),
        pytest.param({"a": {"b": 1}}, {"f:a": {"f:b": {}}}, {}, {}, {"a": {"b": 1}}, id="a block of nobody else"),
        pytest.param(
            {"a": {"b": 1, "c": 2}},
            {"f:a": {"f:b": {}}},
            {"f:a": {"f:c": {}}},
            {},
            {"a": {"b": 1, "c": 2}},
            id="not empty",
        ),
        pytest.param(
            {"a": {"b": 1}}, {"f:a": {"f:b": {}}}, {"f:a": {}}, {"a": {"d": 2}}, {"a": {"b": 1}}, id="filled anew"
        ),
        pytest.param(
            {"a": [{"name": "p", "m": {"x": 1}}]},
            {"f:a": {PART: {".": {}, "f:name": {}, "f:m": {"f:x": {}}}}},
            {"f:a": {PART: {".": {}, "f:name": {}, "f:m": {}}}},
            {},
            {"a": [{"name": "p", "m": {}}]},
            id="in an item",
        ),
        pytest.param(
            {"a": [{"name": "p"}]}, {"f:a": {PART: {".": {}, "f:name": {}}}}, {"f:a": {}}, {}, {"a": []}, id="a list"
        ),
        pytest.param({"a/~": {"b": 1}}, {"f:a/~": {"f:b": {}}}, {"f:a/~": {}}, {}, {"a/~": {}}, id="an odd name"),
        pytest.param(
            {"a": {"status": 1}}, {"f:a": {"f:status": {}}}, {"f:a": {}}, {}, {"a": {}}, id="a status in a spec"
        ),
        pytest.param({"a": {}}, {"f:a": {}}, {"f:a": {}}, {}, {"a": {}}, id="empty already"),
    ],
)
def test_blocks_that_would_stay_as_null(
    spec: Object, ours: Object, others: Object, wanted: Object, after: Object
) -> None:
    live = owned(spec, ours, others)
    found = withdrawals(obj(**wanted), live)
    assert withdrawn(live, found)["spec"] == {"base": 1, **after}
    assert bool(found) == (after != spec)
    operations = json_patch(found, live)
    assert [each["op"] for each in operations][-2:] == (["test", "replace"] if found else [])
    if found:
        assert with_them(obj(), found, live)["spec"] == {"base": 1, **spec}


def refusal(*fields: str) -> ApiError:
    causes = [{"reason": "FieldValueRequired", "field": field, "message": "Required value"} for field in fields]
    return ApiError(422, "Invalid", "Required value", {"causes": causes})


@pytest.mark.parametrize(
    ("others", "field", "after"),
    [
        pytest.param({"f:ha": {".": {}}}, "spec.ha.enabled", {"enabled": False}, id="in an emptied block"),
        pytest.param(
            {"f:ha": {".": {}, "f:size": {}}},
            "spec.ha.enabled",
            {"enabled": False, "size": 2},
            id="beside another's field",
        ),
        pytest.param({"f:ha": {".": {}}}, "spec.ha.other", {}, id="a field that we never gave"),
    ],
)
def test_a_required_field_gets_the_zero_value(others: Object, field: str, after: Object) -> None:
    spec = {"ha": {"enabled": True, "size": 2}}
    live = owned(spec, {"f:ha": {"f:enabled": {}, **({} if "f:size" in others["f:ha"] else {"f:size": {}})}}, others)
    required = required_of(refusal(field), obj(), live)
    assert withdrawn(live, withdrawals(obj(), live, required))["spec"]["ha"] == after


def test_a_required_field_is_learnt_from_the_refusal() -> None:
    server = ApiServer(shared(managed(obj(ha={"enabled": True})), {"f:spec": {"f:ha": {".": {}}}}))
    answer = server._answer

    def judge(method: str, *rest: Any) -> Object:
        found = answer(method, *rest)
        if method == "PATCH" and "enabled" not in found["spec"].get("ha", {}):
            server.put(before)
            raise refusal("spec.ha.enabled")
        return found

    before = server.held(obj()) or {}
    server._answer = judge  # type: ignore[method-assign]
    assert apply(server, obj()).action == "updated"
    assert (server.held(obj()) or {})["spec"] == {"base": 1, "ha": {"enabled": False}}
    assert apply(server, obj()).action == "unchanged"
