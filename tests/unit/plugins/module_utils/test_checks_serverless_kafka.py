"""Checks of Knative and of Kafka where no sandbox shows them: those of others, and what is only worth knowing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks import kafka, serverless
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import Check, rows

from tests.unit.observed import observed

Object = dict[str, Any]
KNATIVE: Object = {"operators": [], "install": True, "logs": "seldon-logs", "serving": ["knative-serving"]}
KAFKA: Object = {"operators": [], "install": True, "namespace": "seldon-kafka", "bootstrap": "b.svc.cluster.local:9092"}


def said(checks: tuple[Check, ...], name: str, settings: Object, *objects: Object) -> list[tuple[str, str]]:
    """Return status and subject of one check's rows."""
    found = rows([check for check in checks if check.name == name], "chapter", observed(*objects), settings)
    return [(row["status"], row["subject"]) for row in found]


def deployment(name: str, namespace: str, ready: int = 1) -> Object:
    status = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": ready}
    metadata = {"name": name, "namespace": namespace, "generation": 1}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {}, "status": status}


def broker(url: str) -> Object:
    status = {"conditions": [{"type": "Ready", "status": "True"}], "address": {"url": url}}
    metadata = {"name": "default", "namespace": "seldon-logs"}
    return {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": metadata, "status": status}


def cluster(storage: str = "ephemeral", address: str = "b.svc:9092", warning: str = "") -> Object:
    conditions = [{"type": "Ready", "status": "True"}]
    if warning:
        conditions.append({"type": "Warning", "status": "True", "reason": warning, "message": "ignored"})
    part = {"replicas": 3, "storage": {"type": storage}}
    return {
        "apiVersion": "kafka.strimzi.io/v1beta2",
        "kind": "Kafka",
        "metadata": {"name": "seldon", "namespace": "seldon-kafka", "generation": 1},
        "spec": {"kafka": part, "zookeeper": part},
        "status": {"observedGeneration": 1, "conditions": conditions, "listeners": [{"bootstrapServers": address}]},
    }


@pytest.mark.parametrize(
    ("install", "objects", "statuses"),
    [
        (True, [deployment("a", "knative-serving")], ["fail", "fail"]),
        (False, [], ["fail", "fail"]),
        (False, [deployment("a", "knative-serving"), deployment("b", "knative-eventing", 0)], ["pass", "fail"]),
    ],
)
def test_a_knative_without_the_operator_s_kinds(install: bool, objects: list[Object], statuses: list[str]) -> None:
    found = said(serverless.CHECKS, "serverless.knative", KNATIVE | {"install": install}, *objects)
    assert [status for status, _ in found] == statuses


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("http://broker-ingress.knative-eventing.svc.cluster.local/seldon-logs/default", "pass"),
        ("http://kafka-broker-ingress.knative-eventing.svc.cluster.local/seldon-logs/default", "fail"),
    ],
)
def test_the_broker_s_address_is_the_one_that_models_use(url: str, status: str) -> None:
    found = said(serverless.CHECKS, "serverless.broker", KNATIVE, broker(url))
    assert found == [(status, "Broker seldon-logs/default")]


def test_an_external_kafka_is_its_owner_s() -> None:
    for check in kafka.CHECKS[1:]:
        found = said(kafka.CHECKS, check.name, KAFKA | {"install": False})
        subject = "kafka" if check.name == "kafka.applied" else "Kafka b.svc.cluster.local:9092"
        assert found == [("skipped", subject)]


@pytest.mark.parametrize(
    ("obj", "found"),
    [
        (cluster(), [("warn", "storage of kafka in seldon-kafka"), ("warn", "storage of zookeeper in seldon-kafka")]),
        (
            cluster("persistent-claim"),
            [("pass", "storage of kafka in seldon-kafka"), ("pass", "storage of zookeeper in seldon-kafka")],
        ),
        (cluster("persistent-claim", warning="KafkaStorage"), [("warn", "Kafka seldon-kafka/seldon")]),
    ],
)
def test_storage_that_does_not_last_is_told(obj: Object, found: list[tuple[str, str]]) -> None:
    """Ephemeral storage is gone with its pod; another one is not taken over by a cluster that exists."""
    assert said(kafka.CHECKS, "kafka.storage", KAFKA, obj) == found


@pytest.mark.parametrize(("address", "status"), [("b.svc:9092", "pass"), ("b.svc:9093", "fail")])
def test_the_address_is_one_of_the_cluster_s(address: str, status: str) -> None:
    found = said(kafka.CHECKS, "kafka.address", KAFKA, cluster(address=address))
    assert found == [(status, "Kafka seldon-kafka/seldon")]
