"""Which item of a list became which: others' routes are changed where they stand, never written anew."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared import alertmanager
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alertmanager_check import parsed
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alignment import Kept, New, align
from ansible_collections.seldon.openshift.plugins.module_utils.shared.embedded import rewrite

OURS = {"receiver": "ours"}
A, B = {"receiver": "a", "x": 1}, {"receiver": "b", "x": 1}
IN_A, IN_B = {**A, "routes": [OURS]}, {**B, "routes": [OURS]}
NO_A, NO_B = {**A, "routes": []}, {**B, "routes": []}
UNNAMED, EMPTIED = {"match": {"x": "y"}, "routes": [OURS]}, {"match": {"x": "y"}, "routes": []}


@pytest.mark.parametrize(
    ("there", "wanted", "kept"),
    [
        ([OURS, IN_A], [NO_A], {1: 0}),
        ([IN_A, OURS], [NO_A], {0: 0}),
        ([OURS, IN_A, OURS, IN_B, OURS], [NO_A, NO_B], {1: 0, 3: 1}),
        ([OURS, IN_A, IN_A, B], [NO_A, NO_A, B], {1: 0, 2: 1, 3: 2}),
        ([OURS, IN_A, A], [NO_A, A], {1: 0, 2: 1}),
        ([OURS, {**IN_A, "x": 7}, NO_A], [{**NO_A, "x": 7}, NO_A], {1: 0, 2: 1}),
        ([OURS, UNNAMED], [EMPTIED], {1: 0}),
        ([OURS, {"routes": [OURS]}], [{"routes": []}], {1: 0}),
        ([{**OURS, "x": 1}, {"x": 1, "routes": [OURS, OURS]}], [{"x": 1, "routes": []}], {1: 0}),
        ([1, 2, 3], [1, 7, 3], {0: 0, 1: 1, 2: 2}),
        ([1, 2, 3], [1, 3], {0: 0, 2: 1}),
        ([True, 1], [1], {1: 0}),
        ([], [A], {}),
    ],
)
def test_the_same_have_most_in_common(there: list[Any], wanted: list[Any], kept: dict[int, int]) -> None:
    plan = align(there, wanted)
    assert plan.kept == [Kept(*pair) for pair in kept.items()]
    assert sorted([*kept, *plan.gone]) == [*range(len(there))]
    assert sorted([*kept.values(), *(new.wanted for new in plan.new)]) == [*range(len(wanted))]


@pytest.mark.parametrize(
    ("there", "wanted", "new"),
    [
        ([A, B, IN_A], [{**IN_A, "y": 1}, A, B], [New(0, None, moved=2)]),
        ([A, B], [B, {"receiver": "c"}], [New(1, 1)]),
        ([1, 2], [2, 3], [New(1, 1)]),
    ],
)
def test_only_what_is_alike_has_moved(there: list[Any], wanted: list[Any], new: list[New]) -> None:
    assert align(there, wanted).new == new


@pytest.mark.parametrize("item", ["- receiver: ours\n", "- receiver: ours # by hand\n    matchers: ['a = b']\n"])
@pytest.mark.parametrize("nested", ["routes: [receiver: ours]", "routes: [{receiver: ours}, {receiver: D}]"])
def test_a_receiver_that_goes_touches_no_route_of_others(item: str, nested: str) -> None:
    head = "receivers: [{name: D}, {name: ours}]\nroute:\n  receiver: D\n  routes:\n"
    theirs = [
        '  - receiver: "D" # mine\n    continue: yes\n    group_wait: 010s\n',
        "  - continue: y # no name\n",
    ]
    text = head + "".join(f"  {item}{each}    {nested}\n" for each in theirs)
    made = rewrite(text, alertmanager.without_receiver(parsed(text), "ours"), parsed)
    lines = iter(made.splitlines())
    assert all(line in lines for each in theirs for line in each.splitlines())
    assert "ours" not in made
