# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Waiting until a deleted object is gone, and what keeps it."""

from __future__ import annotations

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.objects import Object, Reference, section
from ..kube.polling import NotYet, Progress, TimedOut, poll_until


def wait_until_gone(
    client: Client, reference: Reference, deadline: float, progress: Progress, uid: str | None = None
) -> None:
    """Return when the object is no more; with `uid`, when that incarnation of it is no more.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError naming the finalizers that hold it.
    """

    def look() -> None:
        live = client.get(reference, deadline)
        if live is not None and uid in (None, live["metadata"]["uid"]):
            raise NotYet(_holders(live))

    try:
        poll_until(look, deadline, progress, f"waiting until {reference} is deleted")
    except TimedOut as error:
        seconds = round(error.seconds)
        raise EngineError(f"it is still being deleted after {seconds} s: {error.reason}") from None


def _holders(live: Object) -> str:
    finalizers: list[str] = live["metadata"].get("finalizers") or section(live, "spec").get("finalizers") or []
    reasons = [
        " ".join(each["message"].split())
        for each in section(live, "status").get("conditions") or []
        if live["kind"] == "Namespace" and each.get("status") == "True" and each.get("message")
    ]
    held = f"finalizers {', '.join(finalizers)}" if finalizers else "its dependents go first"
    return "; ".join([held, *reasons])
