"""What a task changed, as lines for a person."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.changes import (
    CHANGED,
    CREATED,
    REMOVED,
    RESTARTED,
    Change,
    changes_of,
    lines_of,
    total,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.tally import Tally


def entry(action: str, kind: str = "ConfigMap", **more: Any) -> dict[str, Any]:
    return {"api_version": "v1", "kind": kind, "namespace": "ns", "name": "x", "action": action, **more}


def result(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"changed": True, "results": list(entries), **more}


@pytest.mark.parametrize(
    ("action", "sort"),
    [
        ("created", CREATED),
        ("recreated", CREATED),
        ("updated", CHANGED),
        ("completed", CHANGED),
        ("deleted", REMOVED),
        ("pruned", REMOVED),
    ],
)
def test_every_action_is_told(action: str, sort: str) -> None:
    assert changes_of(result(entry(action)), "Apply") == [Change(sort, "ConfigMap ns/x")]


def test_what_stays_as_it_is_is_not_told() -> None:
    found = changes_of(result(entry("unchanged"), entry("absent"), entry("created", "Secret")), "Apply")
    assert found == [Change(CREATED, "Secret ns/x")]
    assert changes_of({"changed": False, "results": [entry("created")]}, "Apply") == []


def test_a_task_that_names_no_object_stands_for_what_it_did() -> None:
    assert changes_of({"changed": True, "rc": 0}, "Run it") == [Change(CHANGED, "by 'Run it'")]


def test_what_modules_of_others_return_under_our_names_is_not_read() -> None:
    odd = {"changed": True, "results": 5, "operators": ["a"], "restarted": True}
    assert changes_of(odd, "Run it", ours=False) == [Change(CHANGED, "by 'Run it'")]
    assert changes_of({**odd, "changed": False}, "Run it", ours=False) == []


def test_the_items_of_a_loop_are_told_each() -> None:
    items = [{**result(entry("created", kind)), "ansible_loop_var": "item"} for kind in ("Secret", "Route")]
    found = changes_of({"changed": True, "results": items}, "Apply")
    assert [change.what for change in found] == ["Secret ns/x", "Route ns/x"]


def test_each_write_for_an_operator_is_told_and_that_for_others_too() -> None:
    actions = ["create Namespace ns", "create Subscription ns/kafka, channel stable"]
    operators = [{"name": "kafka", "namespace": "ns", "state": "requested", "actions": actions}]
    meanwhile = [{"name": "mesh", "namespace": "m", "actions": ["approve install plan p for mesh.v1"]}]
    assert changes_of({"changed": True, "operators": operators, "meanwhile": meanwhile}, "Install") == [
        Change(CREATED, "Namespace ns"),
        Change(CREATED, "Subscription ns/kafka, channel stable"),
        Change(CHANGED, "operator mesh: approve install plan p for mesh.v1"),
    ]


def test_a_restart_is_told() -> None:
    restarted = [{"api_version": "apps/v1", "kind": "Deployment", "namespace": "ns", "name": "x"}]
    (change,) = changes_of({"changed": True, "restarted": restarted}, "Restart")
    assert (change.sort, change.what) == (RESTARTED, "Deployment ns/x")


def test_fields_are_told_with_what_they_were_and_will_be() -> None:
    fields = [
        {"field": ".spec.replicas", "live": "1", "wanted": "3", "fate": "changed"},
        {"field": ".spec.paused", "live": "true", "wanted": None, "fate": "removed"},
        {"field": ".spec.size", "live": None, "wanted": "5" * 99, "fate": "added"},
        {"field": ".spec.mode", "live": "a", "wanted": "b", "fate": "left", "manager": "tuner"},
    ]
    (change,) = changes_of(result(entry("updated", fields=fields)), "Apply")
    assert lines_of(change, check=True, fields=True) == [
        "would change ConfigMap ns/x",
        "  .spec.replicas: 1 → 3",
        "  .spec.paused: true → none",
        f"  .spec.size: {'5' * 59}…",
        "  .spec.mode: stays a  (tuner holds it)",
    ]
    assert lines_of(change, check=False, fields=False) == ["changed ConfigMap ns/x"]


def test_a_new_object_is_told_with_its_content() -> None:
    after = "data:\n  password: (hidden)\nkind: Secret\n"
    diff = [{"before": "", "after": after, "before_header": "Secret ns/x", "after_header": "Secret ns/x"}]
    (change,) = changes_of(result(entry("created", "Secret"), diff=diff), "Write")
    assert lines_of(change, check=True, fields=True) == [
        "would create Secret ns/x",
        "  data:",
        "    password: (hidden)",
        "  kind: Secret",
    ]
    assert lines_of(change, check=True, fields=False) == ["would create Secret ns/x"]


def test_why_check_mode_could_not_try_is_not_told_of_each_object_and_why_one_was_made_again_is() -> None:
    created = Change(CREATED, "Secret ns/x", "namespace ns does not exist yet")
    assert lines_of(created, check=True, fields=False) == ["would create Secret ns/x"]
    again = Change(CREATED, "Job ns/x", "its template cannot be changed")
    assert lines_of(again, check=False, fields=False) == ["created Job ns/x: its template cannot be changed"]


def test_the_total_names_every_sort_once() -> None:
    changes = [Change(CREATED, "a"), Change(CREATED, "b"), Change(CHANGED, "c"), Change(REMOVED, "d")]
    assert total(changes, check=False) == "created 2, changed 1, removed 1"
    assert total(changes, check=True) == "would create 2, change 1, remove 1"
    assert total([], check=True) == ""


def test_in_check_mode_an_object_that_two_tasks_miss_counts_once() -> None:
    change = Change(CREATED, "Namespace ns")
    for check, again in ((True, []), (False, [change])):
        tally = Tally(check)
        assert tally.add("lab", "First", [change]) == [change]
        assert tally.add("lab", "Second", [change]) == again
        assert tally.add("edge", "Second", [change]) == [change]
        assert tally.stages["Second"] == [*again, change]


def test_a_stage_counts_its_own_changes_only_though_another_has_its_title() -> None:
    tally = Tally()
    for name in ("first", "second"):
        tally.begin()
        tally.add("lab", "Install", [Change(CREATED, name)])
        assert tally.current == [Change(CREATED, name)]
    assert len(tally.stages["Install"]) == 2
