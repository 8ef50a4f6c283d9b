# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Changes of a YAML text that bring a node to another value, and touch nothing else of it: whole lines, in block style.

What is written can be undone to the last byte: a list or mapping that loses its last entry goes with its key when its
layout says that we added the key, and is what it was (`[]`, `{}`, null) otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..kube.yamltext import dump, flow
from .alignment import align, same
from .yaml_change import Change, Pair, applied, check_place, pairs_of
from .yaml_flow import Flow
from .yaml_tree import Alias, Tree, name_of

try:
    import yaml
except ImportError:  # yamltext's users report it
    yaml = None  # type: ignore[assignment]

# A key that has been null gets its entries further to the right than one that we add.
_ADDED: dict[type, int] = {dict: 2, list: 0}
_WAS_NULL: dict[type, int] = {dict: 4, list: 2}
_NULL = re.compile(r"~|null|Null|NULL")
_NULL_ASIDE = re.compile(r"( *)# (~|null|Null|NULL)(?=\s)")


class Block:
    """Finds the changes that one tree needs. Raises Uneditable."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._text = tree.text
        self._flow = Flow(tree)

    def changes(self, node: Any, there: Any, wanted: Any) -> Iterator[Change]:
        """Yield what makes `wanted` of a node whose value is `there`."""
        if same(there, wanted):
            return
        check_place(node)
        if isinstance(node, yaml.CollectionNode) and node.flow_style and _kind(wanted):
            yield from self._flow.changes(node, there, wanted)
        elif isinstance(node, yaml.MappingNode) and isinstance(wanted, dict):
            yield from self._mapping(node, there, wanted)
        elif isinstance(node, yaml.SequenceNode) and isinstance(wanted, list):
            yield from self._sequence(node, there, wanted)
        else:
            yield Change(node.start_mark.index, self._scalar_end(node), _inline(wanted))

    def _mapping(self, node: Any, there: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Change]:
        gone, column = [], node.value[0][0].start_mark.column
        for pair in pairs_of(node, there, wanted):
            name = name_of(pair.key)
            left = self._left(pair.value, there[name], wanted.get(name))
            if name not in wanted or self._goes_with_key(pair, there[name], left, column):
                gone.append(pair)
            else:
                yield from self._value(pair, there[name], left)
        yield from self._without(node, gone)
        added = {key: value for key, value in wanted.items() if key not in there}
        if added:
            place = node.end_mark.index if node is self._tree.root else self._tree.behind(node.value[-1][1], column)
            yield self.lines(place, self.block(added, column))

    def _value(self, pair: Pair, there: Any, wanted: Any) -> Iterator[Change]:
        """Yield the changes of the value of a key in block style."""
        node, kind = pair.value, _kind(wanted)
        if isinstance(node, Alias) or same(there, wanted):
            yield from self.changes(node, there, wanted)
        elif there is None and kind:
            yield from self._unset_aside(node)
            lines = self.block(wanted, pair.key.start_mark.column + _WAS_NULL[kind])
            yield self.lines(self._tree.line_end(self._end(pair)), lines)
        elif _is_block(node) and kind and not wanted:
            yield from self._emptied(pair)
        elif _is_block(node) and kind is not _kind(there):
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

    def _left(self, node: Any, there: Any, wanted: Any) -> Any:
        """Return what is wanted without the keys that we added and that hold nothing any more, at every depth."""
        if not (isinstance(node, yaml.MappingNode) and isinstance(wanted, dict)) or same(there, wanted):
            return wanted
        if node.flow_style:
            return self._flow.left(node, there, wanted)
        left, column = dict(wanted), self._column(node)
        for pair in pairs_of(node, there, wanted):
            name = name_of(pair.key)
            if name in wanted:
                left[name] = self._left(pair.value, there[name], wanted[name])
                if self._goes_with_key(pair, there[name], left[name], column):
                    del left[name]
        return left

    def _goes_with_key(self, pair: Pair, there: Any, wanted: Any, column: int) -> bool:
        """Say whether a list or mapping that loses all its entries has a key that we added."""
        node, kind = pair.value, _kind(wanted)
        if not kind or wanted or not there or not isinstance(node, yaml.CollectionNode):
            return False
        return self._flow.goes_with_key(node) if node.flow_style else self._column(node) == column + _ADDED[kind]

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
        """Return the insertion of lines before the line that begins at `place`."""
        return Change(place, place, lines + self._tree.newline)

    def _removed_lines(self, start: int, end: int) -> Change:
        return Change(start, self._tree.line_end(end), "")

    def _first(self, node: Any) -> int:
        entry = node.value[0]
        return int(entry[0].start_mark.index) if isinstance(node, yaml.MappingNode) else self._tree.dash(entry)

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


def _is_block(node: Any) -> bool:
    return isinstance(node, yaml.CollectionNode) and not node.flow_style


def _kind(value: Any) -> type | None:
    return next((kind for kind in (dict, list) if isinstance(value, kind)), None)


def _inline(value: Any) -> str:
    return flow(value) if isinstance(value, (dict, list)) else dump([value])[2:-1]
