# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""YAML kept as text inside an object, such as Alertmanager's configuration in a Secret: pure functions.

A change leaves every character alone that is not of what changes: values, quotes, comments, ends of lines. No message
quotes the text: it may be secret.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from .alignment import same
from .yaml_block import Block
from .yaml_change import Change, Uneditable, applied
from .yaml_tree import Tree
from .yaml_values import Values

try:
    import yaml
except ImportError:  # yamltext's users report it
    yaml = None  # type: ignore[assignment]

__all__ = ["Settings", "Uneditable", "Unparsable", "parse", "parse_texts", "rewrite"]

Settings = dict[str, Any]
_BOM = "\ufeff"


class Unparsable(ValueError):
    """The text is no YAML mapping; the message says where and why, in the terms of YAML."""


def parse(text: str) -> Settings:
    """Return the mapping that `text` holds, empty for empty text. Raises Unparsable."""
    return _mapping(_tree(text), texts=False)


def parse_texts(text: str) -> Settings:
    """Return the same, numbers and booleans as the texts that they are (`Plain`), for readers of typed fields.

    They refuse a key that is given more than once. Raises Unparsable.
    """
    return _mapping(_tree(text), texts=True)


def rewrite(text: str, wanted: Settings, read: Callable[[str], Settings] = parse) -> str:
    """Return `text` changed so that `read` makes `wanted` of it, and `text` itself when it does so already.

    A list or mapping without entries is the same as none: its key may be left out. Raises Unparsable, and Uneditable
    where one place of the text stands for several.
    """
    bom = _BOM if text.startswith(_BOM) else ""
    body = text[len(bom) :]
    there = read(body)
    if _alike(there, wanted):
        return text
    end = _missing_end(body)
    edited = applied(body + end, _changes(_tree(body + end), there, wanted)).removesuffix(end)
    if not _says(edited, wanted, read):
        raise Uneditable("its layout (anchors, merges, or a last line without an end) does not allow the change")
    return bom + edited


def _missing_end(body: str) -> str:
    """Return what ends the last line of a text that leaves it open."""
    if not body or body.endswith(("\n", "\r")):
        return ""
    return "\r\n" if "\r\n" in body else "\n"


def _changes(tree: Tree, there: Settings, wanted: Settings) -> list[Change]:
    block, root = Block(tree), tree.root
    if there or isinstance(root, yaml.MappingNode):
        return [*block.changes(root, there, wanted)]
    place = len(tree.text) if root is None else tree.line_end(root.end_mark.index)
    return [block.lines(place, block.block(wanted, 0))]


def _says(text: str, wanted: Settings, read: Callable[[str], Settings]) -> bool:
    try:
        return _alike(read(text), wanted)
    except Unparsable:
        return False


def _alike(one: Settings, other: Settings) -> bool:
    return same(_filled(one), _filled(other))


def _filled(value: Any) -> Any:
    """Return a value without keys that hold nothing."""
    if isinstance(value, dict):
        filled = {key: _filled(each) for key, each in value.items()}
        return {key: each for key, each in filled.items() if each is not None} or None
    if isinstance(value, list):
        return [_filled(each) for each in value] or None
    return value


@functools.lru_cache(maxsize=4)  # an edit reads each text several times
def _tree(text: str) -> Tree:
    try:
        return Tree(text)
    except yaml.YAMLError as error:
        raise Unparsable(_problem(error)) from None


def _mapping(tree: Tree, texts: bool) -> Settings:
    try:
        content = Values(texts).of(tree.root) if tree.root else None
    except ValueError as error:
        raise Unparsable(str(error)) from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        kind = "str" if isinstance(content, str) else type(content).__name__
        raise Unparsable(f"line 1: it is a {kind}, not a mapping")
    return content


def _problem(error: BaseException) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return "it holds characters or values that YAML does not allow"
