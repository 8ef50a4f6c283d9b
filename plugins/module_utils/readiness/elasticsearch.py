# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Elastic Cloud on Kubernetes 2.5: Elasticsearch."""

from __future__ import annotations

from ..kube.objects import Object, section
from .state import Failed, Progressing, Ready, State, stale

# A new cluster is red for seconds, one that starts again while it reads its shards; who has no copy by then finds none.
RED_GRACE = 300


def elasticsearch(obj: Object) -> State:
    """Judge an Elasticsearch by phase, health, nodes and generation together: each alone may look good on a sick one.

    One node is normally yellow (its replica shards have no place), so yellow counts as healthy.
    """
    waiting = stale(obj, counted=True)
    if waiting:
        return waiting
    status = section(obj, "status")
    phase, health = status.get("phase"), status.get("health")
    if phase == "Invalid":
        return Failed("phase Invalid: the operator refuses the spec; the cause is in an event with reason Validation")
    wanted = sum(nodes.get("count", 0) for nodes in section(obj, "spec").get("nodeSets") or [])
    nodes = status.get("availableNodes", 0)
    seen = f"phase {phase}, health {health}, {nodes}/{wanted} nodes"
    unmet: Object = next((c for c in status.get("conditions") or [] if c.get("status") == "False"), {})
    if unmet:
        return Progressing(f"{seen}: {unmet.get('message') or unmet.get('type')}")
    if phase == "Ready" and health == "red" and nodes == wanted:
        return Failed(f"{seen}: all nodes are available, but a primary shard is not", after=RED_GRACE)
    if phase == "Ready" and health in ("green", "yellow") and nodes == wanted:
        return Ready(seen)
    return Progressing(seen)
