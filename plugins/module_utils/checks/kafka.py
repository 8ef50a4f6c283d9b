# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The checks of the role kafka.

Settings: `operators` (none for an external Kafka), `install` (whether the role installs one), `namespace`, `bootstrap`
(the address that Seldon uses).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..kube.kinds import DEPLOYMENT, KAFKA, STATEFUL_SET
from ..kube.objects import Object, condition, section
from .applied import applied_check
from .kafka_replication import replication_problems
from .model import Check, Finding, Judge, failed, judged, passed, skipped, warned
from .observed import Observed
from .operators import operators_check
from .workloads import rollouts

NAME = "seldon"
STORAGES = {"kafka": "kafka_storage", "zookeeper": "kafka_zookeeper_storage"}
MEND = "ansible-playbook seldon.openshift.site --tags kafka"


def _ready(cluster: Observed, settings: Mapping[str, Any], subject: str, _kafka: Object) -> Iterator[Finding]:
    state = cluster.state(KAFKA.named(NAME, settings["namespace"]))
    yield judged(subject, state, f"oc describe kafka seldon -n {settings['namespace']}")


def _workloads(cluster: Observed, settings: Mapping[str, Any], _subject: str, kafka: Object) -> Iterator[Finding]:
    namespace = settings["namespace"]
    yield from rollouts(cluster, STATEFUL_SET, namespace, ("seldon-zookeeper", "seldon-kafka"))
    if "entityOperator" in section(kafka, "spec"):
        yield from rollouts(cluster, DEPLOYMENT, namespace, ("seldon-entity-operator",))


def _replication(_cluster: Observed, _settings: Mapping[str, Any], subject: str, kafka: Object) -> Iterator[Finding]:
    problems = replication_problems(kafka)
    if problems:
        yield failed(subject, "; ".join(problems), MEND)
    else:
        yield passed(subject, f"fits {section(kafka, 'spec', 'kafka').get('replicas')} brokers")


def _storage(_cluster: Observed, settings: Mapping[str, Any], subject: str, kafka: Object) -> Iterator[Finding]:
    told = condition(kafka, "Warning")
    if told.get("reason") == "KafkaStorage":
        yield warned(subject, f"the change of storage is not applied: {told.get('message')}", MEND)
        return
    for part, variable in STORAGES.items():
        where, kind = (
            f"storage of {part} in {settings['namespace']}",
            section(kafka, "spec", part, "storage").get("type"),
        )
        if kind == "ephemeral":
            do = f"for the next installation: -e '{{{variable}: {{type: persistent-claim, size: 100Gi}}}}'"
            yield warned(where, "ephemeral: a pod that restarts loses its data", do)
        else:
            yield passed(where, str(kind))


def _address(_cluster: Observed, settings: Mapping[str, Any], subject: str, kafka: Object) -> Iterator[Finding]:
    offered = [each.get("bootstrapServers", "") for each in section(kafka, "status").get("listeners") or []]
    # A Service's name with and without the cluster's domain is the same address.
    wanted = settings["bootstrap"].replace(".svc.cluster.local:", ".svc:")
    if wanted in offered:
        yield passed(subject, f"listens at {wanted}")
    else:
        seen = f"listens at {', '.join(offered) or 'no address'}, but Seldon uses {settings['bootstrap']}"
        yield failed(
            subject, seen, f"oc get kafka seldon -n {settings['namespace']} -o jsonpath='{{.status.listeners}}'"
        )


def _of_ours(judge: Callable[[Observed, Mapping[str, Any], str, Object], Iterator[Finding]]) -> Judge:
    """Return the judge that hands our Kafka to `judge`, and says so where there is none, or none of ours."""

    def judging(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
        subject = f"Kafka {settings['namespace']}/seldon"
        kafka = cluster.get(KAFKA.named(NAME, settings["namespace"]))
        if not settings["install"]:
            yield skipped(f"Kafka {settings['bootstrap']}", "is external and not checked")
        elif kafka is None:
            yield failed(subject, "does not exist", MEND)
        else:
            yield from judge(cluster, settings, subject, kafka)

    return judging


CHECKS: tuple[Check, ...] = (
    operators_check("kafka"),
    applied_check(
        "kafka",
        "Settings of the brokers show only when a topic is created, or when a broker fails.",
    ),
    Check(
        "kafka.ready",
        "Kafka is ready",
        "Without it, pipelines of Seldon Core v2 do not run.",
        _of_ours(_ready),
    ),
    Check(
        "kafka.workloads",
        "Pods of the brokers, of ZooKeeper and of the entity operator are ready",
        "The Kafka resource stays Ready for minutes after a broker has failed.",
        _of_ours(_workloads),
    ),
    Check(
        "kafka.replication",
        "Kafka has enough brokers for its replication settings",
        "Otherwise topics cannot be created, or every write to them fails.",
        _of_ours(_replication),
    ),
    Check(
        "kafka.storage",
        "Kafka's data is on persistent volumes",
        "Otherwise events that are not processed yet are lost with the pods that hold them.",
        _of_ours(_storage),
    ),
    Check(
        "kafka.address",
        "Kafka listens at the address that Seldon uses",
        "A wrong address shows only in the logs of Seldon's components.",
        _of_ours(_address),
    ),
)
