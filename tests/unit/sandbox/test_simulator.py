"""The frame of the simulated operators: queue, faults, latencies, conditions, admission, pods."""

from __future__ import annotations

import asyncio
import base64
import json
import threading
from pathlib import Path

import pytest
import yaml

from sandbox import operators, pods
from sandbox.kube import ApiError
from sandbox.simulator.objects import available, conditions, deployment, make
from sandbox.simulator.queue import WorkQueue
from sandbox.simulator.settings import PROFILES, Faults, Profile
from sandbox.simulator.webhook_server import Denied, review

MESH = {"kind": "ServiceMeshControlPlane", "metadata": {"namespace": "istio-system", "name": "basic"}}


def worked(results: list[object], adds: int = 1) -> int:
    """Run a queue whose calls end in `results`, one after the other, and return how many calls there were."""

    async def run() -> int:
        calls: list[str] = []
        done = asyncio.Event()
        loop = asyncio.get_running_loop()

        def work(key: str) -> float | None:
            calls.append(key)
            result = results[len(calls) - 1]
            if len(calls) == len(results):
                loop.call_soon_threadsafe(done.set)
            if isinstance(result, Exception):
                raise result
            return result  # type: ignore[return-value]

        queue: WorkQueue[str] = WorkQueue(work)
        for _ in range(adds):
            queue.add("key")
        await asyncio.wait_for(done.wait(), 20)
        await asyncio.sleep(0.05)  # a call too many would come now
        return len(calls)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("results", "adds"),
    [
        ([None], 1),
        ([None], 3),  # what happens before a call is one call
        ([0.01, None], 1),
        ([ApiError(409, "changed"), None], 1),
        ([ApiError(500, "down"), None], 1),
        ([ValueError("a broken simulator"), None], 1),
    ],
)
def test_queue_calls_as_often_as_needed(results: list[object], adds: int) -> None:
    assert worked(results, adds) == len(results)


def test_queue_works_on_one_key_at_a_time_and_again_when_something_happened_meanwhile() -> None:
    async def run() -> list[str]:
        log: list[str] = []
        entered, leave, done = threading.Event(), threading.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def work(key: str) -> None:
            log.append(f"{key} begins")
            entered.set()
            leave.wait(20)
            log.append(f"{key} ends")
            if len(log) == 4:
                loop.call_soon_threadsafe(done.set)

        queue: WorkQueue[str] = WorkQueue(work)
        queue.add("key")
        await asyncio.to_thread(entered.wait, 20)
        queue.add("key")
        leave.set()
        await asyncio.wait_for(done.wait(), 20)
        return log

    assert asyncio.run(run()) == ["key begins", "key ends", "key begins", "key ends"]


def test_profile_divides_its_seconds_and_names_what_is_missing() -> None:
    profile = Profile({"mesh": {"wave": 30}}, divide_by=10)
    assert profile.seconds("mesh.wave") == 3
    with pytest.raises(KeyError, match=r"add 'other' under 'mesh'"):
        profile.seconds("mesh.other")


def test_profiles_know_the_same_latencies() -> None:
    known = [yaml.safe_load(path.read_text())["latencies"] for path in sorted(PROFILES.glob("*.yaml"))]
    names = [{(operator, step) for operator, steps in profile.items() for step in steps} for profile in known]
    assert len(names) > 1
    assert all(other == names[0] for other in names)


@pytest.mark.parametrize(
    ("entry", "matches"),
    [
        ({}, True),
        ({"kind": "ServiceMesh*"}, True),
        ({"kind": "Kafka"}, False),
        ({"namespace": "istio-system", "name": "bas?c"}, True),
        ({"namespace": "other"}, False),
    ],
)
def test_faults_are_narrowed_by_patterns(entry: dict[str, str], matches: bool) -> None:
    faults = Faults([{"fault": "operand-not-ready", **entry}])
    assert bool(faults.matching("operand-not-ready", MESH)) is matches
    assert not faults.matching("another", MESH)


def test_faults_hold_from_after_for_seconds() -> None:
    [active] = Faults([{"fault": "f", "after": 60, "seconds": 30}]).matching("f", MESH)
    assert (active.starts, active.ends) == (60, 90)


def test_every_fault_file_is_a_list_of_named_faults() -> None:
    files = sorted((Path(operators.__file__).parent.parent / "faults").glob("*.yaml"))
    assert files
    assert all(entry["fault"] for file in files for entry in Faults.load([str(file)]).entries)


def test_conditions_keep_their_time_until_the_status_changes() -> None:
    before = {"type": "Ready", "status": "False", "reason": "Old", "lastTransitionTime": "2022-12-01T00:00:00Z"}
    obj = {"status": {"conditions": [before]}}
    [same] = conditions(obj, ("Ready", "False", "New", "why"))
    [moved] = conditions(obj, ("Ready", "True", "", ""))
    assert same == before | {"reason": "New", "message": "why"}
    assert moved["lastTransitionTime"] > before["lastTransitionTime"]
    assert moved.keys() == {"type", "status", "lastTransitionTime"}


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ({}, False),
        ({"observedGeneration": 2, "readyReplicas": 2, "updatedReplicas": 2}, True),
        ({"observedGeneration": 1, "readyReplicas": 2, "updatedReplicas": 2}, False),
        ({"observedGeneration": 2, "readyReplicas": 2, "updatedReplicas": 1}, False),
        ({"observedGeneration": 2, "readyReplicas": 1, "updatedReplicas": 2}, False),
    ],
)
def test_a_workload_is_available_when_its_newest_pods_are_ready(status: dict[str, int], expected: bool) -> None:
    workload = deployment("web", "default", selector={"app": "web"}, containers={"web": [80]}, replicas=2)
    workload["metadata"]["generation"] = 2
    assert available(workload | {"status": status}) is expected


def answer(handler: object, obj: dict[str, object]) -> dict[str, object]:
    body = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "object": obj}}
    return review({"/hook": handler}, "/hook", body)["response"]  # type: ignore[dict-item]


def test_admission_answers_with_a_patch_of_what_changed() -> None:
    obj: dict[str, object] = {"spec": {"members": ["a", "b"]}, "status": {}, "kind": "Roll"}
    response = answer(lambda _request: {"spec": {"members": ["a"]}, "kind": "Roll"}, obj)
    patch = json.loads(base64.b64decode(str(response["patch"])))
    assert response["allowed"] is True
    assert patch == [{"op": "add", "path": "/spec", "value": {"members": ["a"]}}, {"op": "remove", "path": "/status"}]
    assert "patch" not in answer(lambda _request: None, obj)
    assert "patch" not in answer(lambda request: request["object"], obj)


def test_admission_refuses_with_message_code_and_reason() -> None:
    def deny(_request: object) -> None:
        raise Denied("no", 403, "Forbidden")

    response = answer(deny, {})
    assert response["allowed"] is False
    assert response["status"] == {"message": "no", "code": 403, "reason": "Forbidden"}


def test_operators_are_found_by_the_name_of_their_module() -> None:
    everything = {operator.name for operator in operators.operators()}
    assert {"service_mesh", "jaeger", "kiali"} <= everything
    assert {operator.name for operator in operators.operators(without={"kiali"})} == everything - {"kiali"}
    assert [operator.name for operator in operators.operators(only={"jaeger"})] == ["jaeger"]
    with pytest.raises(ValueError, match="nobody"):
        operators.operators(without={"nobody"})


def test_every_operator_writes_by_a_field_manager_of_its_own() -> None:
    managers = {operator.name: operator.manager for operator in operators.operators()}
    assert managers["eck"] == "elastic-operator"
    assert managers["gitops"] == "gitops-operator"
    assert all(managers.values())
    # A person's client would be taken back from.
    assert not [name for name, manager in managers.items() if manager.startswith(("python", "kubectl", "OpenAPI"))]


def test_objects_carry_their_owner() -> None:
    parent = make("maistra.io/v2", "ServiceMeshControlPlane", "basic", "istio-system") | {}
    parent["metadata"]["uid"] = "u"
    child = make("v1", "Service", "web", "istio-system", owned_by=parent, spec={})
    [owner] = child["metadata"]["ownerReferences"]
    assert (owner["kind"], owner["name"], owner["uid"], owner["controller"]) == (parent["kind"], "basic", "u", True)


def test_pods_wait_for_the_latency_and_the_faults_become_states() -> None:
    faults = [
        {"fault": "pod-image-pull", "namespace": "istio-*", "name": "istiod-*"},
        {"fault": "pod-crash-loop", "name": "*it's-?"},
        {"fault": "operand-not-ready"},
    ]
    stages = {stage["metadata"]["name"]: stage["spec"] for stage in yaml.safe_load_all(pods.stages(profile(), faults))}
    assert stages["pod-ready"]["delay"]["durationMilliseconds"] == 250
    keys = [entry["key"] for entry in stages["pod-ready"]["selector"]["matchExpressions"]]
    assert r'if (.metadata.namespace | test("^istio\\-.*\\z")) and' in keys[-1]
    assert 'then "ImagePullBackOff" elif' in keys[-1]
    assert """test("^.*it's\\\\-.\\\\z")) then "CrashLoopBackOff" elif""" in keys[-1]
    assert 'then "CreateContainerConfigError" else "Ready" end' in keys[-1]


def profile() -> Profile:
    return Profile({"pods": {"ready": 0.25}})
