"""How Kafka breaks."""

from __future__ import annotations

from sandbox.kube import Object
from tests.integration.breakages import Breakage, patched, unready_pods

HOME = "seldon-kafka"


def _changed(check: str, part: Object, **more: str) -> Breakage:
    return patched(check, "kafka.strimzi.io/v1beta2", "Kafka", "seldon", HOME, {"spec": {"kafka": part}}, **more)


PERSISTENT = {"type": "persistent-claim", "size": "1Gi"}
TLS = {"name": "tls", "port": 9093, "type": "internal", "tls": True}

BREAKAGES = [
    unready_pods("kafka.operators", "seldon-operator-kafka", "strimzi.io/kind=cluster-operator"),
    _changed("kafka.applied", {"config": {"auto.create.topics.enable": False}}, status="warn"),
    _changed("kafka.ready", {"version": "3.4.0"}),
    # Kafka itself says nothing of it for minutes.
    unready_pods("kafka.workloads", HOME, "strimzi.io/name=seldon-kafka", subject="seldon-kafka/seldon-kafka"),
    _changed("kafka.replication", {"config": {"min.insync.replicas": 4}}),
    _changed("kafka.storage", {"storage": PERSISTENT}, status="warn", subject="Kafka seldon-kafka/seldon"),
    _changed("kafka.address", {"listeners": [TLS]}),
]
