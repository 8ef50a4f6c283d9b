# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Seldon Core v1 (SeldonDeployment) and v2 (Server)."""

from __future__ import annotations

from collections.abc import Sequence

from ..kube.objects import Object, condition, condition_text, holds, section
from .state import Failed, Progressing, Ready, State
from .workloads import stateful_set


def seldon_deployment(obj: Object) -> State:
    """Judge a SeldonDeployment by state and condition together: they disagree at times, and Failed may heal."""
    status = section(obj, "status")
    state = status.get("state")
    if not state:
        return Progressing("no status yet")
    if state == "Failed":
        return Failed(f"state Failed: {status.get('description') or 'no description'}", after=60)
    # CRDs older than 1.15 drop the conditions; then the state is all there is.
    if state == "Available" and (holds(obj, "Ready") or not status.get("conditions")):
        return Ready(section(status, "address").get("url", ""))
    return Progressing(f"state {state}: {condition_text(condition(obj, 'Ready'), 'not ready yet')}")


def server(obj: Object, related: Sequence[Object] = ()) -> State:
    """Judge a Server of Core v2 by its StatefulSet, too: its first status is Ready without a pod.

    `related` are the StatefulSets of its namespace.
    """
    name, wanted = section(obj, "metadata").get("name"), section(obj, "spec").get("replicas", 1)
    workload = next((w for w in related if section(w, "metadata").get("name") == name), None)
    if workload is None:
        return Progressing(
            f"the StatefulSet '{name}' does not exist yet (the operator makes it once it reaches the scheduler)"
        )
    running = stateful_set(workload)
    if not isinstance(running, Ready):
        return Progressing(f"StatefulSet {name}: {running.reason}")
    if section(workload, "spec").get("replicas", 1) != wanted:
        return Progressing(f"StatefulSet {name} is not scaled to {wanted} yet")
    if not (holds(obj, "Ready") and holds(obj, "StatefulSetReady")):
        return Progressing(condition_text(condition(obj, "Ready"), "not ready yet"))
    return Ready(running.reason)
