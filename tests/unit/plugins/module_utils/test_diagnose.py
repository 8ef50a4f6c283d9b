from __future__ import annotations

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.evidence import Evidence, explain, family
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.gather import paragraph
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.providers import explain as provider_of

MESH = {
    "apiVersion": "maistra.io/v2",
    "kind": "ServiceMeshControlPlane",
    "metadata": {"name": "basic", "namespace": "istio-system", "uid": "mesh"},
    "status": {
        "conditions": [
            {"type": "Installed", "status": "True", "reason": "InstallSuccessful"},
            {"type": "Ready", "status": "False", "reason": "ComponentsNotReady", "message": "istio-ingress"},
        ]
    },
}


def owned(kind: str, name: str, owner: str, **rest: Any) -> dict[str, Any]:
    metadata = {"name": name, "uid": name, "ownerReferences": [{"uid": owner}]}
    return {"kind": kind, "metadata": metadata, **rest}


def event(kind: str, name: str, reason: str, message: str, **rest: Any) -> dict[str, Any]:
    return {"involvedObject": {"kind": kind, "name": name, "uid": name}, "reason": reason, "message": message, **rest}


def pulling(name: str, owner: str) -> dict[str, Any]:
    waiting = {"reason": "ImagePullBackOff", "message": 'Back-off pulling image "x"'}
    status = {"containerStatuses": [{"name": "proxy", "state": {"waiting": waiting}}]}
    return owned("Pod", name, owner, status=status)


WORKLOADS = [owned("Deployment", "gateway", "mesh"), owned("ReplicaSet", "gateway-1", "gateway")]


def test_the_family_reaches_through_owners() -> None:
    pods = [pulling("gateway-1-a", "gateway-1"), pulling("strange-a", "strange")]
    assert [o["metadata"]["name"] for o in family(MESH, [*pods, *WORKLOADS])] == ["gateway", "gateway-1", "gateway-1-a"]


def test_an_explanation_goes_from_condition_over_pod_and_event_to_the_next_command() -> None:
    refused = event("ReplicaSet", "gateway-1", "FailedCreate", "forbidden: security context constraint", count=12)
    evidence = Evidence(
        events=[event("ReplicaSet", "strange", "FailedCreate", "not ours"), refused],
        workloads=WORKLOADS,
        pods=[pulling("gateway-1-a", "gateway-1"), pulling("strange-a", "strange")],
    )
    assert explain(MESH, evidence) == [
        "condition Ready is False: ComponentsNotReady: istio-ingress",
        'pod gateway-1-a, container proxy: ImagePullBackOff: Back-off pulling image "x"',
        "event on ReplicaSet gateway-1, 12 times: FailedCreate: forbidden: security context constraint",
        "look further: oc describe servicemeshcontrolplane.maistra.io basic -n istio-system",
    ]


def test_without_owners_everything_of_the_namespace_is_under_suspicion() -> None:
    lines = explain(MESH, Evidence(pods=[pulling("strange-a", "strange")]))
    assert any("strange-a" in line for line in lines)


def test_a_condition_that_is_bad_when_true_is_told_and_a_good_one_is_not() -> None:
    status = {
        "conditions": [
            {"type": "NotReady", "status": "True", "reason": "TimeoutException", "message": "Exceeded"},
            {"type": "Ready", "status": "True"},
            {"type": "CollectorDeadEnd", "status": "False"},
        ]
    }
    assert explain({**MESH, "status": status}, Evidence())[:-1] == [
        "condition NotReady is True: TimeoutException: Exceeded"
    ]


def test_a_paragraph_says_nothing_twice() -> None:
    lines = ["condition Ready is False: it broke", "event on Pod p: gone"]
    assert paragraph("X is not ready: it broke", lines) == "X is not ready: it broke\n  event on Pod p: gone"


def subscription(package: str, **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "mine", "namespace": "operators"}, "spec": {"name": package}, "status": status}


def test_a_kind_that_is_not_served_names_what_became_of_its_operator() -> None:
    others = subscription("kiali-ossm", state="AtLatestKnown", installedCSV="kiali-operator.v1.57.3")
    waiting = subscription("amq-streams", state="UpgradePending", currentCSV="amqstreams.v2.2.0-4")
    assert provider_of("kafka.strimzi.io", [others, waiting]) == [
        "its operator amq-streams: UpgradePending, amqstreams.v2.2.0-4 (oc describe subscription mine -n operators)"
    ]
    condition = {"type": "ResolutionFailed", "status": "True", "reason": "ConstraintsNotSatisfiable", "message": "why"}
    (line,) = provider_of("kafka.strimzi.io", [subscription("strimzi-kafka-operator", conditions=[condition])])
    assert line.startswith("its operator strimzi-kafka-operator: ConstraintsNotSatisfiable: why (oc describe")
    assert provider_of("kafka.strimzi.io", [others]) == [
        "its operator amq-streams or strimzi-kafka-operator: nothing on the cluster subscribes to it"
    ]
