# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""While something is awaited: what its pods say, so that a wait names the reason and ends when that cannot heal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..kube.client import Client
from ..kube.objects import Object
from ..readiness.state import Failed, Progressing, State
from .evidence import Evidence, troubles
from .gather import evidence
from .pods import Restarts, restarts

# What starts in this time needs no explanation, and no request for one.
FIRST_SECONDS = 10.0
LOOK_SECONDS = 15.0
READ_SECONDS = 5.0


@dataclass
class _Look:
    """What is known of one namespace; `due` is when it is read again."""

    due: float
    seen: Evidence = field(default_factory=Evidence)


class Causes:
    """The causes behind objects that are not ready, read anew from time to time for each namespace.

    All times are seconds of time.monotonic().
    """

    def __init__(self, client: Client) -> None:
        """Read through `client`."""
        self._client = client
        self._looks: dict[str, _Look] = {}
        self._before: dict[tuple[str, str], int] = {}

    def add(self, obj: Object | None, state: State, now: float) -> State:
        """Return `state` with what keeps the pods of `obj` from running; Failed when that does not heal by itself."""
        namespace = obj["metadata"].get("namespace") if obj else None
        if obj is None or namespace is None or not isinstance(state, Progressing):
            return state
        found = cause(obj, self._seen(namespace, now), self._before)
        if found is None:
            return state
        said = f"{state.reason.rstrip('.')}; {found.reason}"
        return Failed(said, after=found.after) if isinstance(found, Failed) else Progressing(said)

    def _seen(self, namespace: str, now: float) -> Evidence:
        look = self._looks.setdefault(namespace, _Look(now + FIRST_SECONDS))
        if now >= look.due:
            look.seen = evidence(self._client, namespace, now + READ_SECONDS)
            look.due = now + LOOK_SECONDS * len(self._looks)
            self._before = {**restarts(look.seen.pods), **self._before}
        return look.seen


def cause(obj: Object, seen: Evidence, before: Restarts) -> Failed | Progressing | None:
    """Return the worst trouble of what `obj` owns, or None; what others have in its namespace does not count."""
    # Who ends may only lack what is still on its way.
    starting = any(pod.get("status", {}).get("phase") == "Pending" for pod in seen.pods)
    found = list(troubles(obj, seen, None if starting else before))
    return _first(found, Failed) or _first(found, Progressing)


def _first(found: Iterable[Failed | Progressing], kind: type) -> Failed | Progressing | None:
    return next((trouble for trouble in found if isinstance(trouble, kind)), None)
