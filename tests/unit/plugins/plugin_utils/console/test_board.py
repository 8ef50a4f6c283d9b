"""The lines at the bottom of a terminal: whom a run waits for."""

from __future__ import annotations

from ansible_collections.seldon.openshift.plugins.plugin_utils.console.board import Board, duration
from ansible_collections.seldon.openshift.plugins.plugin_utils.widths import cut


def told(*lines: str) -> Board:
    board = Board("Install Kafka", 100.0)
    for line in lines:
        board.tell(line, 102.0)
    return board


def test_a_row_tells_who_is_in_which_state_since_when() -> None:
    board = told("  Kafka seldon-kafka/seldon: 2 of 3 brokers are ready (4 s)")
    board.tell("  Kafka seldon-kafka/seldon: 1 of 3 brokers is ready: image is pulled (1 min 5 s)", 105.0)
    head, row = board.lines(80, 24, 112.0)
    assert head[2:] == "Install Kafka  12 s"
    assert row == "  Kafka seldon-kafka/seldon     10 s  1 of 3 brokers is ready: image is pulled"


def test_an_operator_is_told_by_its_package_with_its_host() -> None:
    board = told("  [east] operator amq-streams in seldon-operator-kafka: OLM is resolving it (0 s)")
    assert board.lines(80, 24, 103.0)[1] == "  [east] amq-streams    1.0 s  OLM is resolving it"


def test_who_is_ready_leaves_and_who_must_stay_so_does_not() -> None:
    board = told(
        "  ArgoCD a/b: ready, must stay so for 3 s (0 s)",
        "  Kafka c/d: not ready (0 s)",
        "  Kafka c/d: ready (9 s)",
        "  operator kiali-ossm in e: OLM is resolving it (0 s)",
        "  operator kiali-ossm in e: kiali-operator.v1.57.3 installed (9 s)",
        "  still waiting for ArgoCD a/b (ready) (60 s)",
    )
    assert [line.split()[1] for line in board.lines(80, 24, 103.0)[1:]] == ["a/b"]


def test_no_line_is_wider_than_the_terminal_nor_are_there_more_than_it_has_rows() -> None:
    board = told(*(f"  Deployment seldon/number-{number}: {'not ready ' * 20}(0 s)" for number in range(40)))
    for columns, rows in ((80, 24), (160, 50), (20, 5), (80, 2), (80, 1)):
        lines = board.lines(columns, rows, 103.0)
        assert max(map(len, lines)) < columns
        assert len(lines) <= max(rows - 1, 1)
    assert board.lines(80, 10, 103.0)[-1] == "  and 33 more"


def test_what_is_no_state_of_anybody_is_no_row() -> None:
    assert told("  reading 12 kinds").lines(80, 24, 101.0)[1:] == []


def test_durations_and_cuts() -> None:
    assert [duration(seconds) for seconds in (0.04, 9.96, 75.4, 599, 754)] == [
        "0.0 s",
        "10.0 s",
        "75 s",
        "599 s",
        "13 min",
    ]
    assert [cut("abcdef", width) for width in (6, 5, 1)] == ["abcdef", "abcd…", "…"]
