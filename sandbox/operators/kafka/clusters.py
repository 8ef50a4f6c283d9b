"""How the cluster operator carries out a Kafka: in rounds, step by step, with one status at the end of each.

A round follows a change of the Kafka at once, else the end of the last round after a while: pods are not watched, so
that Ready=True outlives a failed broker. Only what a further round could change makes the simulator look again.
"""

from __future__ import annotations

import time

from sandbox.kube import Object
from sandbox.operators.kafka import status
from sandbox.operators.kafka.steps import Failed, Round, Waiting
from sandbox.operators.kafka.validation import Refused
from sandbox.simulator import Cluster

PAUSED = "strimzi.io/pause-reconciliation"


def reconcile(cluster: Cluster, kafka: Object) -> float | None:
    """Go on with the round that runs, or begin one when it is due."""
    meta, notes = kafka["metadata"], cluster.memory(kafka)
    if meta.get("deletionTimestamp"):
        return None  # no finalizer: everything goes by garbage collection
    if meta.get("annotations", {}).get(PAUSED) == "true":
        notes.pop("handled", None)
        cluster.set_status(kafka, status.paused(kafka))
        return None
    if not kafka.get("status"):
        kafka = cluster.set_status(kafka, status.creating(kafka))
    if notes.get("running") != meta["generation"]:
        if notes.get("handled") == meta["generation"]:
            if not _worth_a_round(cluster, kafka):
                return None
            if (wait := notes["ended"] + cluster.latency("kafka.period") - time.monotonic()) > 0:
                return wait
        notes["running"] = meta["generation"]
        notes["rounds"] = notes.get("rounds", 0) + 1
    return _go_on(cluster, kafka)


def _go_on(cluster: Cluster, kafka: Object) -> float | None:
    notes = cluster.memory(kafka)
    current = Round(cluster, kafka, notes["rounds"])
    try:
        outcome = current.carry_out()
        notes["retry"] = False
    except Waiting as waiting:
        return waiting.seconds
    except Refused as refused:
        outcome = status.not_ready(kafka, refused.reason, str(refused))
        notes["retry"] = False
    except Failed as failed:
        outcome = status.not_ready(kafka, failed.reason, str(failed), keep_listeners=failed.brokers_serve)
        notes["retry"] = True
    cluster.set_status(kafka, outcome)
    notes |= {"running": None, "handled": kafka["metadata"]["generation"], "ended": time.monotonic()}
    return cluster.latency("kafka.period") if notes["retry"] else None


def _worth_a_round(cluster: Cluster, kafka: Object) -> bool:
    """Tell whether another round would end otherwise: the last one failed, or something of the cluster has since."""
    return bool(cluster.memory(kafka)["retry"] or Round(cluster, kafka, 0).broken())
