"""ClusterLogForwarder: verified again and again, its status written anew each time, for ever."""

from __future__ import annotations

import time

from sandbox.kube import Object
from sandbox.operators.logging.common import FORWARDER, INSTANCE, LOGGING, instance, neighbours, operator
from sandbox.operators.logging.verification import READY, Verified, verify, written
from sandbox.simulator import Cluster


@operator.reconciles(*FORWARDER, watches=[(*LOGGING, neighbours)])
def reconcile(cluster: Cluster, forwarder: Object) -> float | None:
    """Report on the forwarder; one in another namespace never gets a status."""
    meta = forwarder["metadata"]
    if (meta["namespace"], meta["name"]) != (cluster.namespace, INSTANCE) or meta.get("deletionTimestamp"):
        return None
    logging = instance(cluster.kube, LOGGING, meta["namespace"])
    if logging is None:
        if "status" not in forwarder:
            cluster.set_status(forwarder, {"conditions": written([READY])})
        return None
    memory = cluster.memory(forwarder)
    seen = (meta["generation"], logging["metadata"]["uid"])
    if wait := cluster.pause(forwarder, "logging.reconcile", seen[1]):
        return wait
    # Its own write must not be what makes the operator look again: on a cluster that takes twelve seconds or more.
    if memory.get("seen") == seen and (wait := rest(cluster, forwarder)):
        return wait
    memory["seen"] = seen
    return report(cluster, forwarder, verified(cluster, forwarder))


def rest(cluster: Cluster, forwarder: Object) -> float:
    """Return the seconds until the forwarder is looked at again, whatever happens meanwhile."""
    return max(0.0, float(cluster.memory(forwarder)["again_at"]) - time.monotonic())


def report(cluster: Cluster, forwarder: Object, found: Verified) -> float:
    """Write the status; the first pass over a forwarder that cannot work says Ready, with nothing beside it."""
    wait = cluster.latency("logging.rewrite" if found.configuration else "logging.retry")
    cluster.memory(forwarder)["again_at"] = time.monotonic() + wait
    before = forwarder.get("status") or {}
    if before or found.configuration:
        cluster.set_status(forwarder, found.status(before))
    else:
        cluster.set_status(forwarder, {"conditions": written([READY])})
    if found.overall == [READY]:
        cluster.event(forwarder, "Normal", "Ready", "All pipelines are valid")
    return wait


def verified(cluster: Cluster, forwarder: Object) -> Verified:
    """Verify the forwarder with the secrets that are there now."""
    namespace = forwarder["metadata"]["namespace"]
    logging = instance(cluster.kube, LOGGING, namespace) or {"spec": {}}
    store = bool(logging["spec"].get("logStore"))
    return verify(forwarder["spec"], lambda name: cluster.kube.get("v1", "Secret", name, namespace), store)
