# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""While a kind is awaited: what should bring it, read from time to time, ends the wait when it has failed for good."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ..apply.unserved import Bringing
from ..kube.client import Client
from ..kube.errors import EngineError, KindNotServed
from ..kube.objects import Kind, Object, Reference
from ..readiness.state import Failed, Progressing, State
from ..waiting.grace import GracePeriod
from .bringers import BRINGERS, Bringer, Operand, group_of, verdict
from .causes import Causes

# What comes in this time needs no explanation, and no request for one.
FIRST_SECONDS = 5.0
LOOK_SECONDS = 10.0
READ_SECONDS = 5.0


@dataclass
class _Look:
    """What is known of the bringer of one group; `due` is when it is read again."""

    due: float
    grace: GracePeriod
    state: Failed | Progressing | None = None


class Bringers:
    """What brings the kinds that are awaited. All times are seconds of time.monotonic()."""

    def __init__(self, client: Client) -> None:
        """Read through `client`."""
        self._client = client
        self._looks: dict[str, _Look] = {}

    def of(self, group: str, now: float) -> Failed | Progressing | None:
        """Return how the kinds of `group` stand at `now`; Failed is final, None that there is nothing to say (yet)."""
        if group not in BRINGERS:
            return None
        look = self._looks.setdefault(group, _Look(now + FIRST_SECONDS, GracePeriod(now)))
        if now >= look.due:
            look.due = now + LOOK_SECONDS
            look.state = self._read(group, now + READ_SECONDS) or look.state
        if look.state is None:
            return None
        judged = look.grace.verdict(look.state, now)
        return Failed(judged.reason) if isinstance(judged, Failed) else Progressing(judged.reason)

    def of_kind(self, kind: Kind) -> Bringing:
        """Return what brings a kind now, in the words of an apply."""
        state = self.of(kind.group, time.monotonic())
        return Bringing(state.reason if state else "", failed=isinstance(state, Failed))

    def _read(self, group: str, deadline: float) -> Failed | Progressing | None:
        """Return the state by what brings the group, or by what brings that; None when it cannot be read."""
        bringer: Bringer = BRINGERS[group]
        try:
            found = bringer.find(self._client, deadline)
            state = verdict(bringer, found)
            if isinstance(bringer, Operand) and not any(each.answered for each in found):
                return self._unanswered(state, bringer.kind.group, deadline)
            return state
        except KindNotServed as error:
            said = f"{bringer.missing()}; {error}"
            below = self._read(error.kind.group, deadline) if error.kind.group != group else None
            return replace(below, reason=f"{said}: {below.reason}") if below else Progressing(said)
        except EngineError:
            return None

    def _unanswered(self, state: Failed | Progressing, group: str, deadline: float) -> Failed | Progressing:
        """Return the state of what nobody works on, or that of its operator when that never will."""
        below = self._read(group, deadline)
        return replace(below, reason=f"{state.reason}; {below.reason}") if isinstance(below, Failed) else state


class Explanations:
    """What is behind the states of awaited objects: what brings their kinds, or what their pods say."""

    def __init__(self, client: Client) -> None:
        """Read through `client`."""
        self._bringers = Bringers(client)
        self._causes = Causes(client)

    def add(self, who: Reference, obj: Object | None, state: State, now: float) -> State:
        """Return `state` with what explains it, Failed when that does not heal (`now`: seconds of time.monotonic()).

        A state that stays `unserved` is not explained (yet).
        """
        if not isinstance(state, Progressing):
            return state
        group = group_of(who)
        if not state.unserved and group == who.kind.group:
            return self._causes.add(obj, state, now)
        behind = self._bringers.of(group, now)
        if behind is None:
            return state
        said = f"{state.reason}; {behind.reason}"
        return Failed(said) if isinstance(behind, Failed) else Progressing(said)
