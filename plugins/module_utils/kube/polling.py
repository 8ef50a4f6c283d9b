# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The one loop of everything that is looked for again and again, because no watch tells of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol, TypeVar

from .errors import EngineError

Found = TypeVar("Found")
Progress = Callable[[str], None]  # takes the lines that say what is waited for

FIRST_SECONDS = 0.1  # most controllers are done by then
POLL_SECONDS = 2.0


class NotYet(Exception):
    """What is looked for is not there yet; the text says what is missing, and what to look at."""


class TimedOut(EngineError):
    """The deadline came first: `reason` is the text of the last NotYet, `seconds` how long it was looked for."""

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(f"given up after {round(seconds)} s: {reason}")
        self.reason = reason
        self.seconds = seconds


class Clock(Protocol):
    """What of the module `time` a loop needs."""

    def monotonic(self) -> float:
        """Return a time in seconds that only grows."""

    def sleep(self, seconds: float, /) -> None:
        """Let the time pass, in seconds."""


def poll_until(
    look: Callable[[], Found],
    deadline: float,
    progress: Progress = lambda _line: None,
    what: str = "waiting",
    clock: Clock = time,
) -> Found:
    """Return what `look` returns, called at growing intervals (0.1 to 2 s) until it raises NotYet no more.

    It is called at least once, and last at `deadline`, in seconds of `clock.monotonic()`. Each new reason that holds it
    up for more than 3 s is told through `progress`, after `what`. Raises TimedOut.
    """
    started, pause, told = clock.monotonic(), FIRST_SECONDS, ""
    while True:
        try:
            return look()
        except NotYet as error:
            reason = str(error)
        now = clock.monotonic()
        if now >= deadline:
            raise TimedOut(reason, now - started)
        if pause >= POLL_SECONDS and reason != told:
            told = reason
            progress(f"{what}: {reason}")
        clock.sleep(min(pause, deadline - now))
        pause = min(2 * pause, POLL_SECONDS)
