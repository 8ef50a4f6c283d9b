# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Progress lines: who, what, how long. One line when something moves, and a sign of life when nothing does."""

from __future__ import annotations

from ..kube.polling import Progress

QUIET_SECONDS = 60.0


class ProgressLog:
    """Turns states into lines for `progress`; remembers what was said, so that nothing is said twice.

    All times are seconds of one monotonic clock.
    """

    def __init__(self, progress: Progress, started: float) -> None:
        """Write through `progress`; `started` is when the wait began."""
        self._progress = progress
        self._started = started
        self._spoken = started
        self._last: dict[str, str] = {}
        self._said: set[tuple[str, str]] = set()

    def tell(self, who: str, what: str, now: float, final: bool = False) -> None:
        """Say that `who` is now in the state `what`, unless that was said of it before (some states flip for ever).

        What is `final` at first sight was never waited for: that goes without saying.
        """
        expected = final and who not in self._last
        self._last[who] = what
        if (who, what) not in self._said and not expected:
            self._line(f"{who}: {what}", now)
        self._said.add((who, what))

    def remind(self, waiting: list[str], now: float) -> None:
        """Say who is still awaited when there was nothing to say for a minute."""
        if now - self._spoken >= QUIET_SECONDS:
            self._line(f"still waiting for {'; '.join(f'{who} ({self._last[who]})' for who in waiting)}", now)

    def quiet_for(self, now: float) -> float:
        """Return in how many seconds the next reminder is due."""
        return max(0.0, self._spoken + QUIET_SECONDS - now)

    def _line(self, text: str, now: float) -> None:
        self._spoken = now
        self._progress(f"{text} ({duration(now - self._started)})")


def duration(seconds: float) -> str:
    """Return a duration as people read it: `42 s`, `3 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
