"""What is told of an object is so now, once, and names what its pods meet."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.alike import is_told, told_once
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.causes import cause
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.events import about, present
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.evidence import Evidence, explain
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.gather import paragraph
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SELDON_DEPLOYMENT
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.registry import assess
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing

from tests.unit.observed import observed

Object = dict[str, Any]

SCC = (
    'Error creating: pods "{name}-" is forbidden: unable to validate against any security context constraint: '
    "[spec.containers[0].securityContext.runAsUser: Invalid value: {user}: must be in the ranges: [1000660000, 1]]"
)
QUOTA = (
    'Error creating: pods "{name}-" is forbidden: exceeded quota: small, requested: cpu=1, used: cpu=2, limited: cpu=2'
)


def at(minute: int, second: int = 0) -> str:
    return f"2022-12-01T10:{minute:02}:{second:02}Z"


def event(about_: str, reason: str, message: str, minute: int | None = None, **rest: Any) -> Object:
    times = {} if minute is None else {"lastTimestamp": at(minute)}
    kind = about_.partition("/")[0]
    return {
        "involvedObject": {"uid": about_, "kind": kind, "name": about_.partition("/")[2]},
        "reason": reason,
        "message": message,
        **times,
        **rest,
    }


def thing(kind: str, name: str, owner: str = "", *, written: int | None = None, **rest: Any) -> Object:
    metadata: Object = {"name": name, "namespace": "seldon", "uid": f"{kind}/{name}"}
    if owner:
        metadata["ownerReferences"] = [{"uid": owner}]
    if written is not None:
        entry = {"manager": "m", "operation": "Update", "time": at(written), "fieldsV1": {"f:spec": {}}}
        metadata["managedFields"] = [entry]
    return {"kind": kind, "apiVersion": "apps/v1", "metadata": metadata, **rest}


def replica_set(name: str, owner: str, revision: int, pods: int = 0, wanted: int = 1, **rest: Any) -> Object:
    made = thing("ReplicaSet", name, owner, **rest)
    made["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": str(revision)}
    made |= {"spec": {"replicas": wanted}, "status": {"replicas": pods}}
    return made


def ready(status: str, minute: int) -> Object:
    return {"conditions": [{"type": "Ready", "status": status, "lastTransitionTime": at(minute)}]}


@pytest.mark.parametrize(
    ("obj", "told"),
    [
        pytest.param(thing("StatefulSet", "x"), [10, 20, 30], id="nobody tells since when"),
        pytest.param(thing("StatefulSet", "x", written=20), [20, 30], id="of the spec as it is"),
        pytest.param(thing("Pod", "x", written=20), [10, 20, 30], id="a pod's spec is complete after some writes"),
        pytest.param(thing("Pod", "x", status=ready("True", 25)), [30], id="it was well after it"),
        pytest.param(thing("Pod", "x", status=ready("False", 21)), [20, 30], id="it was well before it"),
        pytest.param(thing("Kafka", "x", written=15, status=ready("False", 31)), [30], id="both count"),
    ],
)
def test_events_of_before_are_of_another_cause(obj: Object, told: list[int]) -> None:
    uid = obj["metadata"]["uid"]
    events = [event(uid, "Failed", str(minute), minute) for minute in (10, 30, 20)]
    race = 'Operation cannot be fulfilled on deployments.apps "x": the object has been modified; please apply'
    others = [event("Pod/y", "Failed", "theirs", 30), event(uid, "Failed", "some time"), event(uid, "Error", race, 31)]
    found = [each["message"] for each in about(obj, [*events, *others])]
    assert sorted(found, key=lambda text: (not text.isdigit(), text)) == [*map(str, told), "some time"]
    assert found == [*map(str, sorted(told, reverse=True)), "some time"]


def test_a_replica_set_that_was_replaced_tells_nothing_and_neither_do_its_pods() -> None:
    deployment = thing("Deployment", "d")
    old, new = replica_set("d-1", "Deployment/d", 9), replica_set("d-2", "Deployment/d", 10)
    other = replica_set("e-1", "Deployment/e", 1)
    lone = [replica_set("lone", "", 1), replica_set("lonely", "", 2)]
    pods = [thing("Pod", "p", "ReplicaSet/d-1"), thing("Pod", "q", "ReplicaSet/d-2")]
    kept = present([deployment, old, new, other, *lone, *pods])
    assert [each["metadata"]["name"] for each in kept] == ["d", "d-2", "e-1", "lone", "lonely", "q"]
    refused = [
        event("ReplicaSet/d-1", "FailedCreate", SCC.format(name="d-1", user=999), 10),
        event("ReplicaSet/d-2", "FailedCreate", QUOTA.format(name="d-2"), 20),
    ]
    found = cause(deployment, Evidence(events=refused, workloads=[old, new]), {})
    assert found is not None
    assert "exceeded quota" in found.reason
    assert not any("security context" in line for line in explain(deployment, Evidence(refused, [old, new])))


def test_a_refusal_is_over_once_the_pods_are_there() -> None:
    refused = [event("ReplicaSet/d-1", "FailedCreate", SCC.format(name="d-1", user=999), 10)]
    lines = explain(thing("Deployment", "d"), Evidence(refused, [replica_set("d-1", "Deployment/d", 1, pods=1)]))
    assert lines == ["look further: oc describe deployment.apps d -n seldon"]


def test_the_condition_of_a_replica_set_tells_when_its_event_is_gone_and_when_it_is_over() -> None:
    message = SCC.format(name="d-1", user=999).removeprefix("Error creating: ")
    failing = replica_set("d-1", "Deployment/d", 1)
    failing["status"] |= {
        "observedGeneration": 1,
        "conditions": [{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message}],
    }
    deployment = thing("Deployment", "d")
    found = cause(deployment, Evidence(workloads=[failing]), {})
    assert isinstance(found, Failed)
    assert found.reason == f"ReplicaSet d-1 cannot create pods: FailedCreate: {message}"
    failing["status"]["conditions"] = []
    old = [event("ReplicaSet/d-1", "FailedCreate", message, 10)]
    assert cause(deployment, Evidence(events=old, workloads=[failing]), {}) is None


@pytest.mark.parametrize(("changed", "kind"), [(5, Failed), (10, Failed), (11, Progressing)])
def test_a_condition_of_before_the_change_is_not_what_a_deployment_is(changed: int, kind: type) -> None:
    """It comes from the ReplicaSet of before, which does not try again for minutes."""
    refused = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": QUOTA}
    status = {"observedGeneration": 1, "conditions": [{**refused, "lastUpdateTime": at(10)}]}
    made = thing("Deployment", "d", written=changed, spec={"replicas": 1}, status=status)
    assert type(assess(made)) is kind
    assert any("exceeded quota" in line for line in explain(made, Evidence())) == (kind is Failed)


def test_one_refusal_of_many_workloads_is_one_line() -> None:
    names = [f"d{number}-1" for number in range(7)]
    mesh = {**thing("Mesh", "m"), "apiVersion": "x/v1"}
    events = [
        event(f"ReplicaSet/{name}", "FailedCreate", SCC.format(name=name, user=1337 + number), number, count=number + 1)
        for number, name in enumerate(names)
    ]
    for number, each in enumerate([{}, {"spec": {"replicas": 1}, "status": {"replicas": 0}}]):
        sets = [{**thing("ReplicaSet", name, "Mesh/m"), **each} for name in names]
        lines = explain(mesh, Evidence(events=events, workloads=sets))
        assert len(lines) == 2, (number, lines)
        assert lines[0].count("FailedCreate") == 1
        assert "(likewise ReplicaSet d" in lines[0]
        assert " and 1 more)" in lines[0]


def test_a_refusal_as_condition_event_and_headline_is_told_once() -> None:
    event_text = "FailedCreate: " + SCC.format(name="d-1", user=999)
    condition_text = event_text.replace("Error creating: ", "")
    lines = [
        f"condition ReplicaFailure is True: {condition_text}",
        f"ReplicaSet d-1 cannot create pods: {event_text}",
        f"event on ReplicaSet d-1, 7 times: {event_text}",
        f"event on ReplicaSet d-1: {event_text.replace('Error', '(combined from similar events): Error')}",
        "event on Pod p: FailedMount: other",
    ]
    assert told_once(lines) == [lines[0], lines[-1]]
    assert paragraph(f"Deployment d is not ready: {event_text}", lines).splitlines()[1:] == [f"  {lines[-1]}"]
    assert not is_told("event on Pod p: FailedCreate: something else", event_text)


@pytest.mark.parametrize(
    "lines",
    [
        ['pod p: Failed to pull image "x"', 'pod q: Failed to pull image "y"'],
        ["event on A a: FailedCreate: exceeded quota", "event on A a: FailedCreate: no security context"],
    ],
)
def test_different_causes_stay_apart(lines: list[str]) -> None:
    assert told_once(lines) == lines


REFUSED = SCC.format(name="m-default-0-c-5", user=8888)
MODEL = {
    **SELDON_DEPLOYMENT.named("m", "seldon").bare(),
    "status": {
        "state": "Creating",
        "conditions": [
            {
                "type": "Ready",
                "status": "False",
                "reason": "MinimumReplicasUnavailable",
                "message": "Deployment does not have minimum availability.",
            }
        ],
    },
}
MODEL["metadata"]["uid"] = "model"
OWNED = [
    thing("Deployment", "m-default-0-c", "model"),
    replica_set("m-default-0-c-5", "Deployment/m-default-0-c", 1),
]
TOLD = [
    {**event("ReplicaSet/m-default-0-c-5", "FailedCreate", REFUSED, 1), "apiVersion": "v1", "kind": "Event"},
]
TOLD[0]["metadata"] = {"name": "e", "namespace": "seldon"}


def test_a_check_names_why_the_pods_of_a_model_are_refused() -> None:
    model = SELDON_DEPLOYMENT.named("m", "seldon")
    state = observed(MODEL, *OWNED, *TOLD).state(model)
    assert isinstance(state, Progressing)
    assert "MinimumReplicasUnavailable: Deployment does not have minimum availability; ReplicaSet" in state.reason
    assert f"ReplicaSet m-default-0-c-5 cannot create pods: FailedCreate: {REFUSED}" in state.reason
    silent = observed(MODEL, *OWNED, *TOLD, forbidden=("Event",))
    assert "cannot create pods" not in silent.state(model).reason
    assert silent.refused == []
