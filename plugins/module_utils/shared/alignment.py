# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which items of a list are kept, gone and new in another one: pure functions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

# What names an item of a list: a receiver, and a route, which is to a receiver.
_IDENTITY = ("name", "receiver")
_ALIKE = 0.5


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


@dataclass(frozen=True)
class _Item:
    """An item as it is compared."""

    value: Any
    text: str
    leaves: Counter[str]


def align(there: Sequence[Any], wanted: Sequence[Any]) -> Plan:
    """Return how to make `wanted` of `there`: those that have most in common are the same one, changed or moved."""
    old, new, plan = [*map(_item, there)], [*map(_item, wanted)], Plan()
    start, wanted_start = 0, 0
    for pair in [*_pairs(old, new), Kept(len(old), len(new))]:
        gone, come = range(start, pair.there), range(wanted_start, pair.wanted)
        if len(gone) == len(come):
            plan.kept += map(Kept, gone, come)
        else:
            plan.gone += gone
            plan.new += [New(index, start - 1 if start else None) for index in come]
        plan.kept.append(pair)
        start, wanted_start = pair.there + 1, pair.wanted + 1
    plan.kept.pop()  # the ends of both lists
    plan.new = [*_moved(plan, old, new)]
    return plan


def same(one: Any, other: Any) -> bool:
    """Say whether two values are the same YAML (in Python, 1 equals True)."""
    return one is other or canonical(one) == canonical(other)


def canonical(value: Any) -> str:
    """Return a text that two values share exactly when they are the same YAML."""
    return json.dumps(value, sort_keys=True)


def _item(value: Any) -> _Item:
    return _Item(value, canonical(value), Counter(_leaves(value)))


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    """Yield the keys and scalars in a value, with their paths."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield f"{path}/{key}"
            yield from _leaves(each, f"{path}/{key}")
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, f"{path}/-")
    else:
        yield f"{path}={canonical(value)}"


def _likeness(one: _Item, other: _Item) -> float:
    """Return how much two items have in common, from 0 to 1 (the same); from 0.5 when they have one name."""
    if one.text == other.text:
        return 1
    named = 0.0
    if isinstance(one.value, dict) and isinstance(other.value, dict):
        for key in _IDENTITY:
            if not same(one.value.get(key), other.value.get(key)):
                return 0
            named = _ALIKE if key in one.value else named
    total = sum(one.leaves.values()) + sum(other.leaves.values())
    share = 2 * sum((one.leaves & other.leaves).values()) / total if total else 0
    return named + (1 - named) * share * 0.99  # order alone can make them differ


def _pairs(old: Sequence[_Item], new: Sequence[_Item]) -> list[Kept]:
    """Return which items are the same, in the order of both lists, so that they have the most in common in sum."""
    head = _same_at_start(old, new)
    tail = _same_at_start(old[head:][::-1], new[head:][::-1])
    pairs = [Kept(index, index) for index in range(head)]
    pairs += [
        Kept(head + pair.there, head + pair.wanted)
        for pair in _best(old[head : len(old) - tail], new[head : len(new) - tail])
    ]
    return pairs + [Kept(len(old) - left, len(new) - left) for left in range(tail, 0, -1)]


def _same_at_start(old: Sequence[_Item], new: Sequence[_Item]) -> int:
    return next((index for index, (a, b) in enumerate(zip(old, new)) if a.text != b.text), min(len(old), len(new)))


def _best(old: Sequence[_Item], new: Sequence[_Item]) -> list[Kept]:
    likeness = [[_likeness(one, other) for other in new] for one in old]
    sums = [[0.0] * (len(new) + 1) for _row in range(len(old) + 1)]  # from these items to the ends
    for row in reversed(range(len(old))):
        for column in reversed(range(len(new))):
            paired = likeness[row][column] + sums[row + 1][column + 1]
            sums[row][column] = max(paired, sums[row + 1][column], sums[row][column + 1])
    pairs, row, column = [], 0, 0
    while row < len(old) and column < len(new):
        if sums[row][column] == sums[row + 1][column]:
            row += 1
        elif sums[row][column] == sums[row][column + 1]:
            column += 1
        else:
            pairs.append(Kept(row, column))
            row, column = row + 1, column + 1
    return pairs


def _moved(plan: Plan, old: Sequence[_Item], new: Sequence[_Item]) -> Iterator[New]:
    left = list(plan.gone)
    for each in plan.new:
        origin = max(left, key=lambda index: _likeness(old[index], new[each.wanted]), default=None)
        if origin is None or _likeness(old[origin], new[each.wanted]) < _ALIKE:
            yield each
        else:
            left.remove(origin)
            yield New(each.wanted, each.follows, moved=origin)
