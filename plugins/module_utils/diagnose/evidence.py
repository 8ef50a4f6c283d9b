# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""From what was gathered about an object to lines that explain it: pure functions; no Secret is ever looked at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..readiness.state import Object, section, told

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
# A container in one of these is on its way.
ORDINARY = ("ContainerCreating", "PodInitializing")
MOST = 6
LONGEST = 400


@dataclass(frozen=True)
class Evidence:
    """What was found in an object's namespace: Warning events, and the workloads and pods that may be its own."""

    events: list[dict[str, Any]] = field(default_factory=list)
    workloads: list[dict[str, Any]] = field(default_factory=list)
    pods: list[dict[str, Any]] = field(default_factory=list)


def explain(obj: Object, evidence: Evidence) -> list[str]:
    """Return lines that say why `obj` is not ready, most telling first; the last is the command to look further."""
    owned = family(obj, [*evidence.workloads, *evidence.pods])
    # Some operators put no owner on what they make: then everything in the namespace is under suspicion.
    suspects = owned or [*evidence.workloads, *evidence.pods]
    uids = {obj["metadata"].get("uid"), *(s["metadata"].get("uid") for s in suspects)}
    lines = [
        *_conditions(obj),
        *(line for suspect in suspects if suspect["kind"] == "Pod" for line in pod_problems(suspect)),
        *_events(e for e in evidence.events if section(e, "involvedObject").get("uid") in uids),
    ]
    return [*dict.fromkeys(_short(line) for line in lines[: 2 * MOST]), look_further(obj)]


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


def pod_problems(pod: Object) -> Iterator[str]:
    """Yield why a pod does not run: no node takes it, its image can not be pulled, a container ends again and again."""
    name, status = pod["metadata"]["name"], section(pod, "status")
    for found in status.get("conditions") or []:
        if found.get("type") == "PodScheduled" and found.get("status") == "False":
            yield f"pod {name} is not scheduled: {told(found, 'no reason given')}"
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = section(container, "state", "waiting")
        if waiting.get("reason") and waiting["reason"] not in ORDINARY:
            last = section(container, "lastState", "terminated")
            ended = f"; it ended with exit code {last.get('exitCode')} ({last.get('reason')})" if last else ""
            yield f"pod {name}, container {container['name']}: {told(waiting, '')}{ended}"


def look_further(obj: Object) -> str:
    """Return the command that shows more."""
    group = obj["apiVersion"].rpartition("/")[0]
    kind = f"{obj['kind']}.{group}".lower() if group else obj["kind"].lower()
    namespace = obj["metadata"].get("namespace")
    return f"look further: oc describe {kind} {obj['metadata']['name']}" + (f" -n {namespace}" if namespace else "")


def _conditions(obj: Object) -> Iterator[str]:
    for found in section(obj, "status").get("conditions") or []:
        kind, status = found.get("type"), found.get("status")
        # The phases of a ClusterServiceVersion are a history, its conditions have no type.
        if kind and kind not in HARMLESS and (status == "True") == (kind in ABNORMAL):
            yield f"condition {kind} is {status}: {told(found, 'no reason given')}"


def _events(events: Iterable[dict[str, Any]]) -> Iterator[str]:
    newest = sorted(events, key=lambda e: e.get("lastTimestamp") or e.get("eventTime") or "", reverse=True)
    for event in newest[:MOST]:
        about = section(event, "involvedObject")
        times = f", {event['count']} times" if (event.get("count") or 1) > 1 else ""
        yield f"event on {about.get('kind')} {about.get('name')}{times}: {told(event, '')}"


def _short(line: str) -> str:
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"
