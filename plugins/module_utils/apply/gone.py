# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Wait until an object that is being deleted is gone, and say what holds it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.objects import Object, Reference

POLL_SECONDS = 2.0


def wait_until_gone(
    client: Client, reference: Reference, uid: str, deadline: float, progress: Callable[[str], None]
) -> None:
    """Return when the object of that `uid` is no more.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError naming the finalizers that hold it.
    """
    started, told = time.monotonic(), False
    while True:
        live = client.get(reference, deadline=deadline)
        if live is None or live["metadata"]["uid"] != uid:
            return
        waited = time.monotonic() - started
        if time.monotonic() > deadline:
            raise EngineError(f"it is being deleted but not gone after {round(waited)} s: {_holders(live)}")
        if waited > 2 * POLL_SECONDS and not told:
            told = True
            progress(f"waiting until {reference} is gone: {_holders(live)}")
        time.sleep(min(POLL_SECONDS, 0.1 + waited / 4))


def _holders(live: Object) -> str:
    finalizers: Iterable[str] = live["metadata"].get("finalizers") or (live.get("spec") or {}).get("finalizers") or []
    conditions = (live.get("status") or {}).get("conditions") or []
    reasons = [
        " ".join(each["message"].split())
        for each in conditions
        if live["kind"] == "Namespace" and each.get("status") == "True" and each.get("message")
    ]
    held = f"finalizers {', '.join(finalizers)}" if finalizers else "its dependents go first"
    return "; ".join([held, *reasons])
