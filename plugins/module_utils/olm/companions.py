# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Operators that other tasks wait for: OLM stands still at a plan that nobody approves, so a long task sees to it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.polling import Progress
from .installer import Installer
from .model import Operator

Written = Callable[[], list[dict[str, Any]]]

# A task that is done sooner asks the cluster for nothing.
FIRST_SECONDS = 1.0
TICK_SECONDS = 1.0
LONGEST_SECONDS = 3600.0


class Companions:
    """Operators whose install plans are approved while something else is done. What fails is left to those who wait."""

    def __init__(self, client: Client, operators: Sequence[Operator], progress: Progress) -> None:
        """See on `operators` with `client`, which nothing else uses, and say through `progress` what is written."""
        self._deadline = time.monotonic() + LONGEST_SECONDS
        self._client = client
        self._installer = Installer(client, (), self._deadline, progress, meanwhile=operators)
        self._over = threading.Event()
        self._writing = threading.Lock()

    @contextmanager
    def seen_on(self) -> Iterator[Written]:
        """Approve their plans in a thread until the block is left, which waits for a write that is under way.

        Yields what tells what was written, as seldon_operator returns it: name, namespace and actions of each operator.
        """
        threading.Thread(target=self._work, daemon=True, name="companions").start()
        try:
            yield self._written
        finally:
            with self._writing:
                self._over.set()

    def _written(self) -> list[dict[str, Any]]:
        return [
            {"name": each.operator.name, "namespace": each.operator.namespace, "actions": list(each.actions)}
            for each in self._installer.meanwhile
        ]

    def _work(self) -> None:
        if self._over.wait(FIRST_SECONDS):
            return
        try:
            with self._installer.meanwhile_observed() as observer:
                while self._advanced():
                    observer.informer.wait(TICK_SECONDS)
                    observer.informer.check()
        except EngineError:
            pass  # the task that waits for them meets it, too, and tells it
        finally:
            self._client.close()

    def _advanced(self) -> bool:
        """Take their next steps, unless the block was left: then return False."""
        with self._writing:
            if not self._over.is_set():
                self._installer.advance_meanwhile()
            return not self._over.is_set()
