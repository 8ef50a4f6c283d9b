# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What one object says about itself: the three answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from ..kube.objects import Object, section


@dataclass(frozen=True)
class Ready:
    """The object serves; `reason` is what it says of itself, if anything.

    after: how many seconds this has to hold before a wait believes it (0: at once).
    """

    reason: str = ""
    after: float = 0


@dataclass(frozen=True)
class Progressing:
    """Not yet; `reason` is the best known explanation, in one line.

    unserved: the API server does not serve the kind, so that what brings the kind decides.
    """

    reason: str
    unserved: bool = False


@dataclass(frozen=True)
class Failed:
    """Not by itself any more; a wait gives up once this has held for `after` seconds (0: at once).

    recreate: no change mends it and no controller will work on it again; only deleting it and creating it again helps.
    """

    reason: str
    after: float = 0
    recreate: bool = False


State = Union[Ready, Progressing, Failed]


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
