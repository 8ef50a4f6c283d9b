"""What stands in place of the router, the gateway and a model, and what is left of a request."""

from __future__ import annotations

from typing import Any, cast

import pytest

from sandbox.ingress import PAGE, Reply, Request, reply
from sandbox.kube import Kube
from sandbox.simulator.settings import Faults
from sandbox.tracks import Tracks

HOST = "seldon.apps.sandbox.example.com"
PATH = "/seldon/seldon/iris/api/v0.1/predictions"
READY = {"conditions": [{"type": "Ready", "status": "True"}]}


def obj(kind: str, name: str, namespace: str, **content: Any) -> dict[str, Any]:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace, "generation": 1}, **content}


def whole() -> list[dict[str, Any]]:
    """Return all objects that a request passes."""
    admitted = {"ingress": [{"conditions": [{"type": "Admitted", "status": "True"}]}]}
    match = [{"uri": {"prefix": "/seldon/seldon/iris/"}}]
    http = [{"match": match, "route": [{"destination": {"host": "iris-default"}}]}]
    headers = {"namespace": {"exact": "seldon"}, "inference": {"exact": "seldon-mesh"}}
    mesh = [{"match": [{"headers": headers}], "route": [{"destination": {"host": "envoy.seldon.svc"}}]}]
    gateways = ["istio-system/seldon-gateway"]
    graph = {"logger": {"mode": "all"}}
    running = {"observedGeneration": 1, "readyReplicas": 1, "updatedReplicas": 1}
    return [
        obj("Route", "seldon-route", "istio-system", spec={"host": HOST, "to": {"name": "gateway"}}, status=admitted),
        *(obj("Service", name, space, spec={"selector": {"app": name}}) for name, space in PODS),
        *(obj("Pod", name, space, status=READY) for name, space in PODS),
        obj("VirtualService", "iris", "seldon", spec={"gateways": gateways, "http": http}),
        obj("VirtualService", "mesh", "seldon", spec={"gateways": gateways, "http": mesh}),
        obj("SeldonDeployment", "iris", "seldon", spec={"predictors": [{"name": "default", "graph": graph}]}),
        obj("Model", "iris", "seldon", status=READY),
        obj("Broker", "default", "seldon-logs", status=READY),
        obj("Trigger", "seldon-request-logger-trigger", "seldon-logs", status=READY),
        obj("Deployment", "seldon-request-logger", "seldon-logs", spec={"replicas": 1}, status=running),
        obj("PodMonitor", "seldon-podmonitor", "seldon"),
    ]


PODS = [("gateway", "istio-system"), ("iris-default", "seldon"), ("envoy", "seldon")]


class Cluster:
    """Answers from these objects; a Service's pods are those of its name."""

    def __init__(self, *without: tuple[str, str]) -> None:
        self.objects = [each for each in whole() if (each["kind"], each["metadata"]["name"]) not in without]

    def list(self, _api: str, kind: str, namespace: str | None = None, labels: str = "") -> list[dict[str, Any]]:
        found = [o for o in self.objects if o["kind"] == kind and namespace in (None, o["metadata"]["namespace"])]
        return [o for o in found if not labels or o["metadata"]["name"] == labels.removeprefix("app=")]

    def get(self, api: str, kind: str, name: str, namespace: str | None = None) -> dict[str, Any] | None:
        return next((o for o in self.list(api, kind, namespace) if o["metadata"]["name"] == name), None)


def ask(*without: tuple[str, str], path: str = PATH, fault: str = "", **headers: str) -> Reply:
    faults = Faults([{"fault": fault}] if fault else [])
    return reply(cast(Kube, Cluster(*without)), Request(HOST, path, headers), faults)


def test_a_model_answers() -> None:
    found = ask()
    assert (found.status, "data" in found.content) == (200, True)
    assert found.model
    found = ask(path="/v2/models/iris/infer", namespace="seldon", inference="seldon-mesh")
    assert (found.status, "outputs" in found.content) == (200, True)
    assert ask(path="/v2/models/nobody/infer", namespace="seldon", inference="seldon-mesh").status == 404


@pytest.mark.parametrize(
    ("lacking", "fault", "status", "content", "server"),
    [
        (("Route", "seldon-route"), "", 503, PAGE, None),
        (("Pod", "gateway"), "", 503, PAGE, None),
        (("VirtualService", "iris"), "", 404, "", "istio-envoy"),
        (("Pod", "iris-default"), "", 503, "no healthy upstream", "istio-envoy"),
        (("", ""), "model-unreachable", 503, "no healthy upstream", "istio-envoy"),
        (("", ""), "gateway-login", 403, "RBAC: access denied", "istio-envoy"),
    ],
)
def test_the_first_that_lacks_answers(
    lacking: tuple[str, str], fault: str, status: int, content: str, server: str | None
) -> None:
    found = ask(lacking, fault=fault)
    assert (found.status, found.content, found.headers.get("Server")) == (status, content, server)
    assert found.model is None


INDEX = "inference-log-seldon-seldon-iris-default"
QUERY = 'query=sum(x{namespace="seldon",deployment_name="iris"})'


@pytest.mark.parametrize(
    ("lacking", "fault", "logged", "counted"),
    [
        (("", ""), "", [INDEX], 1),
        (("Broker", "default"), "", [], 1),
        (("Trigger", "seldon-request-logger-trigger"), "", [], 1),
        (("Deployment", "seldon-request-logger"), "", [], 1),
        (("", ""), "request-log-lost", [], 1),
        (("PodMonitor", "seldon-podmonitor"), "", [INDEX], 0),
        (("", ""), "metric-lost", [INDEX], 0),
    ],
)
def test_a_request_leaves_what_is_collected(
    lacking: tuple[str, str], fault: str, logged: list[str], counted: int
) -> None:
    cluster = Cluster(lacking)
    tracks = Tracks(cast(Kube, cluster), Faults([{"fault": fault}] if fault else []))
    model = cluster.get("", "SeldonDeployment", "iris", "seldon")
    assert model
    tracks.add(model)
    assert tracks.indices("inference-log-*seldon-iris*") == logged
    assert tracks.counted(QUERY) == counted
    assert tracks.delete(INDEX) == bool(logged)
    assert tracks.indices("*") == []
