# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What one object says about itself: the three answers, and how conditions are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

Object = Mapping[str, Any]


@dataclass(frozen=True)
class Ready:
    """The object serves; `reason` is what it says of itself, if anything."""

    reason: str = ""


@dataclass(frozen=True)
class Progressing:
    """Not yet; `reason` is the best known explanation, in one line."""

    reason: str


@dataclass(frozen=True)
class Failed:
    """Not by itself any more; a wait gives up once this has held for `after` seconds (0: at once).

    lost: no change mends it and nobody will work on it again; only deleting it and creating it again helps.
    """

    reason: str
    after: float = 0
    lost: bool = False


State = Union[Ready, Progressing, Failed]


def section(obj: Object, *path: str) -> Any:
    """Return the mapping at `path`, or an empty one when a step is missing or null."""
    here: Any = obj
    for step in path:
        here = here.get(step) or {}
    return here


def condition(obj: Object, kind: str) -> dict[str, Any]:
    """Return the condition of type `kind`, or an empty mapping."""
    return next((c for c in section(obj, "status").get("conditions") or [] if c.get("type") == kind), {})


def holds(obj: Object, kind: str) -> bool:
    """Tell whether the condition of type `kind` is True."""
    return condition(obj, kind).get("status") == "True"


def told(found: Object, fallback: str) -> str:
    """Return a condition's reason and message in one line, or `fallback` when it has neither."""
    reason, message = found.get("reason") or "", " ".join((found.get("message") or "").split())
    if reason and message and reason != message:
        return f"{reason}: {message}"
    return message or reason or fallback


def stale(obj: Object, counted: bool = False) -> Progressing | None:
    """Return why the status does not speak of the current spec yet, or None when it does.

    counted: the kind always writes `status.observedGeneration`, so a status without it is a fresh, empty one.
    """
    status = section(obj, "status")
    if not status:
        return Progressing("no status yet")
    generation, observed = section(obj, "metadata").get("generation"), status.get("observedGeneration")
    if observed is None:
        return Progressing("the controller has not seen it yet") if counted else None
    if generation is None or observed >= generation:
        return None
    return Progressing(
        f"the controller has not seen the latest change yet (generation {generation}, observed {observed})"
    )
