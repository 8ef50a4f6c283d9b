"""The core of all edits, on an API server that fails in the ways that matter."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import (
    ApiError,
    EngineError,
    KindNotServed,
    Unreachable,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, edit, fields_inside, result_of

Object = dict[str, Any]
SKELETON = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s", "namespace": "n"}}
LOST = Unreachable("reset", sent=True)


class Server:
    """Holds one object; `events` happen one by one before a write (an object: somebody wrote it) or after it (lost)."""

    def __init__(self, data: Object | None = None, *events: Any, check_mode: bool = False) -> None:
        self.stored = None if data is None else self._stamped({**SKELETON, "data": data}, 1)
        self.events = list(events)
        self.check_mode = check_mode
        self.writes = 0

    def _stamped(self, obj: Object, version: int) -> Object:
        return {**obj, "metadata": {**obj["metadata"], "uid": "u", "resourceVersion": str(version)}}

    def _store(self, data: Object | None) -> None:
        version = int(self.stored["metadata"]["resourceVersion"]) if self.stored else 0
        self.stored = None if data is None else self._stamped({**SKELETON, "data": data}, version + 1)

    def get(self, _reference: Any, _deadline: float) -> Object | None:
        return copy.deepcopy(self.stored)

    def _write(self, version: str | None, data: Object | None) -> Object | None:
        data = None if data is None else {key: value for key, value in data.items() if key != "dropped"}
        event = self.events.pop(0) if self.events else None
        if isinstance(event, dict):
            self._store(event)
        elif event is not None and event is not LOST:
            raise event
        there = self.stored["metadata"]["resourceVersion"] if self.stored else None
        if version != there:
            raise ApiError(409, "Conflict")
        if not self.stored or data != self.stored["data"]:
            self.writes += 1
            self._store(data)
        if event is LOST:
            raise LOST
        return copy.deepcopy(self.stored)

    def create(self, obj: Object, deadline: float) -> Object | None:
        return self._write(None, obj["data"])

    def replace(self, obj: Object, deadline: float) -> Object | None:
        return self._write(obj["metadata"]["resourceVersion"], obj["data"])

    def delete(self, _reference: Any, uid: str, resource_version: str, deadline: float) -> bool:
        assert uid == "u"
        self._write(resource_version, None)
        return True


def adding(*names: str) -> Callable[[Object], Object]:
    return lambda obj: {**obj, "data": {**obj.get("data", {}), **dict.fromkeys(names, "ours")}}


def emptied(obj: Object) -> Object | None:
    left = {key: value for key, value in obj.get("data", {}).items() if key != "ours"}
    return {**obj, "data": left} if left else (None if obj.get("data") else obj)


def soon() -> float:
    return time.monotonic() + 20


@pytest.mark.parametrize(
    ("server", "mutate", "data", "changed"),
    [
        (Server(), adding("ours"), {"ours": "ours"}, True),
        (Server({"a": "1"}), adding("ours"), {"a": "1", "ours": "ours"}, True),
        (Server({"ours": "ours"}), adding("ours"), {"ours": "ours"}, False),
        # what the server doesn't keep is no change
        (Server({"a": "1"}), adding("dropped"), {"a": "1"}, False),
        # somebody was faster
        (Server(None, {"b": "2"}), adding("ours"), {"b": "2", "ours": "ours"}, True),
        (Server(None, {"ours": "ours"}), adding("ours"), {"ours": "ours"}, False),
        (Server({"a": "1"}, {"b": "2"}, {"c": "3"}), adding("ours"), {"c": "3", "ours": "ours"}, True),
        # the answer is lost, or there is none for a while
        (Server(None, LOST), adding("ours"), {"ours": "ours"}, True),
        (Server({"a": "1"}, LOST), adding("ours"), {"a": "1", "ours": "ours"}, True),
        (Server(None, LOST), adding("ours", "dropped"), {"ours": "ours"}, True),
        (Server(None, ApiError(503, "ServiceUnavailable"), LOST), adding("ours"), {"ours": "ours"}, True),
        # nothing is left
        (Server({"ours": "1"}), emptied, None, True),
        (Server({"ours": "1"}, {"ours": "1", "b": "2"}), emptied, {"b": "2"}, True),
        (Server(), emptied, None, False),
    ],
)
def test_the_object_becomes_what_it_should_be_whatever_happens(
    server: Any, mutate: Any, data: Object | None, changed: bool
) -> None:
    made = edit(server, SKELETON, mutate, soon())
    assert (server.stored["data"] if server.stored else None) == data
    assert made.changed is changed
    assert bool(made.diff()) is changed
    assert server.writes <= 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ApiError(422, "Invalid", "data: cGFzcw== is bad"), r"Secret n/s: 422 Invalid: data: \(hidden\) is bad"),
        (ApiError(403, "Forbidden", "no"), "Secret n/s: 403"),
        (ApiError(404, details={"kind": "namespaces", "name": "n"}), "namespace n does not exist"),
        (Unreachable("refused", permanent=True), "refused"),
    ],
)
def test_what_does_not_pass_is_told_at_once_without_values(error: Exception, told: str) -> None:
    server: Any = Server(None, error)
    with pytest.raises(EngineError, match=told):
        edit(server, SKELETON, lambda obj: {**obj, "data": {"password": "cGFzcw=="}}, soon())


def test_a_race_that_is_never_won_ends_at_the_deadline() -> None:
    server: Any = Server({"a": "1"}, *({"a": f"v{number}"} for number in range(2, 1000)))
    with pytest.raises(EngineError, match="409 Conflict"):
        edit(server, SKELETON, adding("ours"), time.monotonic() + 0.3)


def test_what_can_t_exist_yet_is_foreseen_in_check_mode_only() -> None:
    class NotYet(Server):
        def get(self, _reference: Any, _deadline: float) -> Object | None:
            raise KindNotServed(SECRET)

    server: Any = NotYet(check_mode=True)
    assert (edit(server, SKELETON, adding("ours"), soon()).after or {})["data"] == {"ours": "ours"}
    for server in (NotYet(), NotYet(check_mode=True)):
        assert not edit(server, SKELETON, emptied, soon()).changed
    server = NotYet()
    with pytest.raises(KindNotServed):
        edit(server, SKELETON, adding("ours"), soon())


def config(text: str | None, manager: str = "kubectl-edit") -> Object:
    held = {"manager": manager, "fieldsV1": {"f:data": {"f:c.yaml": {}}}}
    metadata = {"name": "c", "namespace": "n", "managedFields": [held]}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"c.yaml": text}}


ACTIONS = {
    "created": Edit(None, config("1")),
    "updated": Edit(config("1"), config("2")),
    "deleted": Edit(config("1"), None),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_result_says_what_was_done(action: str) -> None:
    result = result_of(ACTIONS[action])
    assert result["changed"]
    assert [(entry["kind"], entry["name"], entry["action"]) for entry in result["results"]] == [
        ("ConfigMap", "c", action)
    ]
    assert len(result["diff"]) == 1


def test_a_result_of_nothing_done() -> None:
    live = config("1")
    result = result_of(Edit(live, live), Edit(None, None))
    assert not result["changed"]
    assert [entry["action"] for entry in result["results"]] == ["unchanged"]


def test_fields_of_a_text_are_their_holder_s_who_wrote_the_text() -> None:
    other = {"manager": "operator", "fieldsV1": {"f:data": {}, "f:metadata": {"f:labels": {"f:a": {}}}}}
    made = Edit(config("a: 1"), config("b: 2"))
    for obj, label in ((made.before, "1"), (made.after, "2")):
        obj["metadata"].update(labels={"a": label}, managedFields=[other, *obj["metadata"]["managedFields"]])
    told = [
        (change.field, change.live, change.wanted, change.manager)
        for change in fields_inside(made, "c.yaml", {"a": 1, "same": 0}, {"b": 2, "same": 0})
    ]
    assert told == [(".c.yaml.a", 1, None, "kubectl-edit"), (".c.yaml.b", None, 2, "kubectl-edit")]
    live = config("a: 1")
    assert fields_inside(Edit(live, live), "c.yaml", {"a": 1}, {"a": 1}) == []
