# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Changes of a YAML text that bring a node to another value, and touch nothing else of it: pure functions.

What is written can be undone to the last byte: a list or mapping that loses its last entry goes with its key when its
layout says that we added the key, and is what it was (`[]`, `{}`, null) otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..kube.yamltext import dump, flow
from .alignment import align, same
from .yaml_tree import Alias, Tree, is_merge, name_of

try:
    import yaml
except ImportError:  # yamltext's users report it
    yaml = None  # type: ignore[assignment]

# A key that has been null gets its entries further to the right than one that we add.
_ADDED, _WAS_NULL = {dict: 2, list: 0}, {dict: 4, list: 2}
_NULL = re.compile(r"~|null|Null|NULL")
# In flow style, spaces behind the bracket say so: one for a key that we add, more for the null that was there.
_NULLS = ("", "~", "null", "Null", "NULL")
_KEY_ADDED, _FIRST_NULL = 1, 2
_NULL_ASIDE = re.compile(r"( *)# (~|null|Null|NULL)(?=\s)")


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


@dataclass(frozen=True)
class Span:
    """Where an entry in flow style stands in the text."""

    start: int
    end: int


def applied(text: str, changes: Iterable[Change], start: int = 0) -> str:
    """Return a text with changes, whose positions count from `start` before it."""
    ordered = sorted(changes, key=lambda each: (each.start, each.end))
    for change in reversed(ordered):  # what comes first at one place is inserted last there
        text = text[: change.start - start] + change.text + text[change.end - start :]
    return text


class Editor:
    """Finds the changes that one tree needs. Raises Uneditable."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._text = tree.text

    def changes(self, node: Any, there: Any, wanted: Any) -> Iterator[Change]:
        """Yield what makes `wanted` of a node whose value is `there`."""
        if same(there, wanted):
            return
        if isinstance(node, Alias):
            raise Uneditable(f"line {node.start_mark.line + 1}: an alias stands where the change belongs")
        if isinstance(node, yaml.MappingNode) and isinstance(wanted, dict):
            yield from (self._flow_mapping if node.flow_style else self._mapping)(node, there, wanted)
        elif isinstance(node, yaml.SequenceNode) and isinstance(wanted, list):
            yield from (self._flow_sequence if node.flow_style else self._sequence)(node, there, wanted)
        else:
            yield Change(node.start_mark.index, self._scalar_end(node), _inline(wanted))

    # Block style: whole lines

    def _mapping(self, node: Any, there: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Change]:
        gone, column = [], node.value[0][0].start_mark.column
        for pair in _pairs(node, there, wanted):
            name = name_of(pair.key)
            if name not in wanted or self._goes_with_key(pair, there[name], wanted[name], column):
                gone.append(pair)
            else:
                yield from self._value(pair, there[name], wanted[name])
        yield from self._without(node, gone)
        added = {key: value for key, value in wanted.items() if key not in there}
        if added:
            place = node.end_mark.index if node is self._tree.root else self._tree.behind(node.value[-1][1], column)
            yield self.lines(place, self.block(added, column))

    def _value(self, pair: Pair, there: Any, wanted: Any) -> Iterator[Change]:
        """Yield the changes of the value of a key in block style."""
        node, kind = pair.value, type(wanted) if isinstance(wanted, (dict, list)) else None
        if isinstance(node, Alias) or same(there, wanted):
            yield from self.changes(node, there, wanted)
        elif there is None and kind:
            yield from self._unset_aside(node)
            lines = self.block(wanted, pair.key.start_mark.column + _WAS_NULL[kind])
            yield self.lines(self._tree.line_end(self._end(pair)), lines)
        elif _is_block(node) and kind and not wanted:
            yield from self._emptied(pair)
        elif _is_block(node) and not isinstance(there, kind or ()):
            yield Change(self._tree.after_colon(pair.key), self._tree.end(node), f" {_inline(wanted)}")
        elif there is None and node.start_mark.index == node.end_mark.index:
            yield Change(node.start_mark.index, node.start_mark.index, f" {_inline(wanted)}")
        else:
            yield from self.changes(node, there, wanted)

    def _unset_aside(self, node: Any) -> Iterator[Change]:
        """Yield the change that makes a comment of a null that is written out."""
        start, end = node.start_mark.index, self._tree.end(node)
        if _NULL.fullmatch(self._text, start, end):
            yield Change(start, start, "# ")
        elif start < end:
            yield Change(start, end, "")

    def _emptied(self, pair: Pair) -> Iterator[Change]:
        """Yield the changes that make null of a list or mapping."""
        aside = _NULL_ASIDE.match(self._text, self._tree.after_colon(pair.key))
        if aside:
            yield Change(aside.end(1), aside.start(2), "")
        start = self._tree.line_start(self._first(pair.value))
        yield self._removed_lines(start, self._tree.end(pair.value))

    def _without(self, node: Any, gone: list[Pair]) -> Iterator[Change]:
        if gone and not self._begins_line(gone[0].key):
            first = self._without_first(node, gone)
            yield first
            gone = [pair for pair in gone[1:] if pair.key.start_mark.index >= first.end]
        for pair in gone:
            yield self._removed_lines(self._tree.line_start(pair.key.start_mark.index), self._end(pair))

    def _without_first(self, node: Any, gone: list[Pair]) -> Change:
        """Return the change that takes out the first key of an item, behind its dash."""
        start, following = gone[0].key.start_mark.index, self._following(node, gone)
        if following == self._tree.end(node):
            return Change(start, following, "{}")
        if self._commented(node, gone):  # the dash stays alone in its line
            return Change(len(self._text[:start].rstrip(" ")), self._end(gone[0]), "")
        return Change(start, following, "")

    def _following(self, node: Any, gone: list[Pair]) -> int:
        """Return where the first key that stays begins; where the mapping ends when none does."""
        keys = [pair.key for pair in gone]
        return next((key.start_mark.index for key, _value in node.value if key not in keys), self._tree.end(node))

    def _commented(self, node: Any, gone: list[Pair]) -> bool:
        return "#" in self._text[self._end(gone[0]) : self._following(node, gone)]

    def _goes_with_key(self, pair: Pair, there: Any, wanted: Any, column: int) -> bool:
        """Say whether a list or mapping that loses all its entries has a key that we added."""
        node, kind = pair.value, type(wanted)
        if kind not in (dict, list) or wanted or not there or not isinstance(node, yaml.CollectionNode):
            return False
        if not node.flow_style:
            return self._column(node) == column + _ADDED[kind]
        return self._spaces(node) == _KEY_ADDED

    def _sequence(self, node: Any, there: list[Any], wanted: list[Any]) -> Iterator[Change]:
        items, column = node.value, self._column(node)
        plan = align(there, wanted)
        for item in (items[index] for index in plan.gone):
            yield self._removed_lines(self._tree.line_start(self._tree.dash(item)), self._item_end(item))
        for pair in plan.kept:
            yield from self.changes(items[pair.there], there[pair.there], wanted[pair.wanted])
        for new in plan.new:
            if new.follows is None:
                place = self._tree.above(self._tree.dash(items[0]))
            else:
                place = self._tree.behind(items[new.follows], column)
            if new.moved is None:
                lines = self.block([wanted[new.wanted]], column)
            else:
                lines = self._moved(items[new.moved], there[new.moved], wanted[new.wanted])
            yield self.lines(place, lines)

    def _moved(self, item: Any, there: Any, wanted: Any) -> str:
        """Return the lines of an item as they are wanted elsewhere in the same list."""
        start, end = self._tree.line_start(self._tree.dash(item)), self._tree.line_end(self._item_end(item))
        return applied(self._text[start:end], self.changes(item, there, wanted), start).rstrip("\r\n")

    def block(self, value: Any, column: int) -> str:
        """Return `value` in block style, indented, without the last line's end."""
        lines = dump(value, sort_keys=False).splitlines()
        return self._tree.newline.join(" " * column + line for line in lines)

    def lines(self, place: int, lines: str) -> Change:
        """Return the insertion of lines; a text without an end to its last line keeps that habit."""
        newline = self._tree.newline
        begins = place == 0 or self._tree.line_start(place) == place
        return Change(place, place, f"{lines}{newline}" if begins else f"{newline}{lines}")

    def _removed_lines(self, start: int, end: int) -> Change:
        end = self._tree.line_end(end)
        if start and end == len(self._text) and self._tree.line_start(end) != end:
            start -= 2 if self._text.endswith("\r\n", 0, start) else 1
        return Change(start, end, "")

    # Flow style: entries between brackets

    def _flow_mapping(self, node: Any, there: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Change]:
        gone, keys = [], [key for key, _value in node.value]
        for pair in _pairs(node, there, wanted):
            name = name_of(pair.key)
            if name not in wanted or self._goes_with_key(pair, there[name], wanted[name], 0):
                gone.append(keys.index(pair.key))
            else:
                yield from self._flow_value(pair.value, there[name], wanted[name])
        spans = [Span(key.start_mark.index, self._tree.end(value)) for key, value in node.value]
        yield from _flow_removed(spans, gone)
        added = [f"{flow(key)}: {_marked(wanted[key], _KEY_ADDED)}" for key in wanted if key not in there]
        if added:
            yield self._flow_added(node, spans, 0, added)

    def _flow_value(self, node: Any, there: Any, wanted: Any) -> Iterator[Change]:
        start, end = node.start_mark.index, self._tree.end(node)
        if same(there, wanted) or isinstance(node, Alias):
            yield from self.changes(node, there, wanted)
        elif isinstance(node, yaml.ScalarNode):
            was = self._text[start:end]
            text = _marked(wanted, _FIRST_NULL + _NULLS.index(was)) if was in _NULLS else flow(wanted)
            yield Change(start, end, text if was else f" {text}")
        elif not wanted and self._spaces(node) in range(_FIRST_NULL, _FIRST_NULL + len(_NULLS)):
            null = _NULLS[self._spaces(node) - _FIRST_NULL]
            yield Change(start if null else start - 1, end, null)
        else:
            yield from self.changes(node, there, wanted)

    def _flow_sequence(self, node: Any, there: list[Any], wanted: list[Any]) -> Iterator[Change]:
        items, plan = node.value, align(there, wanted)
        spans = [Span(item.start_mark.index, self._tree.end(item)) for item in items]
        yield from _flow_removed(spans, plan.gone)
        for pair in plan.kept:
            yield from self._flow_value(items[pair.there], there[pair.there], wanted[pair.wanted])
        for new in plan.new:
            if new.moved is None:
                text = flow(wanted[new.wanted])
            else:
                span = spans[new.moved]
                changes = self._flow_value(items[new.moved], there[new.moved], wanted[new.wanted])
                text = applied(self._text[span.start : span.end], changes, span.start)
            yield self._flow_added(node, spans, 0 if new.follows is None else new.follows + 1, [text])

    def _flow_added(self, node: Any, spans: list[Span], index: int, texts: list[str]) -> Change:
        text = ", ".join(texts)
        if index < len(spans):
            return Change(spans[index].start, spans[index].start, f"{text}, ")
        place = spans[-1].end if spans else self._bracket(node) + 1
        return Change(place, place, f", {text}" if spans else text)

    def _bracket(self, node: Any) -> int:
        """Return the position of the bracket that opens a collection: an anchor or a tag may be before it."""
        return min(each for each in map(self._text.find, "[{", [node.start_mark.index] * 2) if each >= 0)

    def _spaces(self, node: Any) -> int:
        """Return how many spaces are between the bracket and the first entry, 0 when there is anything else."""
        between = self._text[self._bracket(node) + 1 : self._first(node)]
        return 0 if between.strip(" ") else len(between)

    def _first(self, node: Any) -> int:
        entry = node.value[0]
        if isinstance(node, yaml.MappingNode):
            return int(entry[0].start_mark.index)
        return int(entry.start_mark.index) if node.flow_style else self._tree.dash(entry)

    def _column(self, node: Any) -> int:
        first = self._first(node)
        return first - self._tree.line_start(first)

    def _end(self, pair: Pair) -> int:
        return max(self._tree.end(pair.value), self._tree.after_colon(pair.key))

    def _item_end(self, item: Any) -> int:
        return max(self._tree.end(item), self._tree.dash(item) + 1)

    def _begins_line(self, key: Any) -> bool:
        start = key.start_mark.index
        return not self._text[self._tree.line_start(start) : start].strip()

    def _scalar_end(self, node: Any) -> int:
        """Return where the text of a scalar ends; the last line's end stays where the `|` block takes it in."""
        return len(self._text[: self._tree.end(node)].rstrip("\r\n"))


def _pairs(node: Any, there: dict[str, Any], wanted: dict[str, Any]) -> list[Pair]:
    """Return the pairs of a mapping that can change; what differs has to be in one pair of its own."""
    own = [Pair(key, value) for key, value in node.value if not is_merge(key)]
    names = [name_of(pair.key) for pair in own]
    for name, value in there.items():
        if names.count(name) != 1 and not (name in wanted and same(value, wanted[name])):
            how = "is given more than once" if name in names else "comes from elsewhere (<<)"
            raise Uneditable(f"line {node.start_mark.line + 1}: {name}, which would change, {how}")
    return [pair for pair, name in zip(own, names) if names.count(name) == 1]


def _flow_removed(spans: list[Span], gone: list[int]) -> Iterator[Change]:
    for first, last in _runs(gone):
        if last + 1 < len(spans):
            yield Change(spans[first].start, spans[last + 1].start, "")
        else:
            yield Change(spans[first - 1].end if first else spans[0].start, spans[last].end, "")


def _is_block(node: Any) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of numbers that follow each other."""
    first = None
    for index, number in enumerate(numbers):
        first = number if first is None else first
        if numbers[index + 1 : index + 2] != [number + 1]:
            yield first, number
            first = None


def _inline(value: Any) -> str:
    return flow(value) if isinstance(value, (dict, list)) else dump([value])[2:-1]


def _marked(value: Any, spaces: int) -> str:
    """Return a value in flow style, a list or mapping with as many spaces behind its bracket."""
    text = flow(value)
    return f"{text[0]}{' ' * spaces}{text[1:]}" if isinstance(value, (dict, list)) and value else text
