# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The way to a part of an object, as the keys of `managedFields` that lead there: pure functions.

`f:NAME` is a key of a mapping, `k:{JSON}` the item of a list with these keys, `v:JSON` the item of a set.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from .ownership import Fields, is_item

Steps = tuple[str, ...]


def paths(fields: Fields, path: str = "", steps: Steps = ()) -> Iterator[tuple[str, Steps]]:
    """Yield each path that the tree names, as the server prints it in a conflict, with the steps that lead there."""
    for key, below in fields.items():
        if key != ".":
            here, through = path + _printed(key), (*steps, key)
            yield here, through
            yield from paths(below, here, through)


def has(value: Any, step: str) -> bool:
    """Say whether a mapping holds the key, or a list the item, to which `step` leads; the item may omit defaults."""
    if isinstance(value, dict):
        return step.startswith("f:") and step[2:] in value
    return isinstance(value, list) and any(is_item(item, step, lenient=True) for item in value)


def child(value: Any, step: str) -> Any:
    """Return what `step` leads to, None without it."""
    if step.startswith("f:"):
        return value.get(step[2:]) if isinstance(value, dict) else None
    return next((item for item in value if is_item(item, step)), None) if isinstance(value, list) else None


def at(value: Any, steps: Steps) -> Any:
    """Return what `steps` lead to, None without it."""
    for step in steps:
        value = child(value, step)
    return value


def remove(value: Any, steps: Steps) -> None:
    """Remove what `steps` lead to, and each mapping that it leaves empty."""
    step, rest = steps[0], steps[1:]
    found = child(value, step)
    if found is None:
        return
    if rest:
        remove(found, rest)
    if not rest or found == {}:
        if isinstance(value, dict):
            del value[step[2:]]
        else:
            value.remove(found)


def put(value: Any, steps: Steps, new: Any) -> None:
    """Put a copy of `new` to where `steps` lead, with the mappings, lists and items that lead there."""
    step, rest = steps[0], steps[1:]
    found = child(value, step)
    if rest and not isinstance(found, (dict, list)):
        found = _bare(step, rest[0])
    if rest:
        put(found, rest, new)
    else:
        found = copy.deepcopy(new)
    if isinstance(value, dict):
        value[step[2:]] = found
    else:
        index = next((i for i, item in enumerate(value) if is_item(item, step)), len(value))
        value[index : index + 1] = [found]


def tokens(steps: Steps, value: Any) -> list[str | int]:
    """Return the keys and indices that lead through `value`. Raises LookupError where it has no such part."""
    found: list[str | int] = []
    for step in steps:
        if step.startswith("f:"):
            found.append(step[2:])
        else:
            found.append(next((i for i, item in enumerate(value or []) if is_item(item, step)), -1))
        if child(value, step) is None:
            raise LookupError(step)
        value = child(value, step)
    return found


def pointer(way: list[str | int]) -> str:
    """Return keys and indices as a JSON pointer (RFC 6901)."""
    return "".join(f"/{str(each).replace('~', '~0').replace('/', '~1')}" for each in way)


def _bare(step: str, following: str) -> Any:
    """Return what stands at `step` before anything is put to `following` below it."""
    if step.startswith("k:"):
        return json.loads(step[2:])
    return {} if following.startswith("f:") else []


def _printed(key: str) -> str:
    kind, _sep, text = key.partition(":")
    if kind == "f":
        return f".{text}"
    if kind == "k":
        parts = json.loads(text)
        return f"[{','.join(f'{name}={_literal(parts[name])}' for name in sorted(parts))}]"
    return f"[={_literal(json.loads(text))}]" if kind == "v" else f"[{text}]"


def _literal(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
