# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""YAML kept as text inside an object, such as Alertmanager's configuration in a Secret: pure functions.

A change keeps comments and layout of what it does not touch. No message quotes the text: it may be secret.
"""

from __future__ import annotations

import re
from typing import Any

from ..kube.yamltext import load

try:
    import yaml

    class _Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

except ImportError:  # yamltext reports it
    yaml = None  # type: ignore[assignment]

Settings = dict[str, Any]

# Blank lines and comments after a block: they belong to what follows.
_TAIL = re.compile(r"(?:\n[ \t]*(?:#[^\n]*)?)+\Z")


class Unparsable(ValueError):
    """The text is no YAML mapping; the message says where and why, in the terms of YAML."""


def parse(text: str) -> Settings:
    """Return the mapping that `text` holds, empty for empty text. Raises Unparsable."""
    try:
        documents = load(text)
    except ValueError as error:
        raise Unparsable(_problem(error.__cause__)) from None
    if len(documents) > 1:
        raise Unparsable(f"it holds {len(documents)} YAML documents, and only the first would be read")
    content = documents[0] if documents else None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise Unparsable(f"line 1: it is a {type(content).__name__}, not a mapping")
    return content


def rewrite(text: str, wanted: Settings) -> str:
    """Return `text` changed so that it holds `wanted`, and `text` itself when it does.

    Only the top-level keys that differ are written anew; where the layout does not allow that (flow style, anchors),
    everything is. Raises Unparsable.
    """
    current = parse(text)
    if same(current, wanted):
        return text
    changed = [key for key in wanted if key not in current or not same(current[key], wanted[key])]
    gone = [key for key in current if key not in wanted]
    edited = _spliced(text, current, {key: wanted[key] for key in changed}, gone)
    try:
        if edited is not None and same(parse(edited), wanted):
            return edited
    except Unparsable:
        pass
    return _dump(wanted)


def same(one: Any, other: Any) -> bool:
    """Say whether two values are the same YAML (in Python, 1 equals True)."""
    return one is other or _dump(one, sort_keys=True) == _dump(other, sort_keys=True)


def _spliced(text: str, current: Settings, changed: Settings, gone: list[str]) -> str | None:
    """Return the text with blocks replaced, removed and added; None when its keys aren't blocks of their own."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if root else []
    blocks = {key.value: (key.start_mark.index, value.end_mark.index) for key, value in pairs}
    if len(pairs) != len(current) or blocks.keys() != current.keys():
        return None
    for key, (start, end) in reversed(blocks.items()):
        end = start + len(_TAIL.sub("", text[start:end]))
        if key in changed:
            text = text[:start] + _dump({key: changed[key]}).rstrip("\n") + text[end:]
        elif key in gone:
            text = text[:start] + text[end:].removeprefix("\n")
    added = {key: value for key, value in changed.items() if key not in blocks}
    if not added:
        return text
    return (text if text.endswith("\n") or not text else f"{text}\n") + _dump(added)


def _dump(value: Any, sort_keys: bool = False) -> str:
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=sort_keys, default_flow_style=False, allow_unicode=True, width=160
    )


def _problem(error: BaseException | None) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return "it holds characters or values that YAML does not allow"
