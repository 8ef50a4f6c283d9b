"""What a kubelet does again and again about pods that a fault keeps from running: it says so, and starts them anew.

KWOK puts pods into their states and leaves them there.
"""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator

operator = Operator("kubelet", manager="kubelet", platform=True)


def _unready(pod: Object) -> bool:
    return any(not container["ready"] for container in pod.get("status", {}).get("containerStatuses", []))


@operator.reconciles("v1", "Pod", where=_unready)
def reconcile(cluster: Cluster, pod: Object) -> float | None:
    """Try again: to pull the image, to start the container, to probe it."""
    if pod["metadata"].get("deletionTimestamp") or not _unready(pod):
        return None
    known = ("pod-image-pull", "pod-crash-loop", "pod-not-ready")
    fault = next((found for name in known if (found := cluster.fault(name, pod))), None)
    if fault is None:
        return None
    if wait := cluster.pause(pod, "kubelet.again", step=pod["metadata"]["resourceVersion"]):
        return wait
    waiting = [entry["state"].get("waiting", {}).get("reason") for entry in pod["status"]["containerStatuses"]]
    message = fault.get("message", "")
    if "ImagePullBackOff" in waiting:
        for container in pod["spec"]["containers"]:
            cluster.event(pod, "Warning", "Failed", f'Failed to pull image "{container["image"]}": {message}')
    elif "CrashLoopBackOff" in waiting:
        cluster.event(pod, "Warning", "BackOff", "Back-off restarting failed container")
        ended = [entry | {"restartCount": entry["restartCount"] + 1} for entry in pod["status"]["containerStatuses"]]
        cluster.set_status(pod, pod["status"] | {"containerStatuses": ended})
    elif pod["status"].get("phase") == "Running":
        cluster.event(pod, "Warning", "Unhealthy", f"Readiness probe failed: {message}")
    return cluster.latency("kubelet.again")
