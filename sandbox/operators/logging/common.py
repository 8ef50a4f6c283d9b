"""What the parts of the Cluster Logging operator share."""

from __future__ import annotations

from sandbox.kube import Kube, Object
from sandbox.simulator import Operator

API_VERSION = "logging.openshift.io/v1"
LOGGING = (API_VERSION, "ClusterLogging")
FORWARDER = (API_VERSION, "ClusterLogForwarder")
INSTANCE = "instance"

operator = Operator("logging", manager="cluster-logging-operator")


def neighbours(watched: Object, obj: Object) -> bool:
    """Tell whether both are in the same namespace."""
    return bool(watched["metadata"]["namespace"] == obj["metadata"]["namespace"])


def instance(kube: Kube, kind: tuple[str, str], namespace: str) -> Object | None:
    """Return the one object of the kind that counts, None when it is missing or goes away."""
    found = kube.get(*kind, INSTANCE, namespace)
    return None if found is None or found["metadata"].get("deletionTimestamp") else found
