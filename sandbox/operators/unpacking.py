"""The pods of OLM's jobs that unpack bundles: what `opm alpha bundle extract` does for a bundle that is an image."""

from __future__ import annotations

import json

from sandbox import catalog
from sandbox.definitions import Definitions
from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.operator import owned

operator = Operator("unpacking", platform=True)
JOB = ("batch/v1", "Job")


def _image(job: Object) -> str:
    """Return the bundle's image: what the job's container is told that it comes from."""
    containers = job["spec"]["template"]["spec"]["containers"]
    env = [entry for container in containers for entry in container.get("env", [])]
    return next((str(entry.get("value")) for entry in env if entry["name"] == "CONTAINER_IMAGE"), "")


def _unpacks(job: Object) -> bool:
    return job["metadata"]["namespace"] == catalog.NAMESPACE and bool(_image(job))


@operator.reconciles(*JOB, where=_unpacks, watches=[("v1", "Pod", owned)])
def reconcile(cluster: Cluster, job: Object) -> None:
    """Let the pod of a job write the bundle into the ConfigMap of the job's name, and end."""
    finished = any(each["status"] == "True" for each in job.get("status", {}).get("conditions", []))
    if finished or job["metadata"].get("deletionTimestamp") or _is_stuck(cluster, job):
        return
    name, namespace = job["metadata"]["name"], job["metadata"]["namespace"]
    found = cluster.kube.get("v1", "ConfigMap", name, namespace)
    for pod in cluster.kube.list("v1", "Pod", namespace, f"job-name={name}"):
        if found and pod.get("status", {}).get("phase") == "Running":
            objects = catalog.unpacked(_image(job), Definitions.from_environment())
            cluster.kube.patch(
                found, {"data": {f"{number}.json": json.dumps(obj) for number, obj in enumerate(objects)}}
            )
            cluster.set_status(pod, pod["status"] | {"phase": "Succeeded"})


def _is_stuck(cluster: Cluster, job: Object) -> bool:
    """Tell whether the fault `bundle-unpack` holds this job up: the first `stuck` jobs for a bundle."""
    marketplace = cluster.kube.get("v1", "Namespace", catalog.NAMESPACE) or {}
    known: list[str] = cluster.memory(marketplace).setdefault(f"jobs {_image(job)}", [])
    if job["metadata"]["uid"] not in known:
        known.append(job["metadata"]["uid"])
    fault = cluster.fault("bundle-unpack", job) or {}
    return known.index(job["metadata"]["uid"]) < int(fault.get("stuck", 0))
