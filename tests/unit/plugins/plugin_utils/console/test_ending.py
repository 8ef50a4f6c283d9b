"""How a run ends."""

from __future__ import annotations

from ansible_collections.seldon.openshift.plugins.plugin_utils.console.ending import longest_wait, table
from ansible_collections.seldon.openshift.plugins.plugin_utils.stages import Stage

STAGES = [
    Stage("Check prerequisites", 0.5, 2),
    Stage("Install Kafka", 12.0, 3, 1, ["amq-streams"]),
    Stage("Install the service mesh", 48.0, 8, 4, ["a", "b", "a", "c", "d"]),
    Stage("never begun"),
]


def test_the_longest_stage_is_first_and_the_short_ones_are_one_row() -> None:
    lines = table(STAGES, {"Install Kafka": "created 1"}, 61.5, 100)
    assert lines == [
        f"Install the service mesh     48 s  {'█' * 20}",
        f"Install Kafka                12 s  {'█' * 5:20}  created 1",
        "1 more                      0.5 s  under a second each",
        "all                          62 s",
    ]
    assert table(STAGES[:1], {}, 0.5, 100) == []


def test_short_titles_leave_the_columns_in_line() -> None:
    lines = table([Stage("One", 2.0, 1), Stage("Two", 0.5, 1)], {}, 2.5, 100)
    assert [line.index(" s") for line in lines] == [len("1 more  ") + len("  2.0")] * 3


def test_no_row_is_wider_than_the_terminal() -> None:
    stages = [Stage("x" * 100, 12.0, 1)]
    assert all(len(line) <= 60 for line in table(stages, {"x" * 100: "created 12, changed 4"}, 12.0, 60))


def test_the_longest_wait_is_named_with_what_was_waited_for() -> None:
    assert longest_wait(STAGES) == "The longest wait: Install the service mesh, 48 s, for a, b, c and 1 more"
    assert longest_wait(STAGES[:1]) == ""
