"""A request from outside, as the default router, the gateway of the mesh and the model behind both answer it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import condition, make
from sandbox.simulator.settings import Faults

ROUTE = ("route.openshift.io/v1", "Route")
VIRTUAL_SERVICE = ("networking.istio.io/v1beta1", "VirtualService")
MODEL, SELDON_DEPLOYMENT = ("mlops.seldon.io/v1alpha1", "Model"), ("machinelearning.seldon.io/v1", "SeldonDeployment")
GATEWAY = "istio-system/seldon-gateway"
ENVOY = {"Server": "istio-envoy"}
PASSED_ON = ENVOY | {"x-envoy-upstream-service-time": "1"}
# What OpenShift's router says when nothing is behind a host.
PAGE = "<html><body><h1>Application is not available</h1></body></html>"
NO_UPSTREAM = "no healthy upstream"
_V1 = re.compile(r"/seldon/(?P<namespace>[^/]+)/(?P<name>[^/]+)/api/v(0\.1|1\.0)/predictions")
_V2 = re.compile(r"/v2/models/(?P<name>[^/]+)/infer")


@dataclass(frozen=True)
class Request:
    """A request at the router. headers: by their names in small letters."""

    host: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reply:
    """An answer; `content` is text or what becomes JSON. model: the SeldonDeployment that has answered, if one has."""

    status: int
    content: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    model: Object | None = None


def publish(kube: Kube, pki: Path) -> None:
    """Write the router's authority to where OpenShift publishes it."""
    bundle = {"ca-bundle.crt": (pki / "ca.crt").read_text(encoding="utf-8")}
    kube.apply(make("v1", "ConfigMap", "default-ingress-cert", "openshift-config-managed", data=bundle))


def reply(kube: Kube, request: Request, faults: Faults) -> Reply:
    """Return what comes back, of the first on the way that does not pass the request on."""
    route = next((each for each in kube.list(*ROUTE) if each["spec"].get("host") == request.host), None)
    if route is None or not _admitted(route) or not _ready(kube, route["metadata"]["namespace"], route["spec"]["to"]):
        return Reply(503, PAGE)
    if faults.named("gateway-login"):
        return Reply(403, "RBAC: access denied", ENVOY)
    way = next(_ways(kube, request), None)
    if way is None:
        return Reply(404, "", ENVOY)
    if faults.named("model-unreachable") or not _ready(kube, way["namespace"], way):
        return Reply(503, NO_UPSTREAM, ENVOY)
    return _prediction(kube, request)


def _admitted(route: Object) -> bool:
    entries = route.get("status", {}).get("ingress", [])
    return any(condition({"status": entry}, "Admitted").get("status") == "True" for entry in entries)


def _ready(kube: Kube, namespace: str, target: Object) -> bool:
    """Tell whether the Service `target["name"]` has a ready pod."""
    service = kube.get("v1", "Service", target["name"], namespace)
    if service is None:
        return False
    labels = ",".join(f"{key}={value}" for key, value in service["spec"].get("selector", {}).items())
    return any(condition(pod, "Ready").get("status") == "True" for pod in kube.list("v1", "Pod", namespace, labels))


def _ways(kube: Kube, request: Request) -> Iterator[Object]:
    """Yield name and namespace of each Service that a VirtualService of the gateway leads the request to."""
    for virtual in kube.list(*VIRTUAL_SERVICE):
        if GATEWAY not in virtual["spec"].get("gateways", []):
            continue
        for rule in virtual["spec"].get("http", []):
            if any(_matches(match, request) for match in rule.get("match", [])):
                name, _, rest = rule["route"][0]["destination"]["host"].partition(".")
                yield {"name": name, "namespace": rest.partition(".")[0] or virtual["metadata"]["namespace"]}


def _matches(match: Object, request: Request) -> bool:
    uri = match.get("uri", {})
    by_path = request.path.startswith(uri.get("prefix", "/")) and re.fullmatch(uri.get("regex", ".*"), request.path)
    headers = match.get("headers", {})
    return bool(by_path) and all(request.headers.get(key) == value["exact"] for key, value in headers.items())


def _prediction(kube: Kube, request: Request) -> Reply:
    if found := _V1.fullmatch(request.path):
        model = kube.get(*SELDON_DEPLOYMENT, found["name"], found["namespace"])
        data = {"names": ["t:0", "t:1", "t:2"], "ndarray": [[0.0, 0.01, 0.99]]}
        return Reply(200, {"data": data, "meta": {"requestPath": {}}}, PASSED_ON, model)
    found = _V2.fullmatch(request.path)
    model = kube.get(*MODEL, found["name"], request.headers.get("namespace", "")) if found else None
    if found is None or model is None or condition(model, "Ready").get("status") != "True":
        return Reply(404, {"error": "model not found"}, PASSED_ON)
    output = {"name": "predict", "shape": [1, 1], "datatype": "INT64", "data": [2]}
    return Reply(200, {"model_name": found["name"], "outputs": [output]}, PASSED_ON)
