"""How the service mesh breaks."""

from __future__ import annotations

from sandbox.kube import Kube, Object
from tests.integration.breakages import Breakage, patched, removed, unready_pods
from tests.integration.helpers import until
from tests.pems import pair
from tests.web import Web

MESH = "istio-system"
ROUTES = "route.openshift.io/v1"
ROLL = ("maistra.io/v1", "ServiceMeshMemberRoll", "default", MESH)


def _delete_grafana(kube: Kube) -> None:
    metadata = {"name": "grafana", "namespace": MESH}
    assert kube.delete({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata})


def _change_the_plane(kube: Kube, _: None) -> None:
    """Make the operator reconcile: a deleted component comes back with the next change only."""
    metadata = {"name": "basic", "namespace": MESH}
    plane = {"apiVersion": "maistra.io/v2", "kind": "ServiceMeshControlPlane", "metadata": metadata}
    kube.patch(plane, {"spec": {"tracing": {"sampling": 9999}}})
    kube.patch(plane, {"spec": {"tracing": {"sampling": 10000}}})


def _leave(kube: Kube) -> list[str]:
    """Take a member out of the roll; return the members as they were."""
    roll = kube.get(*ROLL)
    assert roll
    members: list[str] = roll["spec"]["members"]
    kube.patch(roll, {"spec": {"members": [name for name in members if name != "seldon-kafka"]}})
    return members


def _join(kube: Kube, members: list[str]) -> None:
    roll = kube.get(*ROLL)
    assert roll
    kube.patch(roll, {"spec": {"members": members}})


def _claim_the_host(kube: Kube) -> Object:
    """Let a route of somebody else's take the host first; return ours as it was."""
    ours = kube.get(ROUTES, "Route", "seldon-route", MESH)
    assert ours
    kube.delete(ours)
    theirs = kube.create({**ours, "metadata": {"name": "claims-the-host", "namespace": "default"}, "status": {}})

    def came_later() -> bool:
        """Routers ask who is older, in whole seconds."""
        again = kube.create({**ours, "metadata": {"name": "seldon-route", "namespace": MESH}, "status": {}})
        late: bool = again["metadata"]["creationTimestamp"] > theirs["metadata"]["creationTimestamp"]
        return late or not kube.delete(again)

    until(came_later)
    return ours


def _free_the_host(kube: Kube, ours: Object) -> None:
    metadata = {"name": "claims-the-host", "namespace": "default"}
    kube.delete({"apiVersion": ROUTES, "kind": "Route", "metadata": metadata})
    kube.delete(ours)
    kube.create({**ours, "metadata": {"name": "seldon-route", "namespace": MESH}, "status": {}})


BREAKAGES = [
    unready_pods("service_mesh.operators", "seldon-operator-kiali", "name=kiali-operator", subject="kiali-ossm"),
    patched(
        "service_mesh.applied",
        "maistra.io/v2",
        "ServiceMeshControlPlane",
        "basic",
        MESH,
        {"spec": {"tracing": {"sampling": 1}}},
        status="warn",
    ),
    Breakage("service_mesh.control_plane", "Deployment grafana deleted", _delete_grafana, _change_the_plane),
    unready_pods("service_mesh.workloads", MESH, "app=kiali", subject="kiali"),
    patched(
        "service_mesh.workloads",
        "apps/v1",
        "Deployment",
        "istio-egressgateway",
        MESH,
        {"spec": {"replicas": 0}},
        subject="istio-egressgateway",
    ),
    Breakage("service_mesh.members", "seldon-kafka taken out of the roll", _leave, _join),
    removed("service_mesh.gateway", "networking.istio.io/v1beta1", "Gateway", "seldon-gateway", MESH),
    patched("service_mesh.route", ROUTES, "Route", "seldon-route", MESH, {"spec": {"to": {"name": "nowhere"}}}),
    Breakage("service_mesh.route", "its host claimed by another route", _claim_the_host, _free_the_host),
    patched(
        "service_mesh.route", ROUTES, "Route", "seldon-route", MESH, {"spec": {"tls": {"termination": "passthrough"}}}
    ),
    patched(
        "service_mesh.certificate",
        ROUTES,
        "Route",
        "seldon-route",
        MESH,
        {"spec": {"tls": {"certificate": pair("other.example.com").certificate}}},
    ),
    Breakage("service_mesh.address", "the router answers 503", lambda _: Web(503).start(), lambda _, web: web.stop()),
    Breakage(
        "service_mesh.address",
        "its certificate is of another name",
        lambda _: Web(200).start(),
        lambda _, web: web.stop(),
        status="warn",
    ),
]
