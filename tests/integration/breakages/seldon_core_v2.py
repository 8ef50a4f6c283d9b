"""How the runtimes of Seldon Core v2 break."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import make
from tests.integration.breakages import Breakage, patched, removed, unready_pods

NAMESPACE = "seldon"
DEFINITION = ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "experiments.mlops.seldon.io")
ROUTE = ("networking.istio.io/v1beta1", "VirtualService", "seldon-mesh", NAMESPACE)
SERVICE = ("v1", "Service", "seldon-mesh", NAMESPACE)
KAFKA = ("kafka.strimzi.io/v1beta2", "Kafka", "seldon", "seldon-kafka")
LOGINS = [
    {"name": "plain", "port": 9092, "type": "internal", "tls": False, "authentication": {"type": "scram-sha-512"}}
]
MODEL = make("mlops.seldon.io/v1alpha1", "Model", "nowhere", NAMESPACE, spec={"storageUri": "gs://nowhere/model"})


def record(kube: Kube) -> Object:
    """Return Helm's record of the servers' last revision."""
    records = kube.list("v1", "Secret", NAMESPACE, "owner=helm,name=seldon-core-v2-servers")
    return max(records, key=lambda each: int(each["metadata"]["labels"]["version"]))


def set_status(status: str) -> Callable[..., object]:
    """Return what gives that revision a status."""
    return lambda kube, *_: kube.patch(record(kube), {"metadata": {"labels": {"status": status}}})


def edit_server(replicas: int) -> Callable[..., object]:
    """Return what gives a Server of the chart a number of replicas, as kubectl does."""

    def edited(kube: Kube, *_: object) -> None:
        server = kube.get("mlops.seldon.io/v1alpha1", "Server", "mlserver", NAMESPACE)
        assert server
        kube.patch(server, {"spec": {"replicas": replicas}}, manager="kubectl-edit")

    return edited


BREAKAGES = [
    removed("seldon_core_v2.definitions", *DEFINITION, subject="experiments"),
    Breakage("seldon_core_v2.releases", "Helm killed", set_status("pending-upgrade"), set_status("deployed")),
    Breakage(
        "seldon_core_v2.releases", "a Server edited", edit_server(2), edit_server(1), subject="Server seldon/mlserver"
    ),
    unready_pods("seldon_core_v2.components", NAMESPACE, "app=seldon-envoy", subject="seldon-envoy"),
    unready_pods("seldon_core_v2.servers", NAMESPACE, "seldon-server-name=mlserver", subject="mlserver"),
    patched("seldon_core_v2.replication", *KAFKA, {"spec": {"kafka": {"config": {"min.insync.replicas": 3}}}}),
    patched("seldon_core_v2.login", *KAFKA, {"spec": {"kafka": {"listeners": LOGINS}}}),
    removed("seldon_core_v2.address", *ROUTE, subject="VirtualService"),
    patched("seldon_core_v2.address", *SERVICE, {"spec": {"type": "LoadBalancer"}}, status="warn", subject="Service"),
    Breakage(
        "seldon_core_v2.models",
        "a Model that nobody loads",
        lambda kube: kube.create(MODEL),
        lambda kube, _: kube.delete(MODEL),
        subject="nowhere",
    ),
]
