"""Red Hat's distributed tracing operator (jaeger-product 1.39): the all-in-one instance that the mesh asks for."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.objects import deployment, service

VERSION = "1.39.0"

operator = Operator("jaeger", manager="jaeger-operator")


@operator.reconciles("jaegertracing.io/v1", "Jaeger")
def reconcile(cluster: Cluster, jaeger: Object) -> float | None:
    """Run one pod behind the query and collector Services; the phase says only that the objects were created."""
    name, namespace = jaeger["metadata"]["name"], jaeger["metadata"]["namespace"]
    if jaeger["metadata"].get("deletionTimestamp"):
        return None
    if wait := cluster.pause(jaeger, "jaeger.create"):
        return wait
    labels = {
        "app": "jaeger",
        "app.kubernetes.io/component": "all-in-one",
        "app.kubernetes.io/instance": name,
        "app.kubernetes.io/managed-by": "jaeger-operator",
        "app.kubernetes.io/part-of": "jaeger",
    }
    query = [("http-query", 16686, 16686)]
    collector = [("http-zipkin", 9411, 9411), ("grpc-jaeger", 14250, 14250), ("http-c-tchan-trft", 14268, 14268)]
    ports = [target for _, _, target in query + collector]
    common = {"labels": labels, "owned_by": jaeger}
    cluster.apply(
        service(f"{name}-query", namespace, query, labels, **common),
        service(f"{name}-collector", namespace, collector, labels, **common),
        deployment(name, namespace, selector=labels, containers={"jaeger": ports}, **common),
    )
    cluster.set_status(jaeger, {"phase": "Running", "version": VERSION})
    return None
