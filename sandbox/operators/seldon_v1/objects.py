"""The objects of a SeldonDeployment: pure functions of it and of the operator's environment."""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.kube import Object
from sandbox.operators.seldon_v1.common import DEPLOYMENT, DESTINATION_RULE, SERVERS, VIRTUAL_SERVICE, units
from sandbox.simulator.objects import make, service

HTTP, GRPC = 8000, 5001
MANAGED_BY = {"app.kubernetes.io/managed-by": "seldon-core"}
GRPC_PATHS = ".*tensorflow.*|.*seldon.protos.*|.*inference.*"


def host(model: Object, predictor: Object) -> str:
    """Return the name of the Service in front of a predictor."""
    return f"{model['metadata']['name']}-{predictor['name']}"


def address(model: Object) -> str:
    """Return the URL under which the first predictor answers."""
    name = host(model, model["spec"]["predictors"][0])
    return f"http://{name}.{model['metadata']['namespace']}.svc.cluster.local:{HTTP}/api/v1.0/predictions"


def services(model: Object) -> Iterator[Object]:
    """Yield the Services of all predictors: one for each unit's container, one for the predictor."""
    namespace = model["metadata"]["namespace"]
    for predictor in model["spec"]["predictors"]:
        name = host(model, predictor)
        labels = _identity(model) | {"seldon-app": name}
        for index, unit in enumerate(units(predictor["graph"])):
            own = f"{name}-{unit['name']}"
            selector = {f"seldon-app-svc-{unit['name']}": own}
            ports = [("http", 9000 + index, 9000 + index), ("grpc", 9500 + index, 9500 + index)]
            marks = labels | selector | {"seldon.io/model": "true"}
            yield service(own, namespace, ports, selector, labels=marks, owned_by=model)
        ports = [("http", HTTP, HTTP), ("grpc", GRPC, GRPC)]
        yield service(name, namespace, ports, {"seldon-app": name}, labels=labels, owned_by=model)


def deployments(model: Object, environment: dict[str, str]) -> Iterator[Object]:
    """Yield one Deployment for each component of each predictor."""
    for predictor in model["spec"]["predictors"]:
        for index, component in enumerate(predictor.get("componentSpecs") or [{}]):
            yield _deployment(model, predictor, component, index, environment)


def virtual_service(model: Object, environment: dict[str, str]) -> Object:
    """Return the VirtualService that leads from the gateway to all predictors."""
    name, namespace = model["metadata"]["name"], model["metadata"]["namespace"]
    headers = {"namespace": {"exact": namespace}, "seldon": {"exact": name}}
    http: list[Object] = [
        {
            "match": [{"uri": {"prefix": f"/seldon/{namespace}/{name}/"}}],
            "rewrite": {"uri": "/"},
            "route": _destinations(model, HTTP),
        },
        {"match": [{"headers": headers, "uri": {"regex": GRPC_PATHS}}], "route": _destinations(model, GRPC)},
    ]
    spec = {"gateways": [environment["ISTIO_GATEWAY"]], "hosts": ["*"], "http": http}
    return make(*VIRTUAL_SERVICE, name, namespace, owned_by=model, spec=spec)


def destination_rules(model: Object) -> Iterator[Object]:
    """Yield the DestinationRule of each predictor."""
    for predictor in model["spec"]["predictors"]:
        name, version = host(model, predictor), predictor["name"]
        spec = {
            "host": name,
            "subsets": [{"name": version, "labels": {"version": version}}],
            "trafficPolicy": {"connectionPool": {"http": {"idleTimeout": "60s"}}},
        }
        yield make(*DESTINATION_RULE, name, model["metadata"]["namespace"], owned_by=model, spec=spec)


def _identity(model: Object) -> dict[str, str]:
    return MANAGED_BY | {"seldon-deployment-id": model["metadata"]["name"]}


def _destinations(model: Object, port: int) -> list[Object]:
    predictors = model["spec"]["predictors"]
    routes: list[Object] = [
        {"destination": {"host": host(model, entry), "port": {"number": port}, "subset": entry["name"]}}
        for entry in predictors
    ]
    if len(predictors) > 1:
        for route, predictor in zip(routes, predictors, strict=True):
            route["weight"] = predictor.get("traffic", 0)
    return routes


def _deployment(model: Object, predictor: Object, component: Object, index: int, environment: dict[str, str]) -> Object:
    pod: Object = dict(component.get("spec") or {})
    containers, initializers = _containers(predictor, pod, index)
    title = "-".join(container["name"] for container in containers)
    name = f"{host(model, predictor)}-{index}-{title}"
    service_marks = {f"seldon-app-svc-{unit}": f"{host(model, predictor)}-{unit}" for unit in _names(containers)}
    selector = {"seldon-app": host(model, predictor), "seldon-deployment-id": model["metadata"]["name"]}
    selector |= service_marks
    marks = {"app": name, "fluentd": "true", "seldon.io/model": "true", "version": predictor["name"]}
    labels = _identity(model) | selector | marks
    if index == 0:
        containers = [*containers, _engine(environment)]
    annotations = {"prometheus.io/path": environment["ENGINE_PROMETHEUS_PATH"], "prometheus.io/scrape": "true"}
    pod |= {"containers": containers, "initContainers": initializers, "securityContext": {}}
    spec = {
        "replicas": component.get("replicas", predictor.get("replicas", model["spec"].get("replicas", 1))),
        "selector": {"matchLabels": selector},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"}},
        "template": {"metadata": {"labels": labels, "annotations": annotations}, "spec": pod},
    }
    own = labels | ({"seldon-deployment-contains-svcorch": "true"} if index == 0 else {})
    return make(*DEPLOYMENT, name, model["metadata"]["namespace"], labels=own, owned_by=model, spec=spec)


def _containers(predictor: Object, pod: Object, index: int) -> tuple[list[Object], list[Object]]:
    """Return the containers of the component at `index`, and the init containers that fetch models.

    Servers without a container of their own run in the first component.
    """
    given = {container["name"]: container for container in pod.get("containers", [])}
    initializers = list(pod.get("initContainers", []))
    for unit in units(predictor["graph"]):
        implementation = unit.get("implementation")
        if index or implementation not in SERVERS:
            continue
        given[unit["name"]] = {"image": SERVERS[implementation]} | given.get(unit["name"], {"name": unit["name"]})
        if unit.get("modelUri"):
            image = "seldonio/rclone-storage-initializer:1.15.0"
            initializers.append({"name": f"{unit['name']}-model-initializer", "image": image})
    names = [unit["name"] for unit in units(predictor["graph"])]
    containers = [
        container | ({"ports": _ports(names.index(name))} if name in names else {}) for name, container in given.items()
    ]
    return containers, initializers


def _names(containers: list[Object]) -> list[str]:
    return [container["name"] for container in containers]


def _ports(index: int) -> list[Object]:
    numbers = {"metrics": 6000 + index, "http": 9000 + index, "grpc": 9500 + index}
    return [{"name": name, "containerPort": number, "protocol": "TCP"} for name, number in numbers.items()]


def _engine(environment: dict[str, str]) -> Object:
    """Return the container that logs requests and exposes the metrics of the whole predictor."""
    endpoint = environment["EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT"]
    ports = [("http", HTTP), ("metrics", HTTP), ("grpc", GRPC)]
    return {
        "name": "seldon-container-engine",
        "image": "seldonio/seldon-core-executor:1.15.0",
        "env": [{"name": "REQUEST_LOGGER_DEFAULT_ENDPOINT", "value": endpoint}],
        "ports": [{"name": name, "containerPort": number, "protocol": "TCP"} for name, number in ports],
    }
