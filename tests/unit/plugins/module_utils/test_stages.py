"""The table that ends a run."""

from __future__ import annotations

from ansible_collections.seldon.openshift.plugins.module_utils.stages import Stage, awaited_in, table, title_of


def test_a_stage_is_a_room_of_a_role_or_the_play_itself() -> None:
    assert title_of("kafka", "/roles/kafka/tasks/wait.yml", "Seldon") == "kafka, awaited"
    assert title_of("kafka", "/roles/kafka/tasks/credentials.yml", "Seldon") == "kafka, credentials"
    assert title_of("kafka", "/playbooks/site.yml", "Seldon") == "arguments, checked"
    assert title_of(None, "/playbooks/site.yml", "Seldon") == "Seldon"


def test_what_was_waited_for_is_read_from_waits_and_operators_only() -> None:
    assert awaited_in({"resources": [{"name": "basic", "state": "ready"}]}) == ["basic"]
    assert awaited_in({"operators": [{"name": "amq-streams", "state": "installed"}]}) == ["amq-streams"]
    assert awaited_in({"resources": [{"kind": "Pod"}], "results": [{"name": "x", "state": "y"}]}) == []


def test_the_table_sums_up_and_names_what_was_waited_for() -> None:
    stages = [
        Stage("kafka, applied", 1.25, 3, 2),
        Stage("never, begun"),
        Stage("kafka, awaited", 60.0, 2, 0, ["a", "a", "b", "c", "d"]),
    ]
    assert table(stages) == [
        "stage            seconds  tasks  changed  waited for",
        "kafka, applied       1.2      3        2",
        "kafka, awaited      60.0      2        0  a, b, c and 1 more",
        "all                 61.2      5        2",
    ]
    assert table([]) == []
