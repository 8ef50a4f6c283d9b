# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What keeps pods from running, and whether it heals by itself: pure functions over pods, claims, workloads and events.

A trouble is a State: Progressing may heal, Failed does not once it has held for its seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Union

from ..kube.objects import Object, condition, condition_text, section
from ..readiness import refusals
from ..readiness.state import Failed, Progressing
from ..readiness.workloads import deployment
from .events import RECENT, about, said_at

Trouble = Union[Progressing, Failed]
# Restarts of containers by the uid of the pod and the name of the container.
Restarts = Mapping[tuple[str, str], int]

# A container in one of these is on its way.
ORDINARY = ("ContainerCreating", "PodInitializing")
# A registry that answers so will answer the same the next time; what it can't answer at the moment is asked again.
FINAL_PULLS = ("denied", "invalid reference format", "manifest unknown", "name unknown", "unauthorized")
STUCK_SECONDS = 90.0
# By then the kubelet has tried for minutes; what an installation lacks for a moment makes containers end less often.
MANY_RESTARTS = 5
# Probes fail and volumes are late in every start; what was said so often is worth telling.
OFTEN = 3


def pod_troubles(pod: Object, events: Sequence[Object] = (), before: Restarts | None = None) -> Iterator[Trouble]:
    """Yield why a pod does not run: no node takes it, its image cannot be pulled, a container ends again and again.

    events: the Warning events of the namespace.
    before: the restarts when the wait began. A container in a long row of restarts that was started again meanwhile,
    and ended again, does not heal; None says that something else is still on its way, which it may lack.
    """
    name, status, said = pod["metadata"]["name"], section(pod, "status"), False
    told = about(pod, events)
    scheduled = condition(pod, "PodScheduled")
    if scheduled.get("status") == "False":
        said = True
        yield Progressing(f"pod {name} is not scheduled: {condition_text(scheduled, 'no reason given')}")
    for container in [*(status.get("initContainerStatuses") or []), *(status.get("containerStatuses") or [])]:
        waiting = section(container, "state", "waiting")
        if waiting.get("reason") and waiting["reason"] not in ORDINARY:
            said = True
            yield _waits(f"pod {name}, container {container['name']}", pod, container, told, before)
    often = [event for event in told if (event.get("count") or 1) >= OFTEN]
    if (
        often
        and not said
        and condition(pod, "Ready").get("status") == "False"
        and status.get("phase") in ("Pending", "Running")
    ):
        yield Progressing(f"pod {name} is not ready: {condition_text(often[0], 'no reason given')}")


def restarts(pods: Sequence[Object]) -> dict[tuple[str, str], int]:
    """Return how often the containers of these pods were started again."""
    return {
        (pod["metadata"]["uid"], container["name"]): container.get("restartCount", 0)
        for pod in pods
        for container in section(pod, "status").get("containerStatuses") or []
    }


def claim_troubles(claim: Object, events: Sequence[Object]) -> Iterator[Failed]:
    """Yield why a PersistentVolumeClaim has no volume: its driver cannot make one, or there is no driver."""
    name = claim["metadata"]["name"]
    if section(claim, "status").get("phase") != "Pending":
        return
    refused = [event for event in about(claim, events) if event.get("reason") == "ProvisioningFailed"]
    if refused:
        yield Failed(f"claim {name} has no volume: {condition_text(refused[0], '')}", after=STUCK_SECONDS)
    elif section(claim, "spec").get("storageClassName") is None:  # an empty one asks for a volume that is there already
        yield Failed(
            f"claim {name} has no volume: it names no StorageClass, and there is no default one", after=STUCK_SECONDS
        )


def workload_troubles(workload: Object, events: Sequence[Object], read: datetime | None = None) -> Iterator[Trouble]:
    """Yield why a workload has no pods, or none that get ready in its own time.

    events: the Warning events of the namespace, read at the time `read`. A refusal of long before may be mended, while
    the controller waits for minutes before it tries again; None takes every event for a new one.
    """
    name, kind = workload["metadata"]["name"], workload["kind"]
    if kind == "Deployment":
        state = deployment(workload)
        if isinstance(state, Failed):
            yield Failed(f"Deployment {name}: {state.reason}", after=state.after)
        return
    if not lacks_pods(workload):
        return
    refused = next((event for event in about(workload, events) if event.get("reason") == "FailedCreate"), None)
    told = _refusal(workload, refused)
    if told is not None:
        said = f"{kind} {name} cannot create pods: {condition_text(told, '')}"
        verdict = refusals.judge(said, workload["metadata"].get("namespace"), STUCK_SECONDS)
        late = isinstance(verdict, Failed) and refused is not None and _is_older(refused, read)
        yield replace(verdict, after=STUCK_SECONDS) if isinstance(verdict, Failed) and late else verdict


def _refusal(workload: Object, event: Object | None) -> Object | None:
    """Return what says why pods are refused: the event, or the condition where it is gone; None when nobody does.

    A ReplicaSet has the condition for as long as it is so, and an event for an hour.
    """
    told = condition(workload, "ReplicaFailure")
    if told.get("status") == "True":
        return event or told
    counted = section(workload, "status").get("observedGeneration") is not None
    return None if workload["kind"] == "ReplicaSet" and counted else event


def lacks_pods(workload: Object) -> bool:
    """Say whether a workload has fewer pods than it should have."""
    status = section(workload, "status")
    if workload["kind"] == "DaemonSet":
        return bool(status.get("currentNumberScheduled", 0) < status.get("desiredNumberScheduled", 0))
    return bool(status.get("replicas", 0) < section(workload, "spec").get("replicas", 0))


def _is_older(event: Object, read: datetime | None) -> bool:
    said = said_at(event)
    return bool(said and read and read - said > RECENT)


def _waits(
    who: str, pod: Object, container: Object, events: Sequence[Object], before: Restarts | None
) -> Progressing | Failed:
    """Judge a container that waits for something that is not ordinary."""
    waiting, last = section(container, "state", "waiting"), section(container, "lastState", "terminated")
    reason, image = waiting["reason"], container.get("image", "")
    if reason in ("ErrImagePull", "ImagePullBackOff", "InvalidImageName"):
        # The container only says that it backs off; what the registry answered is in an event.
        pulls = (e for e in events if "Failed to pull image" in e.get("message", "") and image in e["message"])
        answer = next(pulls, waiting).get("message", "")
        said = f"{who}: {condition_text({**waiting, 'message': answer}, '')}"
        final = reason == "InvalidImageName" or any(words in answer for words in FINAL_PULLS)
        return Failed(said, after=STUCK_SECONDS) if final else Progressing(said)
    ended = f"; it ended with exit code {last.get('exitCode')} ({last.get('reason')})" if last else ""
    said = f"{who}: {condition_text(waiting, '')}{ended}"
    if reason == "CrashLoopBackOff":
        said = f"{said}; its last logs: oc logs {pod['metadata']['name']} -c {container['name']} -p{_in(pod)}"
    count = container.get("restartCount", 0)
    known = count if before is None else before.get((pod["metadata"].get("uid", ""), container["name"]), count)
    if reason == "CrashLoopBackOff" and count >= MANY_RESTARTS and count > known:
        return Failed(said)
    return Progressing(said)


def _in(obj: Object) -> str:
    namespace = obj["metadata"].get("namespace")
    return f" -n {namespace}" if namespace else ""
