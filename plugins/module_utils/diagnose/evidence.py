# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""From what was gathered about an object to lines that explain it: pure functions; no Secret is ever looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..kube.objects import Object, Reference, condition_text, section
from ..readiness.written import is_of_before
from .alike import told_once
from .events import about, present
from .pods import Restarts, Trouble, claim_troubles, lacks_pods, pod_troubles, workload_troubles

# Conditions whose status True is the bad one.
ABNORMAL = (
    "CatalogSourcesUnhealthy",
    "CollectorDeadEnd",
    "Degraded",
    "Failed",
    "InstallPlanFailed",
    "InstallPlanMissing",
    "InstantiateFailure",
    "NotReady",
    "ReconciliationPaused",
    "ReplicaFailure",
    "ResolutionFailed",
    "Stalled",
    "Warning",
)
# Conditions that only say that nothing goes on.
HARMLESS = ("InstallPlanPending", "Disruption")
MOST = 6
_HAVE_PODS = ("DaemonSet", "Deployment", "ReplicaSet", "ReplicationController", "StatefulSet")
LONGEST = 400


@dataclass(frozen=True)
class Evidence:
    """What was found in an object's namespace: Warning events, and workloads, pods and claims that may be its own.

    read: when; None in what was not read.
    """

    events: list[dict[str, Any]] = field(default_factory=list)
    workloads: list[dict[str, Any]] = field(default_factory=list)
    pods: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    read: datetime | None = None


def explain(obj: Object, evidence: Evidence) -> list[str]:
    """Return lines that say why `obj` is not ready, most telling first; the last is the command to look further."""
    owned = family(obj, [*evidence.workloads, *evidence.pods])
    # Some operators put no owner on what they make: then everything in the namespace is under suspicion.
    suspects = present(owned or [*evidence.workloads, *evidence.pods])
    lines = [*_conditions(obj), *(trouble.reason for trouble in _troubles(obj, suspects, evidence, None))]
    told = [event for each in (obj, *suspects) for event in _current(each, evidence.events)]
    events = _events(e for e in told if not any(e.get("message", "") in line for line in lines))
    once = told_once([*lines, *told_once(events)[:MOST]])
    return [*(_short(line) for line in once[: 2 * MOST]), look_further(Reference.of(obj))]


def troubles(obj: Object, evidence: Evidence, before: Restarts | None) -> Iterator[Trouble]:
    """Yield what keeps from running what `obj` surely owns; `before` is what `pod_troubles` takes."""
    yield from _troubles(obj, present(family(obj, [*evidence.workloads, *evidence.pods])), evidence, before)


def _troubles(
    obj: Object, suspects: list[dict[str, Any]], evidence: Evidence, before: Restarts | None
) -> Iterator[Trouble]:
    pods = [suspect for suspect in suspects if suspect["kind"] == "Pod"]
    names = {volume.get("persistentVolumeClaim", {}).get("claimName") for pod in pods for volume in _volumes(pod)}
    for claim in evidence.claims:
        if claim["metadata"]["name"] in names or claim["metadata"].get("uid") == obj["metadata"].get("uid"):
            yield from claim_troubles(claim, evidence.events)
    for pod in pods:
        yield from pod_troubles(pod, evidence.events, before)
    for suspect in suspects:
        if suspect["kind"] != "Pod":
            yield from workload_troubles(suspect, evidence.events, evidence.read)


def _volumes(pod: Object) -> list[dict[str, Any]]:
    return section(pod, "spec").get("volumes") or []


def family(obj: Object, candidates: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those of `candidates` that `obj` owns, directly or through others of them."""
    pool, uids = list(candidates), {obj["metadata"].get("uid")}
    found: list[dict[str, Any]] = []
    while True:
        born = [
            c
            for c in pool
            if any(owner.get("uid") in uids for owner in section(c, "metadata").get("ownerReferences") or [])
        ]
        if not born:
            return found
        found += born
        pool = [c for c in pool if c not in born]
        uids |= {c["metadata"].get("uid") for c in born}


def look_further(reference: Reference) -> str:
    """Return the command that shows more of an object, whether it is there or not."""
    space = f" -n {reference.namespace}" if reference.namespace else ""
    return f"look further: oc describe {reference.kind.qualified} {reference.name}{space}"


def _conditions(obj: Object) -> Iterator[str]:
    for found in section(obj, "status").get("conditions") or []:
        kind, status = found.get("type"), found.get("status")
        if kind == "ReplicaFailure" and is_of_before(found, obj):
            continue
        # The phases of a ClusterServiceVersion are a history, its conditions have no type.
        if kind and kind not in HARMLESS and (status == "True") == (kind in ABNORMAL):
            yield f"condition {kind} is {status}: {condition_text(found, 'no reason given')}"


def _current(obj: Object, events: list[dict[str, Any]]) -> list[Object]:
    """Return the events on an object as it is now; a refusal is over once the pods are there."""
    over = obj.get("kind") in _HAVE_PODS and bool(obj.get("status")) and not lacks_pods(obj)
    return [event for event in about(obj, events) if not (over and event.get("reason") == "FailedCreate")]


def _events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    newest = sorted(events, key=lambda e: e.get("lastTimestamp") or e.get("eventTime") or "", reverse=True)
    for event in newest:
        about = section(event, "involvedObject")
        times = f", {event['count']} times" if (event.get("count") or 1) > 1 else ""
        yield f"event on {about.get('kind')} {about.get('name')}{times}: {condition_text(event, '')}"


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
