"""What the tests of simulated operators share: clusters where chosen operators run, and looks at objects."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from sandbox.catalog import CATALOGS
from sandbox.cluster import Sandbox, Settings
from sandbox.definitions import Definitions, establish
from sandbox.kube import ApiError, Kube, Object
from sandbox.simulator.objects import condition, deployment, make
from sandbox.simulator.runtime import LABEL
from sandbox.simulator.settings import PROFILES
from sandbox.simulator.webhook_server import self_signed
from tests.integration.cluster import RUN
from tests.integration.helpers import eventually, recorded

REGISTRATION = "admissionregistration.k8s.io/v1"


# Objects of these names, and no others, have a fault.
FAULTS: list[Object] = [
    {"fault": "application-path-missing", "kind": "Application", "name": "too-early"},
    {"fault": "elasticsearch-health", "kind": "Elasticsearch", "name": "red", "health": "red"},
    {"fault": "kafka-zookeeper-unreachable", "kind": "Kafka", "name": "cut-off", "seconds": 4},
    {"fault": "operand-not-ready", "kind": "Elasticsearch", "name": "mute"},
    {"fault": "repository-refused", "kind": "Application", "name": "refused"},
    {"fault": "operand-not-ready", "kind": "KnativeServing", "name": "broken", "component": "webhook"},
]
QUICK_KAFKA = {"operation_timeout": 1.5, "period": 0.5}  # seconds


@contextmanager
def simulators(folder: Path, name: str = "simulators") -> Iterator[Kube]:
    """A cluster with these faults, on which AMQ Streams is quick; no operator runs yet.

    `folder` takes its settings, `name` is that of its sandbox.
    """
    profile = yaml.safe_load((PROFILES / "fast.yaml").read_text(encoding="utf-8"))
    profile["latencies"]["kafka"] |= QUICK_KAFKA
    (folder / "profile.yaml").write_text(yaml.safe_dump(profile), encoding="utf-8")
    (folder / "faults.yaml").write_text(yaml.safe_dump(FAULTS), encoding="utf-8")
    sandbox = Sandbox(f"{RUN}-{name}")
    try:
        sandbox.up(Settings(profile=str(folder / "profile.yaml"), faults=[str(folder / "faults.yaml")]))
        yield Kube(str(sandbox.state / "components.kubeconfig"))
    finally:
        sandbox.down()


def run_operators(kube: Kube, **namespaces: str) -> None:
    """Let operators (name=namespace) run, with their CRDs and webhooks and nothing else of what OLM would bring."""
    establish(kube, Definitions.from_environment().load(*namespaces))
    packages = yaml.safe_load((CATALOGS / "packages.yaml").read_text(encoding="utf-8")).values()
    for name, namespace in namespaces.items():
        kube.apply(make("v1", "Namespace", namespace))
        for package in packages:
            if package["operator"] == name and "webhooks" in package:
                register(kube, package["webhooks"], name, namespace)
        kube.apply(operator_deployment(name, namespace))


def register(kube: Kube, definitions: list[Object], name: str, namespace: str) -> None:
    """Leave behind what OLM makes of a CSV's webhookdefinitions, under names that tests know."""
    first = definitions[0]
    service = f"{first['deploymentName']}-service"
    pair = self_signed([f"{service}.{namespace}.svc"])
    encoded = {
        key: base64.b64encode(part).decode() for key, part in (("tls.crt", pair.certificate), ("tls.key", pair.key))
    }
    port = first["containerPort"]
    spec = {"ports": [{"port": port, "targetPort": first.get("targetPort", port)}], "selector": {LABEL: name}}
    kube.apply(make("v1", "Service", service, namespace, spec=spec))
    kube.apply(make("v1", "Secret", f"{service}-cert", namespace, type="kubernetes.io/tls", data=encoded))
    for entry in definitions:
        reference = {"name": service, "namespace": namespace, "path": entry["webhookPath"], "port": port}
        client = {"service": reference, "caBundle": encoded["tls.crt"]}
        taken = ("admissionReviewVersions", "failurePolicy", "sideEffects", "rules")
        webhook = {"name": entry["generateName"], "clientConfig": client} | {key: entry[key] for key in taken}
        kind = entry["type"].replace("AdmissionWebhook", "WebhookConfiguration")
        kube.apply(make(REGISTRATION, kind, entry["generateName"], webhooks=[webhook]))


def operator_deployment(name: str, namespace: str) -> Object:
    """Return a Deployment by which a simulated operator knows that it runs."""
    labels = {LABEL: name}
    return deployment(f"{name}-operator", namespace, selector=labels, containers={"manager": [8080]})


def scale(kube: Kube, obj: Object, replicas: int) -> None:
    kube.patch(obj, {"spec": {"replicas": replicas}})
    eventually(lambda: get(kube, obj)["status"].get("readyReplicas", 0), replicas)


def get(kube: Kube, obj: Object) -> Object:
    meta = obj["metadata"]
    return kube.get(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace")) or {}


@contextmanager
def recording(kube: Kube, obj: Object) -> Iterator[list[Object]]:
    """Record the versions of one object."""
    meta = obj["metadata"]
    with recorded(kube, obj["apiVersion"], obj["kind"], meta["name"], meta["namespace"]) as versions:
        yield versions


def names(kube: Kube, api_version: str, kind: str, namespace: str | None = None) -> set[str]:
    return {found["metadata"]["name"] for found in kube.list(api_version, kind, namespace)}


def labels_of(kube: Kube, namespace: str) -> dict[str, str]:
    found: dict[str, str] = get(kube, make("v1", "Namespace", namespace))["metadata"]["labels"]
    return {key: value for key, value in found.items() if key != "kubernetes.io/metadata.name"}


def verdicts(obj: Object, *types: str) -> list[tuple[str, ...]]:
    """Return the conditions (all, or some types) as (type, status, reason, message) without what is empty."""
    found = obj.get("status", {}).get("conditions") or []
    fields = ("type", "status", "reason", "message")
    return [
        tuple(entry[field] for field in fields if field in entry)
        for entry in found
        if not types or entry["type"] in types
    ]


def refusal(call: Callable[[], object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


def is_ready(kube: Kube, obj: Object) -> bool:
    return bool(condition(get(kube, obj), "Ready").get("status") == "True")


def creates(kube: Kube, obj: Object) -> bool:
    try:
        kube.create(obj)
    except ApiError:
        return False
    return True


def tried(kube: Kube, obj: Object) -> ApiError | None:
    """Return how the API server refuses to create the object, None when it would; it is only tried."""
    path = kube.path_of(obj).rpartition("/")[0]
    return fails(lambda: kube.request("POST", f"{path}?dryRun=All", obj))


def fails(call: Callable[[], object]) -> ApiError | None:
    try:
        call()
    except ApiError as error:
        return error
    return None
