"""What keeps pods from running, and which of it does not heal by itself."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose import causes
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.causes import Causes, cause
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.evidence import Evidence
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.pods import (
    STUCK_SECONDS,
    claim_troubles,
    pod_troubles,
    restarts,
    workload_troubles,
)
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing

PULL = 'Failed to pull image "x": rpc error: code = Unknown desc = '
BACK_OFF = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x"'}
CRASH = {"reason": "CrashLoopBackOff", "message": "back-off 5m"}
KAFKA = {"metadata": {"name": "seldon", "namespace": "seldon-kafka", "uid": "kafka"}}


def event(about: str, reason: str, message: str, **rest: Any) -> dict[str, Any]:
    return {"involvedObject": {"uid": about}, "reason": reason, "message": message, **rest}


def pod(
    waiting: dict[str, Any] | None = None,
    *,
    phase: str = "Running",
    owner: str = "kafka",
    count: int = 0,
    **status: Any,
) -> dict[str, Any]:
    container = {"name": "c", "image": "x", "state": {"waiting": waiting} if waiting else {"running": {}}}
    if count:
        container |= {"restartCount": count, "lastState": {"terminated": {"exitCode": 1, "reason": "Error"}}}
    metadata = {"name": "p", "namespace": "n", "uid": "p", "ownerReferences": [{"uid": owner}]}
    return {"kind": "Pod", "metadata": metadata, "status": {"phase": phase, "containerStatuses": [container], **status}}


@pytest.mark.parametrize(
    ("answer", "final"),
    [
        ("reading manifest 1 in quay.io/x: manifest unknown: manifest unknown", True),
        ("unauthorized: access to the requested resource is not authorized", True),
        ('pinging container registry quay.io: Get "https://quay.io/v2/": dial tcp: i/o timeout', False),
        ("toomanyrequests: You have reached your pull rate limit", False),
    ],
)
def test_a_registry_that_will_answer_the_same_again_is_final(answer: str, final: bool) -> None:
    older = event("p", "Failed", f"{PULL}something else", lastTimestamp="2023-01-01T00:00:00Z")
    events = [older, event("p", "Failed", PULL + answer, lastTimestamp="2023-01-01T00:01:00Z")]
    (found,) = pod_troubles(pod(BACK_OFF), events)
    assert found.reason == f"pod p, container c: ImagePullBackOff: {PULL}{answer}"
    assert isinstance(found, Failed) == final


def test_without_an_event_a_pull_is_waited_for() -> None:
    (found,) = pod_troubles(pod(BACK_OFF))
    assert found == Progressing('pod p, container c: ImagePullBackOff: Back-off pulling image "x"')


@pytest.mark.parametrize(
    ("count", "before", "final"),
    [
        (6, {("p", "c"): 5}, True),  # started again while it was awaited, and ended again
        (5, {("p", "c"): 0}, True),
        (4, {("p", "c"): 0}, False),  # an installation lacks things for a moment
        (9, {("p", "c"): 9}, False),  # what it lacked may have come since it ended
        (9, {}, False),  # not looked at before
        (6, None, False),  # something else is on its way
    ],
)
def test_a_container_that_ends_again_and_again(count: int, before: dict[tuple[str, str], int], final: bool) -> None:
    (found,) = pod_troubles(pod(CRASH, count=count), before=before)
    assert isinstance(found, Failed) == final
    assert found.reason == (
        "pod p, container c: CrashLoopBackOff: back-off 5m; it ended with exit code 1 (Error); "
        "its last logs: oc logs p -c c -p -n n"
    )


def test_pods_that_find_no_node_or_are_not_ready() -> None:
    homeless = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes"}
    unready = [{"type": "Ready", "status": "False"}]
    probed = event("p", "Unhealthy", "Readiness probe failed: 503", count=2)
    assert list(pod_troubles(pod({"reason": "PodInitializing"}, conditions=[homeless, *unready]))) == [
        Progressing("pod p is not scheduled: Unschedulable: 0/3 nodes")
    ]
    assert not list(pod_troubles(pod(conditions=unready), [probed]))
    assert list(pod_troubles(pod(conditions=unready), [{**probed, "count": 3}])) == [
        Progressing("pod p is not ready: Unhealthy: Readiness probe failed: 503")
    ]


def claim(storage_class: str | None, phase: str = "Pending") -> dict[str, Any]:
    spec = {"storageClassName": storage_class} if storage_class is not None else {}
    return {"metadata": {"name": "data", "uid": "data"}, "spec": spec, "status": {"phase": phase}}


def test_a_claim_without_a_volume_says_what_its_driver_says() -> None:
    refused = [event("data", "ProvisioningFailed", "VolumeLimitExceeded")]
    said = "claim data has no volume: ProvisioningFailed: VolumeLimitExceeded"
    assert list(claim_troubles(claim("gp3"), refused)) == [Failed(said, after=STUCK_SECONDS)]
    assert not list(claim_troubles(claim("gp3"), []))
    assert not list(claim_troubles(claim("gp3", "Bound"), refused))
    assert not list(claim_troubles(claim(""), []))
    (found,) = claim_troubles(claim(None), [])
    assert "there is no default one" in found.reason


@pytest.mark.parametrize(("message", "final"), [("exceeded quota: small", True), ("webhook did not answer", False)])
def test_a_workload_whose_pods_are_refused(message: str, final: bool) -> None:
    workload = {"kind": "StatefulSet", "metadata": {"name": "s", "uid": "s"}, "spec": {"replicas": 3}}
    refused = [event("s", "FailedCreate", message)]
    (found,) = workload_troubles({**workload, "status": {"replicas": 1}}, refused)
    assert found.reason == f"StatefulSet s cannot create pods: FailedCreate: {message}"
    assert isinstance(found, Failed) == final
    assert not list(workload_troubles({**workload, "status": {"replicas": 3}}, refused))


def test_only_what_is_owned_counts_and_the_worst_comes_first() -> None:
    probing = pod(conditions=[{"type": "PodScheduled", "status": "False", "message": "0/3 nodes"}])
    volumes = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    events = [event("data", "ProvisioningFailed", "VolumeLimitExceeded")]
    mine = {**probing, "spec": {"volumes": volumes}}
    found = cause(KAFKA, Evidence(events=events, pods=[mine], claims=[claim("gp3")]), {})
    assert isinstance(found, Failed)
    assert "VolumeLimitExceeded" in found.reason
    assert cause(KAFKA, Evidence(pods=[mine], claims=[claim("gp3")]), {}) == Progressing(
        "pod p is not scheduled: 0/3 nodes"
    )
    assert cause(KAFKA, Evidence(pods=[pod(BACK_OFF, owner="theirs")]), {}) is None


def test_who_ends_may_lack_what_is_still_on_its_way() -> None:
    loop, coming = pod(CRASH, count=6), pod({"reason": "ContainerCreating"}, phase="Pending", owner="other")
    assert isinstance(cause(KAFKA, Evidence(pods=[loop]), {("p", "c"): 5}), Failed)
    assert isinstance(cause(KAFKA, Evidence(pods=[loop, coming]), {("p", "c"): 5}), Progressing)


def test_a_wait_looks_from_time_to_time_and_remembers_the_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []

    def look(_client: object, _namespace: str, deadline: float) -> Evidence:
        looks.append(deadline - causes.READ_SECONDS)
        return Evidence(pods=[pod(CRASH, count=4 + len(looks))])

    monkeypatch.setattr(causes, "evidence", look)
    watching, state = Causes(None), Progressing("Creating.")  # type: ignore[arg-type]
    assert watching.add(KAFKA, state, 100) is state
    assert watching.add(None, state, 100) is state
    said = watching.add(KAFKA, state, 111)
    assert isinstance(said, Progressing)
    assert said.reason.startswith("Creating; pod p, container c: CrashLoopBackOff")
    assert watching.add(KAFKA, state, 112) == said
    assert isinstance(watching.add(KAFKA, state, 127), Failed)
    assert looks == [111, 127]
    assert restarts([pod(count=3)]) == {("p", "c"): 3}
