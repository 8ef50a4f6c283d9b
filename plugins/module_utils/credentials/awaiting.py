# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Waiting for a credential that a controller makes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from ..apply.apply import Progress
from ..apply.gone import POLL_SECONDS
from ..kube.errors import EngineError

Found = TypeVar("Found")

_FIRST_PAUSE = 0.1  # most controllers are done by then


class NotYet(Exception):
    """There is no usable credential yet; the text says which is missing and what to look at."""


def patiently(look: Callable[[], Found], deadline: float, progress: Progress) -> Found:
    """Return what `look` returns once it raises NotYet no more.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError with the last reason.
    """
    started, pause, told = time.monotonic(), _FIRST_PAUSE, ""
    while True:
        try:
            return look()
        except NotYet as reason:
            now = time.monotonic()
            if now + pause > deadline:
                raise EngineError(f"given up after {round(now - started)} s: {reason}") from None
            if pause >= POLL_SECONDS and told != str(reason):
                told = str(reason)
                progress(f"waiting: {told}")
        time.sleep(pause)
        pause = min(POLL_SECONDS, 2 * pause)
