# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Judging over time: a failure counts after its grace period, Ready after its stabilization window.

Pure: the caller gives the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional

from ..kube.objects import Object
from ..readiness.state import Failed, Progressing, Ready, State

# From an object (None: not there), its state and the time to the state with what is behind it.
Explain = Callable[[Optional[Object], State, float], State]


def unexplained(_obj: Object | None, state: State, _now: float) -> State:
    """Return the state unchanged."""
    return state


class GracePeriod:
    """What was seen of one object, and since when (all times are seconds of one monotonic clock)."""

    def __init__(self, now: float, stabilization: float = 0, exact: bool = False, unchanged: float = 0) -> None:
        """Begin at `now`; `stabilization` is how many seconds Ready must hold, `exact` whatever the state asks for.

        unchanged: for how many seconds the object has been as it is at first; they count for the window.
        """
        self._stabilization = stabilization
        self._unchanged = unchanged
        self._exact = exact
        self._since = now
        self._state: State | None = None

    def verdict(self, state: State, now: float) -> State:
        """Return what `state`, seen at `now`, means: Ready and Failed only when they are final."""
        if type(state) is not type(self._state):
            stood = self._unchanged if self._state is None and isinstance(state, Ready) else 0
            self._since = now - stood
        self._state = state
        held = now - self._since
        if isinstance(state, Failed) and held < state.after:
            return Progressing(state.reason)
        if isinstance(state, Ready) and held < self._window(state):
            so = f", {state.reason}" if state.after and state.reason else ""
            return Progressing(f"ready{so}, must stay so for {self._window(state):g} s")
        return state

    def due(self, now: float) -> float | None:
        """Return in how many seconds the same state would become final, or None when only a change can end the wait."""
        if isinstance(self._state, Failed):
            return max(0.0, self._since + self._state.after - now)
        if isinstance(self._state, Ready):
            return max(0.0, self._since + self._window(self._state) - now)
        return None

    def _window(self, state: Ready) -> float:
        return self._stabilization if self._exact else max(self._stabilization, state.after)
