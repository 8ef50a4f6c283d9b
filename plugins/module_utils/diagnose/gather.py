# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Reading what may explain why an object is not ready; a diagnosis never fails itself, it only gets shorter."""

from __future__ import annotations

from datetime import datetime, timezone

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.kinds import (
    CLAIM,
    DAEMON_SET,
    DEPLOYMENT,
    EVENT,
    JOB,
    POD,
    REPLICA_SET,
    REPLICATION_CONTROLLER,
    STATEFUL_SET,
)
from ..kube.objects import Kind, Object, Objects, condition, holds
from .alike import is_told
from .evidence import Evidence, explain

WORKLOADS = (DEPLOYMENT, REPLICA_SET, STATEFUL_SET, DAEMON_SET, REPLICATION_CONTROLLER)


def diagnose(client: Client, obj: Object, deadline: float | None = None) -> list[str]:
    """Return lines that explain `obj` (of which apiVersion, kind and metadata must be there).

    `deadline`, in seconds of `time.monotonic()`, ends the reading here and below.
    """
    namespace = obj["metadata"].get("namespace")
    if namespace is None and obj["kind"] != "Namespace":
        return explain(obj, Evidence())
    return explain(obj, evidence(client, namespace or obj["metadata"]["name"], deadline))


def evidence(client: Client, namespace: str, deadline: float | None = None) -> Evidence:
    """Return the Warning events, workloads, pods and claims of a namespace, read until `deadline` (seconds)."""
    return Evidence(
        events=_list(client, EVENT, namespace, "type=Warning", deadline),
        workloads=[each for kind in WORKLOADS for each in _list(client, kind, namespace, None, deadline)],
        pods=_list(client, POD, namespace, None, deadline),
        claims=_list(client, CLAIM, namespace, None, deadline),
        read=datetime.now(timezone.utc),
    )


def unpacking(client: Client, namespace: str, deadline: float | None = None) -> list[str]:
    """Return the failed jobs that unpack bundles in a catalogue's namespace, and how to have them tried again.

    They are read until `deadline` (seconds of `time.monotonic()`).
    """
    lines = []
    for job in _list(client, JOB, namespace, None, deadline):
        if holds(job, "Failed"):
            name, failed = job["metadata"]["name"], condition(job, "Failed")
            command = f"oc delete job,configmap {name} -n {namespace}"
            lines.append(f"unpack job {name} failed ({failed.get('reason')}); OLM tries again after: {command}")
    return lines


def paragraph(head: str, lines: list[str]) -> str:
    """Return a headline and its indented lines as one text, without those that only repeat the headline."""
    news = [line for line in lines if not is_told(line, head)]
    return "\n".join([head, *(f"  {line}" for line in news)])


def _list(client: Client, kind: Kind, namespace: str, selector: str | None, deadline: float | None) -> Objects:
    try:
        return client.list(kind, namespace, field_selector=selector, deadline=deadline)
    except EngineError:
        return []
