# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""OpenShift Logging 5.5: ClusterLogging and ClusterLogForwarder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..kube.objects import Object, condition, condition_text, holds, section
from .state import Failed, Progressing, Ready, State, stale
from .workloads import daemon_set

# A pass of the operator takes 12 to 27 s and there is no observedGeneration: three passes tell old verdicts from new.
FORWARDER_GRACE = 90


def cluster_logging(obj: Object, related: Sequence[Object] = ()) -> State:
    """Judge a ClusterLogging by its DaemonSet `collector` (`related`: the DaemonSets of its namespace)."""
    dead_end = condition(obj, "CollectorDeadEnd")
    if dead_end.get("status") == "True":
        said = condition_text(dead_end, "logs have no destination")
        return Progressing(f"CollectorDeadEnd: {said} (expected until a ClusterLogForwarder is valid)")
    collector = next((d for d in related if section(d, "metadata").get("name") == "collector"), None)
    return daemon_set(collector) if collector else Progressing("the DaemonSet 'collector' does not exist yet")


def log_forwarder(obj: Object, outputs: Iterable[str] = (), pipelines: Iterable[str] = ()) -> State:
    """Judge a ClusterLogForwarder by each of our `outputs` and `pipelines` (none given: all of the spec).

    The overall Ready is True with empty maps and with nothing valid in them, so the entries decide.
    """
    if not section(obj, "status"):
        return stale(obj) or Progressing("no status yet")
    wanted = {
        "outputs": list(outputs) or _names(obj, "outputs"),
        "pipelines": list(pipelines) or _names(obj, "pipelines"),
    }
    for group, names in wanted.items():
        for name in names:
            problem = _entry(obj, group, name)
            if problem:
                return problem
    degraded = condition(obj, "Degraded")
    if holds(obj, "Degraded") and not (outputs or pipelines):
        return Progressing(condition_text(degraded, "degraded"))
    return Ready()


def _names(obj: Object, group: str) -> list[str]:
    return [entry.get("name", "") for entry in section(obj, "spec").get(group) or []]


def _entry(obj: Object, group: str, name: str) -> State | None:
    """Return what is wrong with one output or pipeline, or None."""
    conditions: list[dict[str, Any]] = section(obj, "status", group).get(name) or []
    found = {c.get("type"): c for c in conditions}
    ready, degraded = found.get("Ready", {}), found.get("Degraded", {})
    who = f"{group[:-1]} {name}"
    if degraded.get("status") == "True":
        return Progressing(f"{who} is degraded: {condition_text(degraded, 'no reason given')}")
    if ready.get("status") == "True":
        return None
    if not ready:
        return Progressing(f"{who} is not in the status yet")
    said = f"{who}: {condition_text(ready, 'not ready')}"
    # A missing secret heals when it is created; a pipeline is invalid only because of it.
    if ready.get("reason") == "MissingResource":
        return Progressing(said)
    return Failed(said, after=FORWARDER_GRACE)
