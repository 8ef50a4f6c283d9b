"""Containers that end by themselves, the part of a kubelet that KWOK does not play: those of Seldon's two operators.

The operator of Seldon Core 1 exits when it is to make VirtualServices and nobody serves that kind; the operator of
Seldon Core 2 exits as long as it does not reach its scheduler.
"""

from __future__ import annotations

import copy

from sandbox.kube import Object
from sandbox.operators import seldon_v2
from sandbox.operators.seldon_v1.common import VIRTUAL_SERVICE, environment, istio_enabled
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.objects import now

CRASH = "CrashLoopBackOff"
CONTAINER = "manager"
DEFINITION = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")

operator = Operator("containers", platform=True)


def _is_v1(pod: Object) -> bool:
    return bool(pod["metadata"].get("labels", {}).get("sandbox.seldon/operator") == "seldon_v1")


def _is_v2(pod: Object) -> bool:
    return pod["metadata"]["name"].startswith(f"{seldon_v2.MANAGER}-") and not _is_v1(pod)


def _may_end(pod: Object) -> bool:
    return _is_v1(pod) or _is_v2(pod)


def _its_scheduler(watched: Object, pod: Object) -> bool:
    names = (watched["metadata"]["namespace"], watched["metadata"]["name"])
    return _is_v2(pod) and names == (pod["metadata"]["namespace"], seldon_v2.SCHEDULER)


def _its_kind(watched: Object, pod: Object) -> bool:
    return _is_v1(pod) and bool(watched["spec"]["names"]["kind"] == VIRTUAL_SERVICE[1])


@operator.reconciles(
    "v1", "Pod", where=_may_end, watches=[(*seldon_v2.STATEFUL_SET, _its_scheduler), (*DEFINITION, _its_kind)]
)
def reconcile(cluster: Cluster, pod: Object) -> float | None:
    """End a container that cannot run, again after each back-off, and let it run once it can."""
    status = pod.get("status", {})
    if pod["metadata"].get("deletionTimestamp") or status.get("phase") != "Running":
        return None
    container = next(entry for entry in status["containerStatuses"] if entry["name"] == CONTAINER)
    crashed = container["state"].get("waiting", {}).get("reason") == CRASH
    ends, count = _ends(cluster, pod), str(container["restartCount"])
    if not ends and not crashed:
        return None
    latency = "containers.exit" if not crashed else "containers.back_off" if ends else "containers.restart"
    if wait := cluster.pause(pod, latency, step=count):
        return wait
    pod = cluster.set_status(pod, _crashed(pod) if ends else _running(pod))
    if ends:
        cluster.event(pod, "Warning", "BackOff", "Back-off restarting failed container")
    return None


def _ends(cluster: Cluster, pod: Object) -> bool:
    if _is_v2(pod):
        return not seldon_v2.scheduler_answers(cluster, pod["metadata"]["namespace"])
    return istio_enabled(environment(pod)) and not cluster.installed(*VIRTUAL_SERVICE)


def _crashed(pod: Object) -> Object:
    """Return the pod's status after the container ended once more."""
    meta = pod["metadata"]
    place = f"{meta['name']}_{meta['namespace']}({meta['uid']})"
    waiting = {"reason": CRASH, "message": f"back-off restarting failed container={CONTAINER} pod={place}"}
    ended = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": now(), "finishedAt": now()}}
    status = _with_container(pod, {"ready": False, "started": False, "state": {"waiting": waiting}, "lastState": ended})
    container = next(entry for entry in status["containerStatuses"] if entry["name"] == CONTAINER)
    container["restartCount"] += 1
    return status


def _running(pod: Object) -> Object:
    """Return the pod's status with the container running again."""
    return _with_container(pod, {"ready": True, "started": True, "state": {"running": {"startedAt": now()}}})


def _with_container(pod: Object, change: Object) -> Object:
    """Return the status with this change of the container, and readiness as follows from it."""
    status: Object = copy.deepcopy(pod["status"])
    for entry in status["containerStatuses"]:
        if entry["name"] == CONTAINER:
            entry.update(change)
    unready = [entry["name"] for entry in status["containerStatuses"] if not entry["ready"]]
    why = {"reason": "ContainersNotReady", "message": f"containers with unready status: [{' '.join(unready)}]"}
    for entry in status["conditions"]:
        if entry["type"] in ("Ready", "ContainersReady"):
            entry |= {"status": "False" if unready else "True", "lastTransitionTime": now()}
            for key in ("reason", "message"):
                entry.pop(key, None)
            entry |= why if unready else {}
    return status
