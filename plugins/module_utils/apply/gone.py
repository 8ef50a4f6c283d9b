# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Waiting until a deleted object is gone, and what keeps it."""

from __future__ import annotations

import json

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.objects import Object, Reference, section
from ..kube.polling import NotYet, Progress, TimedOut, poll_until


class Held(EngineError):
    """The deadline came before the end of an object that is being deleted: the text says what holds it."""


def wait_until_gone(
    client: Client, reference: Reference, deadline: float, progress: Progress, uid: str | None = None
) -> None:
    """Return when the object is no more; with `uid`, when that incarnation of it is no more.

    `deadline` is in seconds of `time.monotonic()`. Raises Held naming the finalizers, and who set them.
    """

    def look() -> None:
        live = client.get(reference, deadline)
        if live is not None and uid in (None, live["metadata"]["uid"]):
            raise NotYet(holders(live))

    try:
        poll_until(look, deadline, progress, f"waiting until {reference} is deleted")
    except TimedOut as error:
        seconds = round(error.seconds)
        raise Held(f"it is still being deleted after {seconds} s: {error.reason}. See: {_command(reference)}") from None


def holders(live: Object) -> str:
    """Return what holds an object that is being deleted: its finalizers and who set each, and what Kubernetes says."""
    finalizers: list[str] = live["metadata"].get("finalizers") or section(live, "spec").get("finalizers") or []
    reasons = [
        " ".join(each["message"].split())
        for each in section(live, "status").get("conditions") or []
        if live["kind"] == "Namespace" and each.get("status") == "True" and each.get("message")
    ]
    named = [f"{name} ({who})" if (who := _setter(live, name)) else name for name in finalizers]
    held = f"finalizers {', '.join(named)}" if named else "its dependents go first"
    return "; ".join([held, *reasons])


def _setter(live: Object, finalizer: str) -> str | None:
    """Return the field manager that set a finalizer, which is or was the program that has to take it away."""
    item = f"v:{json.dumps(finalizer)}"
    for each in live["metadata"].get("managedFields") or []:
        if item in section(each, "fieldsV1", "f:metadata", "f:finalizers"):
            return f"set by {each.get('manager')}"
    return None


def _command(reference: Reference) -> str:
    space = f" -n {reference.namespace}" if reference.namespace else ""
    return f"oc get {reference.kind.qualified} {reference.name}{space} -o yaml"
