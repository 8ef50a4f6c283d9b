"""A queue of keys: each worked on by one thread at a time, and again when something happened meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

from sandbox.kube import ApiError

Key = TypeVar("Key", bound=Hashable)
CONFLICT_DELAY = 0.02  # someone else wrote the object: look again at once
FIRST_DELAY, LAST_DELAY = 0.2, 10.0

logger = logging.getLogger("simulator")


class WorkQueue(Generic[Key]):
    """Calls `work(key)` in threads; what it returns are the seconds until the next call (None: no need)."""

    def __init__(self, work: Callable[[Key], float | None], workers: int = 16) -> None:
        """Use at most `workers` threads. To be created and used inside a running event loop."""
        self._work = work
        self._loop = asyncio.get_running_loop()
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="reconcile")
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._running: dict[Key, bool] = {}  # value: whether something happened meanwhile
        self._failures: dict[Key, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Ask for a call in `delay` seconds, or at the end of the call that runs now."""
        if key in self._running:
            self._running[key] = True
            return
        timer = self._timers.get(key)
        if timer:
            if timer.when() <= self._loop.time() + delay:
                return
            timer.cancel()
        self._timers[key] = self._loop.call_later(delay, self._start, key)

    def add_from_thread(self, key: Key) -> None:
        """Ask for a call at once, from within a call."""
        self._loop.call_soon_threadsafe(self.add, key)

    def _start(self, key: Key) -> None:
        del self._timers[key]
        self._running[key] = False
        task = self._loop.create_task(self._run(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self, key: Key) -> None:
        try:
            delay = await self._loop.run_in_executor(self._pool, self._work, key)
            self._failures.pop(key, None)
        except Exception as error:  # a broken simulator must not stop the others
            delay = self._backoff(key, error)
        if self._running.pop(key):
            delay = 0.0 if delay is None or key not in self._failures else delay
        if delay is not None:
            self.add(key, delay)

    def _backoff(self, key: Key, error: Exception) -> float:
        if isinstance(error, ApiError) and error.status == 409:
            return CONFLICT_DELAY
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        delay = min(FIRST_DELAY * 2.0 ** (failures - 1), LAST_DELAY)
        if isinstance(error, ApiError):
            logger.warning("%s: %s; again in %.1f s", key, error, delay)
        else:
            logger.error("%s: again in %.1f s", key, delay, exc_info=error)
        return delay
