"""While a kind is awaited, what should bring it is watched: it names the reason, and its end is the end of the wait."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.bringers import BRINGERS, group_of
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.bringing import Bringers, Explanations
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.providers import PACKAGES, providers
from ansible_collections.seldon.openshift.plugins.module_utils.kube import kinds
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import CRD, GATEWAY, MUTATING_WEBHOOKS
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing, State

from tests.unit.apiserver import ApiServer
from tests.unit.clock import Clock

Object = dict[str, Any]
ROOT = Path(__file__).parents[4]
NOT_RENDERED = (
    "Error rendering helm charts: error: template cannot be loaded from user or default directory. Error from user: "
    "open /usr/local/share/istio-operator/templates/nope: no such file or directory"
)
NO_WEBHOOK = (
    'Error processing component mesh-config: error: [x.yaml: Internal error occurred: failed calling webhook "v"]'
)


def made(api_version: str, kind: str, name: str, namespace: str = "", **rest: Any) -> Object:
    metadata = {"name": name, "generation": 1, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **rest}


def mesh(reason: str, message: str, name: str = "basic", namespace: str = "istio-system") -> Object:
    conditions = [{"type": "Ready", "status": "False", "reason": reason, "message": message}]
    kind = ("maistra.io/v2", "ServiceMeshControlPlane")
    return made(*kind, name, namespace, status={"conditions": conditions})


def knative(message: str) -> Object:
    conditions = [{"type": "InstallSucceeded", "status": "False", "reason": "Error", "message": message}]
    status = {"observedGeneration": 1, "conditions": conditions}
    return made("operator.knative.dev/v1beta1", "KnativeEventing", "knative-eventing", "wrong", status=status)


def subscribed(package: str, **status: Any) -> Object:
    spec = {"name": package}
    return made("operators.coreos.com/v1alpha1", "Subscription", package, "operators", spec=spec, status=status)


def version(name: str, **status: Any) -> Object:
    return made("operators.coreos.com/v1alpha1", "ClusterServiceVersion", name, "operators", status=status)


def release(status: str, number: str = "1") -> Object:
    obj = made("v1", "Secret", f"sh.helm.release.v1.seldon-core-v2-crds.v{number}", "seldon-system")
    obj["metadata"]["labels"] = {"owner": "helm", "name": "seldon-core-v2-crds", "version": number, "status": status}
    return obj


def server(*objects: Object, unserved: str = "networking.istio.io") -> ApiServer:
    """Return an API server that does not serve the groups of a pattern."""
    cluster = ApiServer(*objects)

    def refuse(_method: str, path: str) -> None:
        if re.match(f"/apis/({unserved})/", f"{path}/"):
            raise ApiError(404, from_api=False)

    cluster.before_request = refuse
    return cluster


def awaited(cluster: ApiServer, group: str, seconds: int = 400) -> tuple[State | None, int]:
    """Return the last state of a group's bringer, looked at each second, and the seconds until it was final."""
    bringers, state = Bringers(cluster), None
    for now in range(seconds):
        state = bringers.of(group, now)
        if isinstance(state, Failed):
            return state, now
    return state, seconds


MESH_FAILED = "ServiceMeshControlPlane istio-system/basic, which brings it, has failed: "


@pytest.mark.parametrize(
    ("group", "objects", "told", "by"),
    [
        pytest.param(
            "networking.istio.io",
            [mesh("ReconcileError", NOT_RENDERED)],
            [
                f"{MESH_FAILED}ReconcileError: {NOT_RENDERED}",
                "correct service_mesh_control_plane_overrides and run this again",
                "oc describe servicemeshcontrolplane.maistra.io basic -n istio-system",
            ],
            60,
            id="an unknown profile",
        ),
        pytest.param(
            "security.istio.io",
            [mesh("ValidationError", "Spec is invalid: error: .spec.addons.prometheus.enabled must be true")],
            [f"{MESH_FAILED}ValidationError: Spec is invalid"],
            60,
            id="a spec that is refused",
        ),
        pytest.param(
            "eventing.knative.dev",
            [knative('Install failed with message: Knative Eventing must be installed into the namespace "k"')],
            ["KnativeEventing wrong/knative-eventing, which brings it, has failed: Error: Install failed", "type: "],
            60,
            id="eventing in the wrong namespace",
        ),
        pytest.param(
            "maistra.io",
            [
                subscribed("servicemeshoperator", installedCSV="mesh.v1"),
                version("mesh.v1", phase="Failed", reason="InvalidInstallModes", message="no"),
            ],
            ["operator servicemeshoperator, which brings it, has failed: mesh.v1 is Failed (InvalidInstallModes: no)"],
            60,
            id="an operator's version that never heals",
        ),
        pytest.param(
            "networking.istio.io",
            [
                made("maistra.io/v2", "ServiceMeshControlPlane", "basic", "istio-system"),
                subscribed("servicemeshoperator", installedCSV="mesh.v1"),
                version("mesh.v1", phase="Failed", reason="InstallComponentFailed", message="no"),
            ],
            [
                "ServiceMeshControlPlane istio-system/basic brings it: no status yet",
                "operator servicemeshoperator, which brings it, has failed: mesh.v1 is Failed",
            ],
            60,
            id="a control plane that nobody works on",
        ),
        pytest.param(
            "kafka.strimzi.io",
            [
                subscribed(
                    "amq-streams",
                    conditions=[{"type": "ResolutionFailed", "status": "True", "reason": "ConstraintsNotSatisfiable"}],
                )
            ],
            ["operator amq-streams, which brings it, has failed: ConstraintsNotSatisfiable"],
            300,
            id="an operator that can not be resolved",
        ),
        pytest.param(
            "mlops.seldon.io",
            [release("deployed"), release("failed", "2")],
            ["Helm release seldon-system/seldon-core-v2-crds, which brings it, has failed: revision 2 is failed"],
            120,
            id="a release that failed",
        ),
    ],
)
def test_what_has_failed_for_good_ends_the_wait_in_its_own_words(
    group: str, objects: list[Object], told: list[str], by: int
) -> None:
    state, seconds = awaited(server(*objects), group)
    assert isinstance(state, Failed), state
    assert [words for words in told if words not in state.reason] == [], state.reason
    assert seconds <= by


@pytest.mark.parametrize(
    ("group", "objects", "told"),
    [
        (
            "networking.istio.io",
            [mesh("ReconcileError", NO_WEBHOOK)],
            "ServiceMeshControlPlane istio-system/basic brings it: ReconcileError: Error processing component",
        ),
        ("networking.istio.io", [mesh("PausingInstall", "Paused")], "basic brings it: PausingInstall: Paused"),
        (
            "networking.istio.io",
            [mesh("ReconcileError", NOT_RENDERED, "broken", "of-others"), mesh("PausingInstall", "Paused")],
            "ServiceMeshControlPlane istio-system/basic brings it: PausingInstall",
        ),
        (
            "networking.istio.io",
            [],
            "no ServiceMeshControlPlane in istio-system or any other namespace; "
            "type: ansible-playbook seldon.openshift.site --tags service_mesh",
        ),
        ("serving.knative.dev", [], "no KnativeServing in knative-serving or any other namespace"),
        ("argoproj.io", [], "nothing on the cluster subscribes to the operator openshift-gitops-operator or"),
        ("mlops.seldon.io", [], "no Helm release seldon-core-v2-crds in any namespace"),
        ("mlops.seldon.io", [release("deployed")], "revision 1 is deployed"),
        ("mlops.seldon.io", [release("pending-install")], "brings it: revision 1 is pending-install"),
        ("route.openshift.io", [], "no ClusterOperator openshift-apiserver"),
        (
            "kafka.strimzi.io",
            [subscribed("amq-streams", installedCSV="amq.v1"), version("amq.v1", phase="Installing")],
            "operator amq-streams brings it: amq.v1 is Installing",
        ),
        (
            "apps",
            [],
            "the API server brings it: the kind is Kubernetes' own, and this version has none; see: oc api-versions",
        ),
    ],
)
def test_what_may_still_come_is_waited_for_and_named(group: str, objects: list[Object], told: str) -> None:
    state, _seconds = awaited(server(*objects), group)
    assert isinstance(state, Progressing)
    assert told in state.reason


def test_an_error_that_passes_ends_nothing() -> None:
    cluster = server(mesh("ReconcileError", NOT_RENDERED))
    bringers = Bringers(cluster)
    states = [bringers.of("networking.istio.io", now) for now in range(20)]
    cluster.put(mesh("ResourceCreated", "Installing mesh generation 1"))
    states += [bringers.of("networking.istio.io", now) for now in range(20, 40)]
    cluster.put(mesh("ReconcileError", NOT_RENDERED))
    states += [bringers.of("networking.istio.io", now) for now in range(40, 60)]
    assert not any(isinstance(state, Failed) for state in states)


def test_the_bringer_of_a_bringer_is_told_where_its_kind_is_not_served_either() -> None:
    plan = subscribed("servicemeshoperator", state="UpgradePending", currentCSV="servicemeshoperator.v2.3.0")
    state, _seconds = awaited(server(plan, unserved="(networking.istio|maistra).io"), "networking.istio.io", 30)
    assert state is not None
    assert "no ServiceMeshControlPlane in istio-system" in state.reason
    assert "operator servicemeshoperator brings it: UpgradePending, servicemeshoperator.v2.3.0" in state.reason


def test_what_may_not_be_read_says_nothing() -> None:
    cluster = server()
    cluster.before_request = lambda *_request: (_ for _ in ()).throw(ApiError(403, "Forbidden"))
    assert awaited(cluster, "networking.istio.io", 30) == (None, 30)
    assert awaited(server(), "example.com", 30) == (None, 30)


GATEWAYS = [made("networking.istio.io/v1beta1", "Gateway", name, "istio-system", spec={}) for name in ("a", "b")]


def test_an_apply_ends_with_the_failure_of_what_brings_its_kind_and_does_the_rest(clock: Clock) -> None:
    cluster = server(mesh("ReconcileError", NOT_RENDERED))
    config = {**made("v1", "ConfigMap", "c", "n"), "data": {"a": "b"}}
    started, lines = clock.now, list[str]()
    outcomes = apply_set(
        cluster,
        [*GATEWAYS, config],
        Policy(),
        time.monotonic() + 900,
        lines.append,
        bringer=Bringers(cluster).of_kind,
    )
    assert {each.obj["metadata"]["name"]: each.action for each in outcomes} == {
        "a": "failed",
        "b": "failed",
        "c": "created",
    }
    failed = {each.message for each in outcomes if each.action == "failed"}
    assert len(failed) == 1
    assert not any(each.unserved for each in outcomes)  # the operator behind is not to blame
    assert f"the cluster does not serve {GATEWAY}: {MESH_FAILED}ReconcileError: " in failed.pop()
    assert clock.now - started < 60
    assert any("basic brings it" in line or "ReconcileError" in line for line in lines)


def test_an_apply_that_times_out_blames_what_is_missing(clock: Clock) -> None:
    cluster = server()
    outcomes = apply_set(
        cluster, GATEWAYS, Policy(), time.monotonic() + 60, [].append, bringer=Bringers(cluster).of_kind
    )
    (message,) = {each.message for each in outcomes}
    assert "no ServiceMeshControlPlane in istio-system or any other namespace" in message
    assert clock.slept >= 59


@pytest.mark.usefixtures("clock")
def test_a_kind_that_comes_soon_costs_no_look_at_what_brings_it() -> None:
    cluster, asked = server(mesh("PausingInstall", "Paused")), 0
    refuse = cluster.before_request

    def serve_later(method: str, path: str) -> None:
        nonlocal asked
        asked += path == "/apis/networking.istio.io/v1beta1"
        if asked < 3:
            refuse(method, path)

    cluster.before_request = serve_later
    cluster.serves = lambda _kind, _deadline=None: _served(cluster)  # type: ignore[method-assign]
    outcomes = apply_set(
        cluster, GATEWAYS, Policy(), time.monotonic() + 60, [].append, bringer=Bringers(cluster).of_kind
    )
    assert [each.action for each in outcomes] == ["created", "created"]
    assert not [path for _method, path in cluster.requests if "servicemeshcontrolplanes" in path]


def _served(cluster: ApiServer) -> bool:
    try:
        cluster.before_request("GET", "/apis/networking.istio.io/v1beta1")
    except ApiError:
        return False
    return True


def test_waiting_long_costs_a_look_in_ten_seconds() -> None:
    cluster = server(mesh("PausingInstall", "Paused"))
    awaited(cluster, "networking.istio.io", 100)
    assert len(cluster.requests) <= 10


@pytest.mark.parametrize(
    ("kind", "name", "group"),
    [
        (CRD, "virtualservices.networking.istio.io", "networking.istio.io"),
        (CRD, "brokers.eventing.knative.dev", "eventing.knative.dev"),
        (CRD, "caches.caching.internal.knative.dev", "caching.internal.knative.dev"),
        (CRD, "gadgets.example.com", "apiextensions.k8s.io"),
        (MUTATING_WEBHOOKS, "webhook.eventing.knative.dev", "eventing.knative.dev"),
        (MUTATING_WEBHOOKS, "seldon", "admissionregistration.k8s.io"),
        (GATEWAY, "seldon.eventing.knative.dev", "networking.istio.io"),
    ],
)
def test_a_crd_and_a_webhook_belong_to_the_group_of_their_name(kind: Kind, name: str, group: str) -> None:
    assert group_of(kind.named(name)) == group


@pytest.mark.parametrize(
    ("who", "state"),
    [
        (GATEWAY.named("g", "istio-system"), Progressing("not served yet", unserved=True)),
        (CRD.named("gateways.networking.istio.io"), Progressing("does not exist yet")),
    ],
)
def test_a_wait_ends_with_the_failure_of_what_brings_the_kind(who: Any, state: Progressing) -> None:
    explanations = Explanations(server(mesh("ReconcileError", NOT_RENDERED)))
    states = [explanations.add(who, None, state, now) for now in range(60)]
    assert states[0] == state
    assert isinstance(states[-1], Failed)
    assert states[-1].reason.startswith(f"{state.reason}; {MESH_FAILED}")


def test_an_object_of_a_kind_that_is_served_is_explained_by_its_pods_alone() -> None:
    cluster = server(mesh("ReconcileError", NOT_RENDERED))
    explanations, state = Explanations(cluster), Progressing("does not exist yet")
    for who in (GATEWAY.named("g", "n"), CRD.named("gadgets.example.com"), MUTATING_WEBHOOKS.named("seldon")):
        assert [explanations.add(who, None, state, now) for now in (0, 60)] == [state] * 2
    assert cluster.requests == []


# Of files that are written for other programs, and reach no API server.
FILES_ONLY = {"kustomize.config.k8s.io", "mirror.openshift.io"}


def applied_groups() -> set[str]:
    """Return the API groups of all that the roles, the playbooks and the library name."""
    files = [
        path
        for folder in ("roles", "playbooks", "plugins")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".yml", ".yaml", ".j2", ".py") and "meta" not in path.parts
    ]
    named = re.compile(r"api_?[vV]ersion[\"']?: *[\"']?((?:[a-z0-9.-]+/)?v[0-9]+(?:(?:alpha|beta)[0-9]+)?)\b")
    found = {version for path in files for version in named.findall(path.read_text(encoding="utf-8"))}
    library = {kind.api_version for kind in vars(kinds).values() if isinstance(kind, Kind)}
    return {version.rpartition("/")[0] for version in found | library} - FILES_ONLY


def test_every_kind_that_is_applied_or_awaited_has_a_bringer() -> None:
    groups = applied_groups()
    assert {"networking.istio.io", "mlops.seldon.io", "route.openshift.io", "kafka.strimzi.io", ""} <= groups
    assert groups - BRINGERS.keys() == set()


def test_a_last_look_tells_what_brings_a_kind_and_the_operator_behind_it() -> None:
    plan = subscribed("servicemeshoperator", state="UpgradePending", currentCSV="mesh.v1")
    assert providers(server(mesh("PausingInstall", "Paused"), plan), "networking.istio.io", 9) == [
        "ServiceMeshControlPlane istio-system/basic brings it: PausingInstall: Paused; "
        "see: oc describe servicemeshcontrolplane.maistra.io basic -n istio-system",
        "its operator servicemeshoperator: UpgradePending, mesh.v1 "
        "(oc describe subscription servicemeshoperator -n operators)",
    ]
    assert len(providers(server(plan), "maistra.io", 9)) == 1
    assert providers(server(), "example.com", 9) == []


def test_every_package_of_a_provider_is_a_bringer() -> None:
    assert PACKAGES.keys() - BRINGERS.keys() == set()
