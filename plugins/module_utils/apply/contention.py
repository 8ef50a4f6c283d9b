# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Conflicts of server-side apply: which fields, who holds them, and the object without some of them: pure functions.

The server names a field as structured-merge-diff prints its path: `.spec.containers[name="x"].image`. Names hold dots,
so a path is found by walking the trees of `managedFields`, not by reading it.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ..kube.errors import ApiError
from ..kube.objects import Object, section
from . import steps as way
from .ownership import owned_fields
from .steps import Steps, paths

_MANAGER = re.compile(r'conflict with "((?:[^"\\]|\\.)*)"')


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
    return any(path == conflict.field for path, _steps in paths(owned_fields(live) or {}))


def without(desired: Object, taken: Iterable[Conflict], live: Object) -> Object | None:
    """Return `desired` without the fields of `taken`; None when `live` does not tell where one of them is."""
    kept = copy.deepcopy(desired)
    known = dict(_held(live))
    for conflict in taken:
        steps = known.get(conflict.field)
        if steps is None:
            return None
        way.remove(kept, steps)
    return kept


def at(conflict: Conflict, obj: Object, live: Object) -> Any:
    """Return the value that `obj` has at the field of `conflict`, None without one; `live` tells where that is."""
    return way.at(obj, dict(_held(live)).get(conflict.field, ()))


def _held(live: Object) -> Iterator[tuple[str, Steps]]:
    for entry in section(live, "metadata").get("managedFields") or []:
        yield from paths(entry.get("fieldsV1") or {})
