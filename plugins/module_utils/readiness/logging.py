# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""OpenShift Logging 5.5: ClusterLogging and ClusterLogForwarder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from ..kube.objects import Object, condition, condition_text, holds, section
from .state import Failed, Progressing, Ready, State, stale
from .workloads import daemon_set
from .written import spec_written, status_written

# A pass of the operator takes 12 to 27 s: three passes tell old verdicts from new.
FORWARDER_GRACE = 90
# What a pass makes of a change is there when the next one has ended.
PASS = timedelta(seconds=30)
COLLECTOR = "collector"


def cluster_logging(obj: Object, related: Sequence[Object] = ()) -> State:
    """Judge a ClusterLogging by its DaemonSet `collector` (`related`: the DaemonSets of its namespace)."""
    dead_end = condition(obj, "CollectorDeadEnd")
    if dead_end.get("status") == "True":
        said = condition_text(dead_end, "logs have no destination")
        return Progressing(f"CollectorDeadEnd: {said} (expected until a ClusterLogForwarder is valid)")
    collector = _collector(related)
    return daemon_set(collector) if collector else Progressing(f"the DaemonSet '{COLLECTOR}' does not exist yet")


def log_forwarder(
    obj: Object, outputs: Iterable[str] = (), pipelines: Iterable[str] = (), related: Sequence[Object] = ()
) -> State:
    """Judge a ClusterLogForwarder by each of our `outputs` and `pipelines` (none given: all of the spec).

    The overall Ready is True with empty maps and with nothing valid in them, so the entries decide. There is no
    observedGeneration, but each pass of the operator writes the whole status anew: one of before the last change of the
    spec does not count, and neither do collectors of before it, until three passes are over. `related`: the DaemonSets
    of its namespace.
    """
    if not section(obj, "status"):
        return stale(obj) or Progressing("no status yet")
    collector = _collector(related)
    verdict = _verdict(obj, outputs, pipelines, collector)
    unseen = _unseen(spec_written(obj), status_written(obj), collector)
    if not unseen:
        return verdict
    return Ready(unseen, after=FORWARDER_GRACE) if isinstance(verdict, Ready) else Progressing(unseen)


def _verdict(obj: Object, outputs: Iterable[str], pipelines: Iterable[str], collector: Object | None) -> State:
    """Judge a ClusterLogForwarder by what its status says, of whichever spec that is."""
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
    # What is refused as a whole keeps the entries of before.
    refused = condition(obj, "Ready")
    if refused.get("status") == "False":
        return Failed(condition_text(refused, "not ready"), after=FORWARDER_GRACE)
    return _rolled(spec_written(obj), status_written(obj), collector)


def _collector(daemon_sets: Sequence[Object]) -> Object | None:
    return next((each for each in daemon_sets if section(each, "metadata").get("name") == COLLECTOR), None)


def _is_later(written: datetime | None, changed: datetime) -> bool:
    """Say whether something was surely written after a change: what happened in the same second may be of before."""
    return written is not None and written > changed


def _unseen(changed: datetime | None, told: datetime | None, collector: Object | None) -> str:
    """Say that neither the status nor the collector is about the latest change yet; empty when one of them is."""
    if changed is None or told is None or _is_later(told, changed):
        return ""
    if collector is not None and _is_later(spec_written(collector), changed):
        return ""
    return f"the operator has not looked at it since its change at {changed:%H:%M:%S} UTC (12 to 30 s)"


def _rolled(changed: datetime | None, told: datetime | None, collector: Object | None) -> State:
    """Judge whether the collectors run with the latest change; some changes need no new ones."""
    if changed is None or collector is None:
        return Ready()
    seen = f"the operator has not replaced the collectors since the change at {changed:%H:%M:%S} UTC"
    if not _is_later(spec_written(collector), changed) and told is not None and told - changed < PASS:
        return Ready(seen, after=PASS.total_seconds())
    status = section(collector, "status")
    wanted, updated = status.get("desiredNumberScheduled", 0), status.get("updatedNumberScheduled", 0)
    if waiting := stale(collector, counted=True):
        return Progressing(f"DaemonSet {COLLECTOR}: {waiting.reason}")
    return Ready() if updated >= wanted else Progressing(f"{updated}/{wanted} collectors run with the latest change")


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
