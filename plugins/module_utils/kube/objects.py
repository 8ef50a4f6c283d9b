# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Objects of the API as plain mappings, and how their sections and conditions are read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]  # a Kubernetes object, or another JSON object
Objects = list[Object]


def section(obj: Mapping[str, Any], *path: str) -> Any:
    """Return the mapping at `path`, or an empty one when a step is missing or null."""
    here: Any = obj
    for step in path:
        here = here.get(step) or {}
    return here


def condition(obj: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return the condition of type `kind`, or an empty mapping."""
    return next((c for c in section(obj, "status").get("conditions") or [] if c.get("type") == kind), {})


def holds(obj: Mapping[str, Any], kind: str) -> bool:
    """Tell whether the condition of type `kind` is True."""
    return condition(obj, kind).get("status") == "True"


def told(found: Mapping[str, Any], fallback: str) -> str:
    """Return a condition's reason and message in one line, or `fallback` when it has neither."""
    reason, message = found.get("reason") or "", " ".join((found.get("message") or "").split())
    if reason and message and reason != message:
        return f"{reason}: {message}"
    return message or reason or fallback
