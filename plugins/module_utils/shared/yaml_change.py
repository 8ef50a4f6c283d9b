# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Changes of a text at positions of its YAML nodes: pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .alignment import same
from .yaml_tree import Alias, is_merge, name_of


class Uneditable(ValueError):
    """The text holds the value, but not at a place of its own; the message says where and why."""


@dataclass(frozen=True)
class Change:
    """New text for the characters from `start` to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Pair:
    """The nodes of a key and its value."""

    key: Any
    value: Any


def applied(text: str, changes: Iterable[Change], start: int = 0) -> str:
    """Return a text with changes, whose positions count from `start` before it."""
    ordered = sorted(changes, key=lambda each: (each.start, each.end))
    for change in reversed(ordered):  # what comes first at one place is inserted last there
        text = text[: change.start - start] + change.text + text[change.end - start :]
    return text


def check_place(node: Any) -> None:
    """Raise Uneditable for a node that only stands for another one."""
    if isinstance(node, Alias):
        raise Uneditable(f"line {node.start_mark.line + 1}: an alias stands where the change belongs")


def pairs_of(node: Any, there: dict[str, Any], wanted: dict[str, Any]) -> list[Pair]:
    """Return the pairs of a mapping that can change; what differs has to be in one pair of its own."""
    own = [Pair(key, value) for key, value in node.value if not is_merge(key)]
    names = [name_of(pair.key) for pair in own]
    for name, value in there.items():
        if names.count(name) != 1 and not (name in wanted and same(value, wanted[name])):
            how = "is given more than once" if name in names else "comes from elsewhere (<<)"
            raise Uneditable(f"line {node.start_mark.line + 1}: {name}, which would change, {how}")
    return [pair for pair, name in zip(own, names) if names.count(name) == 1]
