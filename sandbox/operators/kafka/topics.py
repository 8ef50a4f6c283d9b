"""Topics and users: what the entity operator of their cluster (label strimzi.io/cluster) says of them when it runs."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Cluster
from sandbox.simulator.objects import available, conditions

CLUSTER_LABEL = "strimzi.io/cluster"


def reconcile_topic(cluster: Cluster, topic: Object) -> float | None:
    """Create the topic, whose name may differ from the resource's."""
    return _accept(cluster, topic, {"topicName": topic["spec"].get("topicName", topic["metadata"]["name"])})


def reconcile_user(cluster: Cluster, user: Object) -> float | None:
    """Create the user; one with certificates is known by its subject."""
    name = user["metadata"]["name"]
    by_certificate = user["spec"].get("authentication", {}).get("type") == "tls"
    return _accept(cluster, user, {"username": f"CN={name}" if by_certificate else name})


def _accept(cluster: Cluster, obj: Object, found: Object) -> float | None:
    meta = obj["metadata"]
    name = f"{meta.get('labels', {}).get(CLUSTER_LABEL)}-entity-operator"
    if not available(cluster.kube.get("apps/v1", "Deployment", name, meta["namespace"])):
        return None
    accepted = {"conditions": conditions(obj, ("Ready", "True", "", "")), "observedGeneration": meta["generation"]}
    cluster.set_status(obj, accepted | found)
    return None
