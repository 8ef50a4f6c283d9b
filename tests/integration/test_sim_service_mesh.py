"""The simulated Service Mesh operator behaves as the real one does: states, their order, side objects, admission, end.

One mesh lives through the tests in this order, as on a real cluster.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.definitions import Definitions, establish
from sandbox.kube import ApiError, Kube, Object
from sandbox.simulator.objects import condition, deployment, make
from tests.integration.cluster import Cluster

EXPECTED = yaml.safe_load((Path(__file__).parent / "fixtures" / "service_mesh.yaml").read_text(encoding="utf-8"))
CONTROL_PLANE = ("maistra.io/v2", "ServiceMeshControlPlane")
ROLL = ("maistra.io/v1", "ServiceMeshMemberRoll")
SMCP = make(*CONTROL_PLANE, "basic", "istio-system", spec={"version": "v2.0"})
ROLL_OF_TWO = make(*ROLL, "default", "istio-system", spec={"members": ["member-missing", "istio-system", "member-a"]})
KINDS_OF_MEMBERS = (
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("k8s.cni.cncf.io/v1", "NetworkAttachmentDefinition"),
)


def eventually(look: Callable[[], Any], seconds: float = 60) -> Any:
    """Return the first true value that `look` gives."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := look():
                return found
        except (ApiError, LookupError):
            pass
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {look()}")


@pytest.fixture(scope="module")
def kube(empty_cluster: Cluster) -> Kube:
    """A cluster with the mesh operator, but neither Jaeger's nor Kiali's definitions: only what OLM would bring."""
    kube = empty_cluster.kube
    for name in ("istio-system", "other-mesh", "member-a"):
        kube.apply(make("v1", "Namespace", name))
    establish(kube, Definitions.from_environment().load("service_mesh"))
    for name in ("service_mesh", "jaeger", "kiali"):
        kube.apply(operator_deployment(name, {"sandbox.seldon/operator": name}))
    eventually(lambda: kube.get("admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration", WEBHOOKS))
    return kube


WEBHOOKS = "openshift-operators.servicemesh-resources.maistra.io"


def operator_deployment(name: str, labels: dict[str, str]) -> Object:
    name = f"{name.replace('_', '-')}-operator"
    return deployment(name, "openshift-operators", selector=labels, containers={"manager": [8080]})


def scale_operator(kube: Kube, replicas: int) -> None:
    obj = operator_deployment("service_mesh", {})
    kube.patch(obj, {"spec": {"replicas": replicas}})


def control_plane(kube: Kube) -> Object:
    return kube.get(*CONTROL_PLANE, "basic", "istio-system") or {}


def roll(kube: Kube) -> Object:
    return kube.get(*ROLL, "default", "istio-system") or {}


def member_of_a(kube: Kube) -> Object:
    return kube.get("maistra.io/v1", "ServiceMeshMember", "default", "member-a") or {}


def ready(kube: Kube, generation: int) -> Object | None:
    smcp = control_plane(kube)
    done = smcp["status"].get("observedGeneration") == generation and condition(smcp, "Ready").get("status") == "True"
    return smcp if done else None


def timeless(value: Any) -> Any:
    """Return the value without the times in it."""
    if isinstance(value, dict):
        return {key: timeless(entry) for key, entry in value.items() if key != "lastTransitionTime"}
    return [timeless(entry) for entry in value] if isinstance(value, list) else value


def names(kube: Kube, kind: tuple[str, str], namespace: str) -> list[str]:
    return [found["metadata"]["name"] for found in kube.list(*kind, namespace)]


def refusal(call: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


def states(kube: Kube, until: Callable[[Object], bool]) -> tuple[threading.Thread, list[Object]]:
    """Collect in a thread how the control plane looks, one entry for each change that shows in a status."""
    seen: list[Object] = []

    def watch() -> None:
        for _, obj in kube.watch(*CONTROL_PLANE, "istio-system", seconds=120):
            state = summary(obj)
            if state and state not in seen:
                seen.append(state)
            if until(obj):
                return

    thread = threading.Thread(target=watch)
    thread.start()
    return thread, seen


def summary(smcp: Object) -> Object:
    status = smcp.get("status", {})
    if "conditions" not in status:
        return {}
    state: Object = {"reasons": [entry["reason"] for entry in status["conditions"]]}
    if "annotations" in status:
        found = status["readiness"]["components"]
        state["count"] = status["annotations"]["readyComponentCount"]
        state |= {key: found[key] for key in ("unready", "pending")}
    return state


def by_waves(state: Object) -> Object:
    """Return what does not depend on how fast pods are: slow ones make the operator say that it pauses."""
    reasons = ["ResourceCreated" if reason == "PausingInstall" else reason for reason in state["reasons"]]
    return {"reasons": reasons, "pending": state.get("pending")}


def distinct(entries: list[Object]) -> list[Object]:
    return [entry for index, entry in enumerate(entries) if entry not in entries[:index]]


def is_refused(kube: Kube, message: str) -> bool:
    return bool(condition(control_plane(kube), "Ready").get("message") == message)


def test_missing_definitions_are_named_one_after_the_other_and_a_touch_is_noticed(kube: Kube) -> None:
    eventually(lambda: kube.create(SMCP))
    definitions = Definitions.from_environment()
    for kind, api_version in (("Jaeger", "jaegertracing.io/v1"), ("Kiali", "kiali.io/v1alpha1")):
        expected = f'Dependency "{kind} CRD" is missing: error: no matches for kind "{kind}" in version "{api_version}"'
        kube.patch(SMCP, {"metadata": {"annotations": {"touched": kind}}})
        eventually(partial(is_refused, kube, expected))
        status = control_plane(kube)["status"]
        assert [entry["reason"] for entry in status["conditions"]] == [
            "ResourceCreated",
            *["DependencyMissingError"] * 2,
        ]
        assert status["annotations"]["readyComponentCount"] == "0/0"
        assert names(kube, ("apps/v1", "Deployment"), "istio-system") == []
        establish(kube, definitions.load(kind.lower()))
    kube.delete(SMCP)
    eventually(lambda: not control_plane(kube))


def test_installation_shows_the_real_operators_states(kube: Kube) -> None:
    assert kube.resource("networking.istio.io/v1beta1", "Gateway") is None, "Istio's kinds come with the control plane"
    thread, seen = states(kube, until=lambda obj: "observedGeneration" in obj.get("status", {}))
    kube.create(SMCP)
    thread.join()
    assert distinct([by_waves(state) for state in seen]) == [by_waves(state) for state in EXPECTED["install"]]
    assert summary(control_plane(kube)) == EXPECTED["install"][-1]
    smcp = control_plane(kube)
    assert smcp["spec"] == {"version": "v2.0", "profiles": ["default"]}
    assert smcp["metadata"]["finalizers"] == ["maistra.io/istio-operator"]
    assert timeless({key: smcp["status"][key] for key in EXPECTED["ready"]}) == EXPECTED["ready"]
    assert {entry["resource"] for entry in smcp["status"]["components"]} == set(
        smcp["status"]["readiness"]["components"]["ready"]
    )


def test_control_planes_namespace_is_complete(kube: Kube) -> None:
    labels = kube.get("v1", "Namespace", "istio-system")["metadata"]["labels"]  # type: ignore[index]
    assert labels["maistra.io/member-of"] == "istio-system"
    assert labels["maistra.io/ignore-namespace"] == "ignore"
    service = kube.get("v1", "Service", "istio-ingressgateway", "istio-system") or {}
    assert {port["name"]: port["port"] for port in service["spec"]["ports"]} == EXPECTED["gateway_ports"]
    pods = kube.list("v1", "Pod", "istio-system", "istio=ingressgateway")
    assert [pod["status"]["phase"] for pod in pods] == ["Running"]
    assert {"istio-ingressgateway", "grafana", "prometheus"} <= set(
        names(kube, ("route.openshift.io/v1", "Route"), "istio-system")
    )
    assert kube.get("jaegertracing.io/v1", "Jaeger", "jaeger", "istio-system")
    gateway = make("networking.istio.io/v1beta1", "Gateway", "seldon-gateway", "istio-system", spec={})
    assert kube.create(gateway)


def test_roll_waits_for_namespaces_and_drops_its_own(kube: Kube) -> None:
    kube.create(ROLL_OF_TWO)
    assert roll(kube)["spec"]["members"] == ["member-missing", "member-a"]
    eventually(lambda: roll(kube)["status"].get("configuredMembers") == ["member-a"])
    assert timeless(roll(kube)["status"]) == EXPECTED["roll_pending"]
    kube.create(make("v1", "Namespace", "member-missing"))
    eventually(lambda: condition(roll(kube), "Ready")["reason"] == "Configured")
    assert roll(kube)["status"]["annotations"]["configuredMemberCount"] == "2/2"


def test_members_get_what_the_mesh_has_for_them(kube: Kube) -> None:
    for namespace in ("member-a", "member-missing"):
        labels = (kube.get("v1", "Namespace", namespace) or {})["metadata"]["labels"]
        assert labels["maistra.io/member-of"] == EXPECTED["member"]["label"]
        for kind in KINDS_OF_MEMBERS:
            assert names(kube, kind, namespace) == EXPECTED["member"][kind[1]]


def test_what_is_deleted_in_a_member_stays_deleted_until_the_member_is_touched(kube: Kube) -> None:
    policy = make("networking.k8s.io/v1", "NetworkPolicy", "istio-mesh-basic", "member-a")
    assert kube.delete(policy)
    time.sleep(1)
    assert kube.get("networking.k8s.io/v1", "NetworkPolicy", "istio-mesh-basic", "member-a") is None
    kube.patch(member_of_a(kube), {"metadata": {"annotations": {"touched": "yes"}}})
    eventually(lambda: kube.get("networking.k8s.io/v1", "NetworkPolicy", "istio-mesh-basic", "member-a"))


def test_a_namespace_taken_off_the_list_loses_everything(kube: Kube) -> None:
    kube.patch(ROLL_OF_TWO, {"spec": {"members": ["member-a"]}})
    eventually(lambda: roll(kube)["status"]["members"] == ["member-a"])
    assert all(names(kube, kind, "member-missing") == [] for kind in KINDS_OF_MEMBERS)
    labels = (kube.get("v1", "Namespace", "member-missing") or {})["metadata"]["labels"]
    assert "maistra.io/member-of" not in labels


REFERENCE = {"name": "basic", "namespace": "istio-system"}
PREFIX = 'admission webhook "{}.validation.maistra.io" denied the request: '
SUPPORTED = "[v2.0 v2.1 v2.2 v2.3]"


@pytest.mark.parametrize(
    ("obj", "webhook", "code", "reason", "message"),
    [
        (
            {"spec": {"version": "v1.9"}},
            "smcp",
            400,
            "",
            f"invalid Version specified; supported versions are: {SUPPORTED}",
        ),
        ({"spec": {"version": "v1.1"}}, "smcp", 400, "BadRequest", f"Only '{SUPPORTED}' versions are supported"),
        (
            make(*CONTROL_PLANE, "second", "istio-system", spec={}),
            "smcp",
            400,
            "BadRequest",
            "only one service mesh may",
        ),
        (
            make(*CONTROL_PLANE, "basic", "openshift-operators", spec={}),
            "smcp",
            400,
            "BadRequest",
            "service mesh may not",
        ),
        (
            make(*ROLL, "wrong", "istio-system", spec={}),
            "smmr",
            400,
            "BadRequest",
            "ServiceMeshMemberRoll must be named",
        ),
        (
            make(*ROLL, "default", "other-mesh", spec={"members": ["member-a"]}),
            "smmr",
            400,
            "BadRequest",
            "one or more members are already defined in another ServiceMeshMemberRoll",
        ),
        (
            make(*ROLL, "default", "other-mesh", spec={"members": ["x", "x"]}),
            "smmr",
            400,
            "BadRequest",
            "ServiceMeshMember",
        ),
        (
            make(*ROLL, "default", "other-mesh", spec={"members": ["X_"]}),
            "smmr",
            400,
            "BadRequest",
            ".spec.members contains",
        ),
        (
            make("maistra.io/v1", "ServiceMeshMember", "other", "other-mesh", spec={"controlPlaneRef": REFERENCE}),
            "smm",
            400,
            "",
            'the ServiceMeshMember resource must be named "default"',
        ),
    ],
)
def test_admission_refuses(kube: Kube, obj: Object, webhook: str, code: int, reason: str, message: str) -> None:
    error = refusal(lambda: kube.create(obj) if "kind" in obj else kube.patch(SMCP, obj))
    assert (error.status, error.reason) == (code, reason)
    assert error.message.startswith(PREFIX.format(webhook) + message)


def test_a_version_taken_away_is_put_back(kube: Kube) -> None:
    kube.patch(SMCP, {"spec": {"version": None}})
    assert control_plane(kube)["spec"]["version"] == "v2.0"


def test_a_missing_component_is_pending_and_only_a_spec_change_brings_it_back(kube: Kube) -> None:
    kube.delete(make("apps/v1", "Deployment", "grafana", "istio-system"))
    eventually(lambda: control_plane(kube)["status"]["annotations"]["readyComponentCount"] == "8/9")
    smcp = control_plane(kube)
    assert smcp["status"]["readiness"]["components"]["pending"] == ["grafana"]
    assert condition(smcp, "Ready")["reason"] == "ComponentsReady", "Ready stays true"
    prometheus = make("apps/v1", "Deployment", "prometheus", "istio-system")
    kube.patch(prometheus, {"spec": {"replicas": 0}})

    thread, seen = states(kube, until=lambda obj: obj["status"].get("observedGeneration") == 2)
    kube.patch(SMCP, {"spec": {"tracing": {"sampling": 100}}})
    thread.join()
    assert seen[1]["reasons"] == ["InstallSuccessful", "SpecUpdated", "SpecUpdated"]
    assert seen[-1]["reasons"] == ["InstallSuccessful", "UpdateSuccessful", "ComponentsReady"]
    message = condition(control_plane(kube), "Reconciled")["message"]
    assert message == "Successfully updated from version 2.3.0-1 to version 2.3.0-2"
    assert kube.get("apps/v1", "Deployment", "grafana", "istio-system")
    stopped = kube.get("apps/v1", "Deployment", "prometheus", "istio-system") or {}
    assert stopped["spec"]["replicas"] == 0, "the operator patches only what it has changed itself"
    assert control_plane(kube)["status"]["annotations"]["readyComponentCount"] == "9/9", "none of none is ready"
    kube.patch(prometheus, {"spec": {"replicas": 1}})
    eventually(
        lambda: (kube.get("apps/v1", "Deployment", "prometheus", "istio-system") or {})["status"]["readyReplicas"]
    )
    eventually(lambda: ready(kube, generation=2))
    eventually(
        lambda: roll(kube)["status"]["meshGeneration"] == 2 and condition(roll(kube), "Ready")["status"] == "True"
    )


def test_a_pod_that_is_not_ready_makes_the_mesh_unready_until_it_is(kube: Kube) -> None:
    [pod] = kube.list("v1", "Pod", "istio-system", "istio=ingressgateway")
    kube.patch(pod, {"metadata": {"annotations": {"sandbox.seldon/pod": "NotReady"}}})
    eventually(lambda: condition(control_plane(kube), "Ready")["reason"] == "ComponentsNotReady")
    smcp = control_plane(kube)
    assert condition(smcp, "Ready")["message"] == "The following components are not fully available: [istio-ingress]"
    assert condition(smcp, "Reconciled")["status"] == "True"
    kube.patch(pod, {"metadata": {"annotations": {"sandbox.seldon/pod": "Ready"}}})
    eventually(lambda: ready(kube, generation=2))


def test_a_spec_that_cannot_be_installed_fails_and_the_old_mesh_runs_on(kube: Kube) -> None:
    kube.patch(SMCP, {"spec": {"addons": {"prometheus": {"enabled": False}}}})
    eventually(lambda: condition(control_plane(kube), "Ready")["reason"] == "ValidationError")
    smcp = control_plane(kube)
    assert smcp["status"]["observedGeneration"] == 2
    assert condition(smcp, "Ready")["message"] == (
        "Spec is invalid: error: .spec.addons.prometheus.enabled must be true when .spec.addons.kiali.enabled is true"
    )
    assert kube.get("apps/v1", "Deployment", "prometheus", "istio-system")
    assert condition(roll(kube), "Ready")["reason"] == "Configured"
    kube.patch(SMCP, {"spec": {"addons": None}})
    eventually(lambda: ready(kube, generation=4))


def test_without_the_operator_every_write_is_refused_and_nothing_can_be_deleted(kube: Kube) -> None:
    scale_operator(kube, 0)

    def refused() -> str:
        try:
            kube.patch(ROLL_OF_TWO, {"metadata": {"annotations": {"touched": "now"}}})
        except ApiError as error:
            return str(error)
        return ""

    called = '500 InternalError: Internal error occurred: failed calling webhook "smmr.mutation.maistra.io"'
    message = 'no endpoints available for service "maistra-admission-controller"'
    eventually(lambda: refused().startswith(called) and refused().endswith(message))
    deleted = member_of_a(kube)
    kube.delete(deleted)
    time.sleep(1)
    assert member_of_a(kube)["metadata"]["deletionTimestamp"], "its finalizer holds it"
    scale_operator(kube, 1)
    # Deleted by hand while its namespace is listed: it goes, and comes again.
    uid = deleted["metadata"]["uid"]
    eventually(lambda: member_of_a(kube)["metadata"]["uid"] != uid)
    # The roll says Configured until it hears of it.
    eventually(lambda: condition(member_of_a(kube), "Ready").get("status") == "True")
    eventually(lambda: condition(roll(kube), "Ready")["reason"] == "Configured")


def test_the_control_plane_first_leaves_its_policies_in_members(kube: Kube) -> None:
    kube.delete(SMCP)
    eventually(lambda: not control_plane(kube))
    eventually(lambda: condition(roll(kube), "Ready")["reason"] == "ErrSMCPMissing")
    assert roll(kube)["status"]["pendingMembers"] == ["member-a"]
    assert names(kube, KINDS_OF_MEMBERS[0], "member-a") == EXPECTED["member"]["NetworkPolicy"]
    assert names(kube, ("apps/v1", "Deployment"), "istio-system") in ([], ["jaeger"])
    labels = (kube.get("v1", "Namespace", "istio-system") or {})["metadata"]["labels"]
    assert "maistra.io/member-of" not in labels
    assert kube.get("networking.istio.io/v1beta1", "Gateway", "seldon-gateway", "istio-system"), "users' objects stay"

    kube.delete(ROLL_OF_TWO)
    eventually(lambda: not roll(kube) and not kube.list("maistra.io/v1", "ServiceMeshMember"))
    assert all(names(kube, kind, "member-a") == [] for kind in KINDS_OF_MEMBERS)
