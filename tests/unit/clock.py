"""A clock for the unit tests of what waits."""

from __future__ import annotations

LONGEST = 3600


class Clock:
    """Time that passes only while somebody sleeps, in seconds."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.slept = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept += seconds
        assert self.slept < LONGEST, "nothing ends this wait"
