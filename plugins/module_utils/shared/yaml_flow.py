# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Changes within brackets: what is written there is JSON, in which strings stay strings.

Spaces behind the bracket of a list or mapping say what is to be when it loses all entries again: one that its key goes,
too, because we added it; more that it was null, and how that was written.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..kube.yamltext import flow
from .alignment import align, same
from .yaml_change import Change, applied, check_place, pairs_of
from .yaml_tree import Tree, name_of

try:
    import yaml
except ImportError:  # yamltext's users report it
    yaml = None  # type: ignore[assignment]

_NULLS = ("", "~", "null", "Null", "NULL")
_KEY_ADDED, _FIRST_NULL = 1, 2


@dataclass(frozen=True)
class Span:
    """Where an entry stands in the text."""

    start: int
    end: int


class Flow:
    """Finds the changes of values in flow style. Raises Uneditable."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._text = tree.text

    def changes(self, node: Any, there: Any, wanted: Any) -> Iterator[Change]:
        """Yield what makes `wanted` of a node whose value is `there`."""
        if same(there, wanted):
            return
        check_place(node)
        start, end = node.start_mark.index, self._tree.end(node)
        if there and not wanted and (null := self._was_null(node)) is not None:
            yield Change(start if null else start - 1, end, null)
        elif isinstance(node, yaml.MappingNode) and isinstance(wanted, dict):
            yield from self._mapping(node, there, wanted)
        elif isinstance(node, yaml.SequenceNode) and isinstance(wanted, list):
            yield from self._sequence(node, there, wanted)
        else:
            was = self._text[start:end]
            text = _marked(wanted, _FIRST_NULL + _NULLS.index(was)) if was in _NULLS else flow(wanted)
            yield Change(start, end, text if was else f" {text}")

    def left(self, node: Any, there: Any, wanted: Any) -> Any:
        """Return what is wanted without the keys that we added and that hold nothing any more, at every depth."""
        if not (isinstance(node, yaml.MappingNode) and isinstance(wanted, dict)) or same(there, wanted):
            return wanted
        left = dict(wanted)
        for pair in pairs_of(node, there, wanted):
            name = name_of(pair.key)
            if name in wanted:
                left[name] = self.left(pair.value, there[name], wanted[name])
                if there[name] and left[name] in ([], {}) and self.goes_with_key(pair.value):
                    del left[name]
        return left

    def goes_with_key(self, node: Any) -> bool:
        """Say whether a list or mapping with entries has a key that we added."""
        return self._spaces(node) == _KEY_ADDED

    def _was_null(self, node: Any) -> str | None:
        """Return the null that stood where a list or mapping with entries is, None when none did."""
        spaces = self._spaces(node)
        return _NULLS[spaces - _FIRST_NULL] if _FIRST_NULL <= spaces < _FIRST_NULL + len(_NULLS) else None

    def _mapping(self, node: Any, there: dict[str, Any], wanted: dict[str, Any]) -> Iterator[Change]:
        gone, keys, left = [], [key for key, _value in node.value], self.left(node, there, wanted)
        for pair in pairs_of(node, there, wanted):
            name = name_of(pair.key)
            if name not in left:
                gone.append(keys.index(pair.key))
            else:
                yield from self.changes(pair.value, there[name], left[name])
        spans = [Span(key.start_mark.index, self._tree.end(value)) for key, value in node.value]
        yield from _removed(spans, gone)
        added = [f"{flow(key)}: {_marked(wanted[key], _KEY_ADDED)}" for key in wanted if key not in there]
        if added:
            yield self._added(node, spans, 0, added)

    def _sequence(self, node: Any, there: list[Any], wanted: list[Any]) -> Iterator[Change]:
        items, plan = node.value, align(there, wanted)
        spans = [Span(item.start_mark.index, self._tree.end(item)) for item in items]
        yield from _removed(spans, plan.gone)
        for pair in plan.kept:
            yield from self.changes(items[pair.there], there[pair.there], wanted[pair.wanted])
        for new in plan.new:
            if new.moved is None:
                text = flow(wanted[new.wanted])
            else:
                span = spans[new.moved]
                changes = self.changes(items[new.moved], there[new.moved], wanted[new.wanted])
                text = applied(self._text[span.start : span.end], changes, span.start)
            yield self._added(node, spans, 0 if new.follows is None else new.follows + 1, [text])

    def _added(self, node: Any, spans: list[Span], index: int, texts: list[str]) -> Change:
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
        if not isinstance(node, yaml.CollectionNode) or not node.flow_style:
            return 0
        first = node.value[0][0] if isinstance(node, yaml.MappingNode) else node.value[0]
        between = self._text[self._bracket(node) + 1 : first.start_mark.index]
        return 0 if between.strip(" ") else len(between)


def _removed(spans: list[Span], gone: list[int]) -> Iterator[Change]:
    for first, last in _runs(gone):
        if last + 1 < len(spans):
            yield Change(spans[first].start, spans[last + 1].start, "")
        else:
            yield Change(spans[first - 1].end if first else spans[0].start, spans[last].end, "")


def _runs(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last of each run of numbers that follow each other."""
    first = None
    for index, number in enumerate(numbers):
        first = number if first is None else first
        if numbers[index + 1 : index + 2] != [number + 1]:
            yield first, number
            first = None


def _marked(value: Any, spaces: int) -> str:
    """Return a value in flow style, a list or mapping with as many spaces behind its bracket; so are those in it."""
    if isinstance(value, dict) and value:
        entries = ", ".join(f"{flow(key)}: {_marked(each, _KEY_ADDED)}" for key, each in value.items())
        return f"{{{' ' * spaces}{entries}}}"
    text = flow(value)
    return f"[{' ' * spaces}{text[1:]}" if isinstance(value, list) and value else text
