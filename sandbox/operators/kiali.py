"""The Kiali operator (kiali-ossm 1.57): the console that the mesh asks for."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.simulator import Cluster, Operator
from sandbox.simulator.objects import conditions, deployment, service

FINALIZER = "kiali.io/finalizer"

operator = Operator("kiali", manager="ansible-operator")


@operator.reconciles("kiali.io/v1alpha1", "Kiali")
def reconcile(cluster: Cluster, kiali: Object) -> float | None:
    """Run the console's pod; the operator removes it itself when the Kiali is deleted."""
    namespace = kiali["metadata"]["namespace"]
    if kiali["metadata"].get("deletionTimestamp"):
        cluster.delete_owned(kiali, ("apps/v1", "Deployment"), ("v1", "Service"))
        cluster.set_finalizer(kiali, FINALIZER, present=False)
        return None
    kiali = cluster.set_finalizer(kiali, FINALIZER, present=True)
    if wait := cluster.pause(kiali, "kiali.create"):
        running = conditions(kiali, ("Running", "True", "Running", "Running reconciliation"))
        cluster.set_status(kiali, {"conditions": running})
        return wait
    labels = {"app": "kiali", "app.kubernetes.io/name": "kiali", "app.kubernetes.io/part-of": "kiali"}
    ports = [("tcp", 20001, 20001), ("http-metrics", 9090, 9090)]
    containers = {"kiali": [target for _, _, target in ports]}
    cluster.apply(
        service("kiali", namespace, ports, labels, labels=labels, owned_by=kiali),
        deployment("kiali", namespace, selector=labels, containers=containers, labels=labels, owned_by=kiali),
    )
    done = conditions(kiali, ("Running", "True", "Successful", "Awaiting next reconciliation"))
    cluster.set_status(kiali, {"conditions": done, "deployment": {"namespace": namespace}})
    return None
