"""Check mode of a user who may read and not write: what would be written is told all the same."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.foreseen import completed
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CONFIG_MAP
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import edit

from tests.unit.apiserver import ApiServer, held_by, managed

Object = dict[str, Any]
RIGHT = 'cannot patch resource "configmaps" in API group "" in the namespace "n"'
WARNING = "you may not patch configmaps in n: the API server has not tried what would be written."
REFERENCE = CONFIG_MAP.named("x", "n")


pytestmark = pytest.mark.usefixtures("clock")


def reader(*objects: Object, check_mode: bool = True, message: str = f'User "u" {RIGHT}') -> ApiServer:
    """Return a server that lets nobody write."""
    server = ApiServer(*objects, check_mode=check_mode)

    def refuse(method: str, _path: str) -> None:
        if method != "GET":
            raise ApiError(403, "Forbidden", message)

    server.before_request = refuse
    return server


def config(**data: str) -> Object:
    return {**REFERENCE.bare(), "data": data}


def changed_by(manager: str, **data: str) -> Object:
    """Return an object that we have applied with a=1, and then `manager` has changed."""
    return held_by(manager, {**managed(config(a="1")), "data": data}, {"f:data": {"f:a": {}}})


@dataclass(frozen=True)
class Case:
    """What is there, what would be done for a=1, and the fields with their fates."""

    live: Object | None
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    policy: Policy = field(default_factory=Policy)


CASES = {
    "missing": Case(None, "created"),
    "as applied": Case(managed(config(a="1")), "unchanged"),
    "the same values, held otherwise": Case(changed_by("kubectl-edit", a="1"), "unchanged"),
    "changed by a person": Case(changed_by("kubectl-edit", a="2"), "updated", [(".data.a", "taken_back")]),
    "changed by a controller": Case(changed_by("operator", a="2"), "unchanged", [(".data.a", "left")]),
    "forced": Case(changed_by("operator", a="2"), "updated", [(".data.a", "taken_back")], Policy(conflicts="force")),
    "of others": Case(
        held_by("kubectl-create", config(a="2"), {"f:data": {"f:a": {}}}), "failed", [(".data.a", "refused")]
    ),
    "of others, with consent": Case(
        held_by("kubectl-create", config(a="2"), {"f:data": {"f:a": {}}}),
        "updated",
        [(".data.a", "changed")],
        Policy(adopt=True),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_an_apply_would_do(case: Case) -> None:
    server = reader(*([case.live] if case.live else []))
    (outcome,) = apply_set(server, [config(a="1")], case.policy, time.monotonic() + 60, [].append)
    assert outcome.action == case.action
    assert [(change.field, change.fate) for change in outcome.fields] == case.fields
    assert set(server.warnings) <= {WARNING}


def test_the_right_is_told_once() -> None:
    server = reader(managed(config(a="2")))
    for _time in range(2):
        apply_set(server, [config(a="1")], Policy(), time.monotonic() + 60, [].append)
    assert server.warnings == [WARNING]


def test_what_an_edit_would_do() -> None:
    for live in (None, config(b="2")):
        server = reader(*([live] if live else []))
        made = edit(server, REFERENCE.bare(), lambda there: {**there, "data": {"a": "1"}}, time.monotonic() + 60)
        (entry,) = made.results()
        assert entry["action"] == ("updated" if live else "created")
        assert (made.after or {})["data"] == {"a": "1"}
        assert server.warnings == [WARNING]


def test_a_deletion_and_a_patch_are_foreseen_as_well() -> None:
    server = reader(config(a="1", b="2"))
    assert server.delete(REFERENCE)
    assert server.patch(config(a="1", b="2"), {"data": {"a": None, "c": "3"}})["data"] == {"b": "2", "c": "3"}


@pytest.mark.parametrize("server", [reader(check_mode=False), reader(message="exceeded quota: q")])
def test_without_check_mode_or_for_another_reason_it_fails(server: ApiServer) -> None:
    with pytest.raises(ApiError, match="403"):
        server.create(config(a="1"))
    (outcome,) = apply_set(server, [config(a="1")], Policy(), time.monotonic() + 60, [].append)
    assert outcome.action == "failed"


@pytest.mark.parametrize(
    ("desired", "live", "after"),
    [
        ({"a": 1}, {"a": 2, "b": 3}, {"a": 1, "b": 3}),
        ({"a": {"b": 1}}, {"a": "text"}, {"a": {"b": 1}}),
        (
            {"ports": [{"port": 1}]},
            {"ports": [{"port": 1, "protocol": "TCP"}]},
            {"ports": [{"port": 1, "protocol": "TCP"}]},
        ),
        ({"members": ["a"]}, {"members": ["a", "b"]}, {"members": ["a"]}),
        ({"new": None}, {}, {"new": None}),
    ],
)
def test_what_is_beside_our_values_stays(desired: Object, live: Object, after: Object) -> None:
    assert completed(desired, live) == after
