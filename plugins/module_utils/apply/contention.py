# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Conflicts of server-side apply: which fields, who holds them, and the object without some of them: pure functions.

The server names a field as structured-merge-diff prints its path: `.spec.containers[name="x"].image`. Names hold dots,
so a path is found by walking the trees of `managedFields`, not by reading it.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..kube.errors import ApiError
from ..kube.objects import Object, section
from .ownership import Fields, is_item, owned_fields

_MANAGER = re.compile(r'conflict with "((?:[^"\\]|\\.)*)"')
Steps = tuple[str, ...]


@dataclass(frozen=True)
class Conflict:
    """One field that `manager` holds with another value. field: its path as the server prints it."""

    field: str
    manager: str


def conflicts(error: ApiError) -> list[Conflict]:
    """Return what a 409 of server-side apply names."""
    found = []
    for cause in error.causes:
        if cause.get("reason") == "FieldManagerConflict":
            manager = _MANAGER.search(str(cause.get("message")))
            found.append(Conflict(str(cause.get("field")), manager[1] if manager else "unknown"))
    return found


def also_ours(conflict: Conflict, live: Object) -> bool:
    """Say whether our last apply wrote the value that `live` has there: then what is wanted has changed since."""
    return any(path == conflict.field for path, _steps in _paths(owned_fields(live) or {}))


def without(desired: Object, taken: Iterable[Conflict], live: Object) -> Object | None:
    """Return `desired` without the fields of `taken`; None when `live` does not tell where one of them is."""
    kept = copy.deepcopy(desired)
    known = dict(_held(live))
    for conflict in taken:
        steps = known.get(conflict.field)
        if steps is None:
            return None
        _remove(kept, steps)
    return kept


def at(conflict: Conflict, obj: Object, live: Object) -> Any:
    """Return the value that `obj` has at the field of `conflict`, None without one; `live` tells where that is."""
    value: Any = obj
    for step in dict(_held(live)).get(conflict.field, ()):
        value = _child(value, step)
    return value


def _held(live: Object) -> Iterator[tuple[str, Steps]]:
    for entry in section(live, "metadata").get("managedFields") or []:
        yield from _paths(entry.get("fieldsV1") or {})


def _paths(fields: Fields, path: str = "", steps: Steps = ()) -> Iterator[tuple[str, Steps]]:
    """Yield each path that the tree names, as the server prints it, with the keys that lead there."""
    for key, below in fields.items():
        if key != ".":
            here, through = path + _printed(key), (*steps, key)
            yield here, through
            yield from _paths(below, here, through)


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


def _child(value: Any, step: str) -> Any:
    if step.startswith("f:"):
        return value.get(step[2:]) if isinstance(value, dict) else None
    return next((item for item in value if is_item(item, step)), None) if isinstance(value, list) else None


def _remove(value: Any, steps: Steps) -> None:
    """Remove what `steps` lead to, and each mapping that it leaves empty."""
    step, rest = steps[0], steps[1:]
    child = _child(value, step)
    if child is None:
        return
    if rest:
        _remove(child, rest)
    if not rest or child == {}:
        if isinstance(value, dict):
            del value[step[2:]]
        else:
            value.remove(child)
