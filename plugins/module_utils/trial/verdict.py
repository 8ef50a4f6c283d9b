# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What was seen of a step, whether waiting may still help, and the one wait for all steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from ..kube.errors import EngineError
from ..kube.polling import Clock, NotYet, Progress, TimedOut, poll_until


@dataclass(frozen=True)
class Verdict:
    """What one look has shown.

    said: in one line, where and why. do: the command to type next. good: the step has worked. final: it never will.
    """

    said: str
    do: str = ""
    good: bool = False
    final: bool = False


def proved(look: Callable[[], Verdict], what: str, seconds: float, progress: Progress, clock: Clock = time) -> Verdict:
    """Return the first good verdict of `look`. Raises EngineError for a final one, and after `seconds`.

    what: begins the lines that tell what is waited for, and the error.
    """
    last = Verdict("")

    def once() -> Verdict:
        nonlocal last
        last = look()
        if last.final:
            raise EngineError(_told(what, last))
        if not last.good:
            raise NotYet(last.said)
        return last

    try:
        return poll_until(once, clock.monotonic() + seconds, progress, what, clock)
    except TimedOut as error:
        raise EngineError(_told(f"{what}, given up after {round(error.seconds)} s", last)) from None


def _told(what: str, verdict: Verdict) -> str:
    return f"{what}: {verdict.said}" + (f"\n  next: {verdict.do}" if verdict.do else "")
