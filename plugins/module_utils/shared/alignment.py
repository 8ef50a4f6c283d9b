# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which items of a list are kept, gone and new in another one: pure functions."""

from __future__ import annotations

import difflib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Kept:
    """An item that both lists have, changed perhaps."""

    there: int
    wanted: int


@dataclass(frozen=True)
class New:
    """An item of the wanted list: after which of those there it comes, and which of those there it was."""

    wanted: int
    follows: int | None
    moved: int | None = None


@dataclass
class Plan:
    """How to get from one list to the other, in terms of their indexes."""

    kept: list[Kept] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    new: list[New] = field(default_factory=list)


def align(there: Sequence[Any], wanted: Sequence[Any]) -> Plan:
    """Return how to make `wanted` of `there`. One item that goes and one that comes are the same one, moved."""
    plan = Plan()
    matcher = difflib.SequenceMatcher(None, [*map(canonical, there)], [*map(canonical, wanted)], autojunk=False)
    for operation, start, end, wanted_start, wanted_end in matcher.get_opcodes():
        if operation == "equal" or (operation == "replace" and end - start == wanted_end - wanted_start):
            plan.kept += [Kept(start + step, wanted_start + step) for step in range(end - start)]
        else:
            plan.gone += range(start, end)
            follows = start - 1 if start else None
            plan.new += [New(index, follows) for index in range(wanted_start, wanted_end)]
    if len(plan.gone) == len(plan.new) == 1:
        new = plan.new[0]
        plan.new = [New(new.wanted, new.follows, moved=plan.gone[0])]
    return plan


def same(one: Any, other: Any) -> bool:
    """Say whether two values are the same YAML (in Python, 1 equals True)."""
    return one is other or canonical(one) == canonical(other)


def canonical(value: Any) -> str:
    """Return a text that two values share exactly when they are the same YAML."""
    return json.dumps(value, sort_keys=True)
