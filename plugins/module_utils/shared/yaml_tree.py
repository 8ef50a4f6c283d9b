# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The first document of a YAML text, as nodes that know where in the text they are: what Go reads of several."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Any

from ..kube.yamltext import Loader

try:
    import yaml

    class Alias(yaml.Node):
        """A `*name`; `value` is the node that it stands for."""

        id = "alias"

    class _Positions(Loader):
        """Composes nodes, and notes where dashes and colons stand."""

        def __init__(self, text: str) -> None:
            super().__init__(text)
            self.dashes: list[int] = []
            self.colons: list[int] = []

        def fetch_block_entry(self) -> None:
            self.dashes.append(self.index)
            super().fetch_block_entry()

        def fetch_value(self) -> None:
            self.colons.append(self.index)
            super().fetch_value()

        def compose_node(self, parent: Any, index: Any) -> Any:
            event: Any = self.peek_event()  # type: ignore[no-untyped-call]
            if isinstance(event, yaml.AliasEvent):
                return Alias("", super().compose_node(parent, index), event.start_mark, event.end_mark)  # type: ignore[arg-type]
            self.anchors.pop(event.anchor, None)  # Go takes the last anchor of a name, PyYAML refuses a second one
            return super().compose_node(parent, index)

except ImportError:  # yamltext's users report it
    yaml = None  # type: ignore[assignment]
    Alias = _Positions = object  # type: ignore[assignment,misc]

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_COMMENT = re.compile(r"( *)#")


class Tree:
    """A text and its nodes. `root` is None when there is nothing but comments. Raises yaml.YAMLError."""

    def __init__(self, text: str) -> None:
        loader = _Positions(text)
        try:
            self.root: Any = loader.get_node() if loader.check_node() else None
        finally:
            loader.dispose()
        self.text = text
        self.newline = "\r\n" if "\r\n" in text else "\n"
        self._lines = [0, *(found.end() for found in _BREAK.finditer(text))]
        self._dashes, self._colons = loader.dashes, loader.colons

    def dash(self, item: Any) -> int:
        """Return the position of the dash of an item of a sequence in block style."""
        return self._dashes[bisect_left(self._dashes, item.start_mark.index) - 1]

    def after_colon(self, key: Any) -> int:
        """Return the position behind the colon that ends a key."""
        return self._colons[bisect_right(self._colons, key.end_mark.index - 1)] + 1

    def end(self, node: Any) -> int:
        """Return where a node's own text ends: comments and blank lines behind a block are not its own."""
        if isinstance(node, yaml.MappingNode) and not node.flow_style:
            return self.end(node.value[-1][1])
        if isinstance(node, yaml.SequenceNode) and not node.flow_style:
            return max(self.end(node.value[-1]), self.dash(node.value[-1]) + 1)
        return int(node.end_mark.index)

    def line_start(self, position: int) -> int:
        """Return where the line begins that `position` is in."""
        return self._lines[bisect_right(self._lines, position) - 1]

    def line_end(self, position: int) -> int:
        """Return where the next line begins; `position` itself when it begins one, as the end of a `|` block does."""
        index = bisect_left(self._lines, position)
        return self._lines[index] if index < len(self._lines) else len(self.text)

    def behind(self, node: Any, column: int) -> int:
        """Return the place for what follows a node in a block: behind its comments, those indented by more."""
        place = self.line_end(self.end(node))
        for line in self._lines[bisect_left(self._lines, place) :]:
            end = self.line_end(line + 1)
            comment = _COMMENT.match(self.text, line)
            if comment and len(comment[1]) > column:
                place = end
            elif self.text[line:end].strip():
                break
        return place

    def above(self, position: int) -> int:
        """Return the beginning of the line of `position`, or that of the comments and blank lines above it."""
        index = bisect_right(self._lines, position) - 1
        while index and self._is_space(self._lines[index - 1], self._lines[index]):
            index -= 1
        return self._lines[index]

    def _is_space(self, start: int, end: int) -> bool:
        return self.text[start:end].lstrip()[:1] in ("", "#")


def name_of(key: Any) -> str:
    """Return the text of a key. Raises ValueError for one that is a list or a mapping, as Go does."""
    node = key.value if isinstance(key, Alias) else key
    if not isinstance(node, yaml.ScalarNode):
        raise ValueError(f"line {key.start_mark.line + 1}: a list or a mapping is no key")
    return str(node.value)


def is_merge(key: Any) -> bool:
    """Say whether a key is the `<<` that merges another mapping into its own."""
    return isinstance(key, yaml.ScalarNode) and bool(key.tag == "tag:yaml.org,2002:merge")
