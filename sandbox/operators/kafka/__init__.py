"""AMQ Streams 2.2 (Strimzi 0.29): Kafka clusters, and their topics and users in the name of the entity operator."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.operators.kafka import clusters, topics
from sandbox.simulator import Operator

API = "kafka.strimzi.io/v1beta2"

operator = Operator("kafka", manager="fabric8-kubernetes-client")


def _of_same_cluster(deployment: Object, obj: Object) -> bool:
    """Tell whether the Deployment is the entity operator of the cluster that a topic or user belongs to."""
    clusters_of = [
        (meta["namespace"], meta.get("labels", {}).get(topics.CLUSTER_LABEL))
        for meta in (deployment["metadata"], obj["metadata"])
    ]
    return clusters_of[0] == clusters_of[1] and clusters_of[0][1] is not None


operator.reconciles(API, "Kafka", watches=[("apps/v1", "StatefulSet"), ("apps/v1", "Deployment")])(clusters.reconcile)
for kind, reconcile in (("KafkaTopic", topics.reconcile_topic), ("KafkaUser", topics.reconcile_user)):
    operator.reconciles(API, kind, watches=[("apps/v1", "Deployment", _of_same_cluster)])(reconcile)
