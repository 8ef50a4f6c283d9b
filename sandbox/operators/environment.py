"""What a kubelet does before it starts a container: it looks up the Secrets that the environment is taken from.

A Secret or key that is missing, and not optional, keeps the pod in CreateContainerConfigError until it is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator

# Read by the stages in sandbox/kwok: FOUND, else what the kubelet says.
ANNOTATION = "sandbox.seldon/environment"
FOUND = "found"

operator = Operator("environment", manager="kubelet", platform=True)


def references(pod: Object) -> Iterator[Object]:
    """Yield each secretKeyRef that a container can't start without."""
    for kind in ("initContainers", "containers"):
        for container in pod["spec"].get(kind) or []:
            for variable in container.get("env") or []:
                reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
                if reference and not reference.get("optional"):
                    yield reference


def _waits(pod: Object) -> bool:
    checked = pod["metadata"].get("annotations", {}).get(ANNOTATION) == FOUND
    return not checked and any(references(pod))


def _needed(secret: Object, pod: Object) -> bool:
    same = secret["metadata"]["namespace"] == pod["metadata"]["namespace"]
    return same and any(reference["name"] == secret["metadata"]["name"] for reference in references(pod))


@operator.reconciles("v1", "Pod", where=_waits, watches=[("v1", "Secret", _needed)])
def reconcile(cluster: Cluster, pod: Object) -> None:
    """Say on the pod what its environment lacks; a container that has started keeps what it was given."""
    if not _waits(pod) or pod["metadata"].get("deletionTimestamp"):
        return
    said = lacking(cluster, pod) or FOUND
    if pod["metadata"].get("annotations", {}).get(ANNOTATION) == said:
        return
    cluster.kube.patch(pod, {"metadata": {"annotations": {ANNOTATION: said}}})
    if said != FOUND:
        cluster.event(pod, "Warning", "Failed", f"Error: {said}")


def lacking(cluster: Cluster, pod: Object) -> str | None:
    """Return what a kubelet says of the first Secret or key that is missing."""
    namespace = pod["metadata"]["namespace"]
    for reference in references(pod):
        secret = cluster.kube.get("v1", "Secret", reference["name"], namespace)
        if secret is None:
            return f'secret "{reference["name"]}" not found'
        if reference["key"] not in secret.get("data", {}):
            return f"couldn't find key {reference['key']} in Secret {namespace}/{reference['name']}"
    return None
