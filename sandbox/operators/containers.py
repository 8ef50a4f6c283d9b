"""Containers that end by themselves, the part of a kubelet that nobody else plays: those of Seldon's two operators.

The operator of Seldon Core 1 exits when it is to make VirtualServices and nobody serves that kind; the operator of
Seldon Core 2 exits as long as it does not reach its scheduler.
"""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.operators import seldon_v2
from sandbox.operators.seldon_v1.common import VIRTUAL_SERVICE, environment, istio_enabled
from sandbox.simulator import Cluster, Operator

PODS_STATE = "sandbox.seldon/pod"  # read by the stages in sandbox/kwok
CRASH = "CrashLoopBackOff"
DEFINITION = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")

operator = Operator("containers", manager="kubelet", platform=True)


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
    """Let a container that cannot run end some time after its start, and run once it can."""
    meta, status = pod["metadata"], pod.get("status", {})
    if meta.get("deletionTimestamp") or status.get("phase") != "Running":
        return None
    crashed = meta.get("annotations", {}).get(PODS_STATE) == CRASH
    ends = _ends(cluster, pod)
    if ends == crashed:
        # A definition that has just come is served a moment later: look again.
        return cluster.latency("containers.back_off") if crashed else None
    if wait := cluster.pause(pod, "containers.exit" if ends else "containers.restart", step=meta["resourceVersion"]):
        return wait
    cluster.kube.patch(pod, {"metadata": {"annotations": {PODS_STATE: CRASH if ends else None}}})
    if ends:
        cluster.event(pod, "Warning", "BackOff", "Back-off restarting failed container")
    return None


def _ends(cluster: Cluster, pod: Object) -> bool:
    if _is_v2(pod):
        return not seldon_v2.scheduler_answers(cluster, pod["metadata"]["namespace"])
    return istio_enabled(environment(pod)) and not cluster.installed(*VIRTUAL_SERVICE)
