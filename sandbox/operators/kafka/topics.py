"""Topics and users: what the entity operator of their cluster (label strimzi.io/cluster) says of them when it runs."""

from __future__ import annotations

import base64
import secrets

from sandbox.kube import Object
from sandbox.simulator import Cluster
from sandbox.simulator.objects import available, conditions, make

CLUSTER_LABEL = "strimzi.io/cluster"


def reconcile_topic(cluster: Cluster, topic: Object) -> float | None:
    """Create the topic, whose name may differ from the resource's."""
    return _accept(cluster, topic, {"topicName": topic["spec"].get("topicName", topic["metadata"]["name"])})


def reconcile_user(cluster: Cluster, user: Object) -> float | None:
    """Create the user; one with certificates is known by its subject."""
    name = user["metadata"]["name"]
    authentication = user["spec"].get("authentication", {})
    if authentication.get("type") == "scram-sha-512" and not _keep_password(cluster, user, authentication):
        return 1.0
    return _accept(cluster, user, {"username": f"CN={name}" if authentication.get("type") == "tls" else name})


def _keep_password(cluster: Cluster, user: Object, authentication: Object) -> bool:
    """Keep the Secret of the user's name: with the password that the user refers to, once it is there, or a new one."""
    meta = user["metadata"]
    refers = authentication.get("password", {}).get("valueFrom", {}).get("secretKeyRef")
    found = cluster.kube.get("v1", "Secret", refers["name"] if refers else meta["name"], meta["namespace"]) or {}
    password = found.get("data", {}).get(refers["key"] if refers else "password")
    if refers and not password:
        return False
    password = password or base64.b64encode(secrets.token_urlsafe(9).encode()).decode()
    data = {"password": password, "sasl.jaas.config": base64.b64encode(b"org.apache.kafka...").decode()}
    cluster.apply(make("v1", "Secret", meta["name"], namespace=meta["namespace"], type="Opaque", data=data))
    return True


def _accept(cluster: Cluster, obj: Object, found: Object) -> float | None:
    meta = obj["metadata"]
    name = f"{meta.get('labels', {}).get(CLUSTER_LABEL)}-entity-operator"
    if not available(cluster.kube.get("apps/v1", "Deployment", name, meta["namespace"])):
        return None
    accepted = {"conditions": conditions(obj, ("Ready", "True", "", "")), "observedGeneration": meta["generation"]}
    cluster.set_status(obj, accepted | found)
    return None
