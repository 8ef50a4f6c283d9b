"""The pods of OLM's jobs that unpack bundles: what `opm alpha bundle extract` does for a bundle that is an image."""

from __future__ import annotations

import json

from sandbox import catalog
from sandbox.definitions import Definitions
from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.operator import owned

operator = Operator("unpacking", manager="kubelet", platform=True)
JOB = ("batch/v1", "Job")
PODS_STATE = "sandbox.seldon/pod"  # read by the stages in sandbox/kwok


def _image(job: Object) -> str:
    """Return the bundle's image: what the job's container is told that it comes from."""
    containers = job["spec"]["template"]["spec"]["containers"]
    env = [entry for container in containers for entry in container.get("env", [])]
    return next((str(entry.get("value")) for entry in env if entry["name"] == "CONTAINER_IMAGE"), "")


def _unpacks(job: Object) -> bool:
    return job["metadata"]["namespace"] == catalog.NAMESPACE and bool(_image(job))


@operator.reconciles(*JOB, where=_unpacks, watches=[("v1", "Pod", owned)])
def reconcile(cluster: Cluster, job: Object) -> None:
    """Write the bundle into the ConfigMap of the job's name, and let the job's pods end."""
    name, namespace = job["metadata"]["name"], job["metadata"]["namespace"]
    result = cluster.kube.get("v1", "ConfigMap", name, namespace)
    if not result or job["metadata"].get("deletionTimestamp") or _is_stuck(cluster, job):
        return
    if not result.get("data"):
        objects = catalog.unpacked(_image(job), Definitions.from_environment())
        cluster.kube.patch(result, {"data": {f"{number}.json": json.dumps(obj) for number, obj in enumerate(objects)}})
    for pod in cluster.kube.list("v1", "Pod", namespace, f"job-name={name}"):
        if pod["metadata"].get("annotations", {}).get(PODS_STATE) != "Ready":
            cluster.kube.patch(pod, {"metadata": {"annotations": {PODS_STATE: "Ready"}}})


def _is_stuck(cluster: Cluster, job: Object) -> bool:
    """Tell whether the fault `bundle-unpack` holds this job up: the first `stuck` jobs for a bundle."""
    marketplace = cluster.kube.get("v1", "Namespace", catalog.NAMESPACE) or {}
    known: list[str] = cluster.memory(marketplace).setdefault(f"jobs {_image(job)}", [])
    if job["metadata"]["uid"] not in known:
        known.append(job["metadata"]["uid"])
    fault = cluster.fault("bundle-unpack", job) or {}
    return known.index(job["metadata"]["uid"]) < int(fault.get("stuck", 0))
