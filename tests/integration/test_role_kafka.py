"""Role kafka: the guide's cluster, what it refuses before it writes, other people's Kafka, and whose data stays."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.kube import Kube, Object
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster, recap
from tests.plays import play_of

HOME = "seldon-kafka"
KAFKA = ("kafka.strimzi.io/v1beta2", "Kafka", "seldon", HOME)
SUBSCRIPTION = ("operators.coreos.com/v1alpha1", "Subscription", "amq-streams", "seldon-operator-kafka")
CLAIM = ("v1", "PersistentVolumeClaim", "data-seldon-kafka-0", HOME)
GUIDE = {
    "kafka": {
        "version": "3.2.3",
        "replicas": 3,
        "listeners": [
            {"name": "plain", "port": 9092, "type": "internal", "tls": False},
            {"name": "tls", "port": 9093, "type": "internal", "tls": True},
        ],
        "config": {
            "auto.create.topics.enable": True,
            "offsets.topic.replication.factor": 3,
            "transaction.state.log.replication.factor": 3,
            "transaction.state.log.min.isr": 2,
            "default.replication.factor": 3,
            "min.insync.replicas": 1,
            "inter.broker.protocol.version": "3.2",
        },
        "storage": {"type": "ephemeral"},
    },
    "zookeeper": {"replicas": 3, "storage": {"type": "ephemeral"}},
    "entityOperator": {"topicOperator": {}, "userOperator": {}},
}


def role(cluster: Cluster, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    return cluster.site("--tags", "kafka", *arguments, check=check)


def changed(cluster: Cluster, *arguments: str) -> int:
    return recap(role(cluster, *arguments))["changed"]


def got(kube: Kube, *where: str) -> Object:
    found = kube.get(*where)
    assert found, f"there is no {where[1]} {where[2]}"
    return found


def writes(cluster: Cluster, *arguments: str) -> tuple[str, list[str]]:
    """Run the role; return what it said, and what it asked the API server to change."""
    said: list[str] = []

    def run() -> None:
        result = role(cluster, *arguments, check=False)
        said.append(result.stdout + result.stderr)

    asked = [
        event["requestURI"]
        for event in cluster.requests(run)
        if event["verb"] in ("create", "update", "patch", "delete") and "selfsubject" not in event["requestURI"]
    ]
    return said[0], asked


def test_the_guide_s_cluster_serves(finished_cluster: Cluster) -> None:
    kube = finished_cluster.kube
    kafka = got(kube, *KAFKA)
    assert kafka["spec"] == GUIDE
    assert kafka["status"]["observedGeneration"] == kafka["metadata"]["generation"]
    assert [each["type"] for each in kafka["status"]["conditions"]] == ["Ready"]
    addresses = {each["name"]: each["bootstrapServers"] for each in kafka["status"]["listeners"]}
    assert addresses["plain"] == "seldon-kafka-bootstrap.seldon-kafka.svc:9092"
    assert got(kube, *SUBSCRIPTION)["status"]["installedCSV"] == "amqstreams.v2.2.0-4"


def test_variables_change_what_they_name_and_nothing_else(finished_cluster: Cluster) -> None:
    kube = finished_cluster.kube
    four = ("-e", "kafka_replicas=4", "-e", json.dumps({"kafka_config": {"min.insync.replicas": 2}}))
    assert changed(finished_cluster, *four) == 1
    spec = json.loads(json.dumps(GUIDE))
    spec["kafka"]["replicas"] = 4
    spec["kafka"]["config"]["min.insync.replicas"] = 2
    kafka = got(kube, *KAFKA)
    assert kafka["spec"] == spec
    assert kafka["status"]["observedGeneration"] == kafka["metadata"]["generation"]
    assert got(kube, "apps/v1", "StatefulSet", "seldon-kafka", HOME)["status"]["readyReplicas"] == 4
    assert changed(finished_cluster) == 1
    assert changed(finished_cluster, "--check") == 0


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            {"kafka_replicas": 2},
            [
                "default.replication.factor is 3, of 2 brokers",
                '-e \'{"kafka_config": {"default.replication.factor": 2}}',
            ],
        ),
        (
            {"kafka_overrides": {"kafka": {"replicas": 0}}, "kafka_version": "3.2"},
            [
                "kafka_overrides.kafka.replicas is 0 and kafka_zookeeper_replicas 3: a Kafka needs at least one",
                "kafka_version is '3.2', which is no version: give one like 3.2.3",
            ],
        ),
        (
            {"kafka_overrides": {"kafka": {"replicas": 2}}},
            ["Raise kafka_overrides.kafka.replicas, or lower the others"],
        ),
        ({"kafka_config": {"min.insync.replicas": 4}}, ["min.insync.replicas is 4, of 3 replicas"]),
        (
            {"kafka_mode": "external"},
            ["'seldon-kafka-bootstrap.seldon-kafka", "-e seldon_kafka_bootstrap=kafka.example.com"],
        ),
        ({"kafka_mode": "external", "seldon_kafka_bootstrap": "kafka.example.com"}, ["'kafka.example.com': give"]),
    ],
)
def test_what_could_not_work_is_refused_before_the_first_write(
    finished_cluster: Cluster, values: dict[str, Any], told: list[str]
) -> None:
    """Replication factors fit the brokers, and minima of replicas in sync the replication factors."""
    said, asked = writes(finished_cluster, "-e", json.dumps(values))
    assert "failed=1" in said
    for words in told:
        assert words in said
    assert asked == []


def test_an_external_kafka_is_left_alone(finished_cluster: Cluster) -> None:
    elsewhere = ("-e", "kafka_mode=external", "-e", "seldon_kafka_bootstrap=a.example.com:9092,b.example.com:9092")
    said, asked = writes(finished_cluster, *elsewhere)
    assert "Kafka at a.example.com:9092,b.example.com:9092" in said
    assert asked == []


def test_a_version_that_the_operator_does_not_have_ends_the_run_at_once(finished_cluster: Cluster) -> None:
    """Only what cannot heal ends it; and without a version the operator takes one that it has."""
    wrong = role(finished_cluster, "-e", "kafka_version=3.4.0", check=False)
    assert wrong.returncode != 0
    assert "UnsupportedKafkaVersionException" in wrong.stdout + wrong.stderr
    assert "Supported versions are: [3.1.0, 3.2.3]" in wrong.stdout + wrong.stderr
    assert changed(finished_cluster, "-e", '{"kafka_version": ""}') == 1
    spec = got(finished_cluster.kube, *KAFKA)["spec"]["kafka"]
    assert "version" not in spec
    assert "inter.broker.protocol.version" not in spec["config"]


def removal(cluster: Cluster, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return cluster.playbook(play_of(folder / "remove.json", "kafka", "remove"), *arguments)


def test_removal_keeps_data_and_an_operator_that_others_use(finished_cluster: Cluster, tmp_path: Path) -> None:
    kube = finished_cluster.kube
    theirs = make(*KAFKA[:2], "theirs", "default", spec=GUIDE)
    kube.create(theirs)
    request = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    kube.create(make(*CLAIM, labels={"strimzi.io/cluster": "seldon"}, spec=request))
    said = removal(finished_cluster, tmp_path).stdout
    assert "the operator, for default/theirs" in said
    assert "the data volumes data-seldon-kafka-0 (-e kafka_remove_data=true removes them)" in said
    assert kube.get(*KAFKA) is None
    assert kube.get(*SUBSCRIPTION)
    assert kube.get(*CLAIM)

    kube.delete(theirs)
    said = removal(finished_cluster, tmp_path, "-e", "kafka_remove_data=true").stdout
    assert "the data volumes" not in said
    assert kube.get(*CLAIM) is kube.get(*SUBSCRIPTION) is None
