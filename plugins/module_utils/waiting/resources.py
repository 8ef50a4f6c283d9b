# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Waiting for many objects at once, each judged by the rule of its kind or by a condition that the caller names."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Optional

from ..kube.client import Client
from ..kube.errors import KindNotServed
from ..kube.objects import Object, Reference
from ..kube.polling import Progress
from ..readiness.generic import wanted_condition
from ..readiness.registry import assess, rule_for
from ..readiness.state import Failed, Progressing, Ready, State
from ..readiness.written import unchanged_for, utc_now
from .grace import GracePeriod
from .informer import Informer, Source
from .progress import ProgressLog

FIRST_LOOK_SECONDS = 15.0
# What explains a state changes without the object.
LOOK_AGAIN_SECONDS = 5.0

# From who is awaited, the object (None: not there), its state and the time to the state with what is behind it.
ExplainTarget = Callable[[Reference, Optional[Object], State, float], State]


@dataclass(frozen=True)
class Target:
    """One object to wait for.

    condition: {type, status, reason} to wait for instead of the rule of the kind.
    options: the rule's own options (members ...).
    stabilization: seconds that Ready must hold; None: what the rule of the kind says.
    timeout: seconds to wait for this one; None: as long as for all.
    """

    reference: Reference
    condition: Mapping[str, Any] | None = field(default=None, hash=False)
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    stabilization: float | None = None
    timeout: float | None = None

    @property
    def source(self) -> Source:
        """Return the collection that holds it; cluster-wide objects are followed alone, they have many neighbours."""
        here = self.reference
        return Source(here.kind, here.namespace, None if here.namespace else here.name)

    @property
    def related(self) -> Source | None:
        """Return the collection that the rule of its kind needs beside it."""
        related = None if self.condition else rule_for(self.reference.kind).related
        return Source(related, self.reference.namespace) if related else None

    def grace_period(self, now: float, unchanged: float) -> GracePeriod:
        """Return the judge of its states over time, from `now` on (seconds of a monotonic clock).

        unchanged: for how many seconds the object has been as it is.
        """
        if self.stabilization is not None:
            return GracePeriod(now, self.stabilization, exact=True, unchanged=unchanged)
        window = 0 if self.condition else rule_for(self.reference.kind).stabilization
        return GracePeriod(now, window, unchanged=unchanged)


@dataclass(frozen=True)
class Awaited:
    """How the wait for one object ended: its last state, the object as it was seen last, whether its time was over."""

    target: Target
    state: State
    obj: Object | None
    overdue: bool = False


def unexplained(_who: Reference, _obj: Object | None, state: State, _now: float) -> State:
    """Return the state unchanged."""
    return state


def wait_for(
    client: Client,
    targets: Sequence[Target],
    deadline: float,
    progress: Progress,
    explain: ExplainTarget = unexplained,
) -> list[Awaited]:
    """Wait until all `targets` are ready, one has failed for good, or the time of one is over.

    `deadline` is in seconds of `time.monotonic()`; a target's own timeout counts from now and ends no later.
    `explain` adds to a state what the object itself does not tell. A deadline that is over means: look once.
    Raises EngineError when nothing can be read at all: no connection, no right to read.
    """
    started = time.monotonic()
    log = ProgressLog(progress, started)
    sources = [s for target in targets for s in (target.source, target.related) if s]
    with Informer(client, sources, max(deadline, started + FIRST_LOOK_SECONDS)) as informer:
        informer.settle()
        due_at = {t: min(deadline, started + t.timeout) if t.timeout is not None else deadline for t in targets}
        grace = {each: each.grace_period(started, unchanged_for(seen(each, informer), utc_now())) for each in targets}
        while True:
            informer.check()
            now = time.monotonic()
            states = {
                t: grace[t].verdict(explain(t.reference, seen(t, informer), judge(t, informer), now), now)
                for t in targets
            }
            for name, state in _told(states).items():
                log.tell(name, said(state), now, final=isinstance(state, Ready))
            waiting = [t for t, state in states.items() if isinstance(state, Progressing)]
            overdue = {t for t in waiting if now >= due_at[t]}
            if not waiting or overdue or any(isinstance(state, Failed) for state in states.values()):
                return [Awaited(t, state, seen(t, informer), t in overdue) for t, state in states.items()]
            log.remind([str(t.reference) for t in waiting], now)
            due = [seconds for t in waiting if (seconds := grace[t].due(now)) is not None]
            informer.wait(min(*(due_at[t] - now for t in waiting), log.quiet_for(now), LOOK_AGAIN_SECONDS, *due))


def _told(states: Mapping[Target, State]) -> dict[str, State]:
    """Return the state of each object; of one that is awaited twice, that which is not ready."""
    told: dict[str, State] = {}
    for target, state in states.items():
        if isinstance(told.get(str(target.reference), Ready()), Ready):
            told[str(target.reference)] = state
    return told


def judge(target: Target, informer: Informer) -> State:
    """Return the state of one target from what the informer holds now."""
    for source in filter(None, (target.source, target.related)):
        trouble, known = informer.trouble(source), informer.objects(source)
        if isinstance(trouble, KindNotServed):
            return Progressing(f"{trouble.message} yet", unserved=True)
        if trouble is not None:
            return Progressing(str(trouble))
        if known is None:
            return Progressing("not read yet")
    obj = seen(target, informer)
    if obj is None:
        return Progressing("does not exist yet")
    if target.condition:
        return wanted_condition(
            obj, target.condition["type"], target.condition.get("status") or "True", target.condition.get("reason")
        )
    return assess(obj, target.options, (informer.objects(target.related) or []) if target.related else ())


def seen(target: Target, informer: Informer) -> Object | None:
    """Return the target as the informer holds it."""
    objects = informer.objects(target.source) or []
    return next((obj for obj in objects if obj["metadata"]["name"] == target.reference.name), None)


def said(state: State) -> str:
    """Return a state in one line."""
    if isinstance(state, Ready):
        return f"ready, {state.reason}" if state.reason else "ready"
    return f"failed, {state.reason}" if isinstance(state, Failed) else state.reason
