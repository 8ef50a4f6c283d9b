"""The role seldon_core_v2 on a cluster: definitions once, runtimes by Helm, ways in, and the way back."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sandbox.charts import CHARTS
from sandbox.definitions import Definitions, establish
from sandbox.kube import Kube, Object
from sandbox.simulator.objects import make
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import eventually, until
from tests.plays import play_of

MLOPS = "mlops.seldon.io/v1alpha1"
ROUTE = ("networking.istio.io/v1beta1", "VirtualService", "seldon-mesh")
KAFKA = ("kafka.strimzi.io/v1beta2", "Kafka", "seldon", "seldon-kafka")
DEFINITION = ("apiextensions.k8s.io/v1", "CustomResourceDefinition", "servers.mlops.seldon.io")
COMPONENTS = {
    "Deployment": {
        "seldon-controller-manager",
        "seldon-dataflow-engine",
        "seldon-envoy",
        "seldon-hodometer",
        "seldon-modelgateway",
        "seldon-pipelinegateway",
    },
    "StatefulSet": {"mlserver", "seldon-scheduler", "triton"},
}
VOLUMES = {"mlserver-models-mlserver-0", "scheduler-state-seldon-scheduler-0", "triton-models-triton-0"}


class Runtimes:
    """The role's entry points on a cluster that has what comes before: namespaces, and two kinds of other chapters."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.cluster, self.kube, self.folder = cluster, cluster.kube, folder
        for name in ("seldon-system", "seldon", "other", "seldon-kafka"):
            self.kube.apply(make("v1", "Namespace", name))
        kinds = ("virtualservices.networking.istio.io", "kafkas.kafka.strimzi.io")
        establish(self.kube, [Definitions.from_environment().definition(name) for name in kinds])

    def play(self, *entries: str) -> str:
        """Return the path of a play that imports the entry points."""
        return play_of(self.folder / f"{'-'.join(entries)}.json", "seldon_core_v2", *entries)

    def install(self, *options: str, check: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
        """Do what site.yml does."""
        return self._run(self.play("main", "wait"), *options, check=check, **given)

    def remove(self, check: bool = True, **given: Any) -> subprocess.CompletedProcess[str]:
        """Take the role's work out."""
        return self._run(self.play("remove"), check=check, **given)

    def _run(self, play: str, *options: str, check: bool, **given: Any) -> subprocess.CompletedProcess[str]:
        values = {
            name if name.startswith("seldon_") else f"seldon_core_v2_{name}": value for name, value in given.items()
        }
        return self.cluster.playbook(play, *self.cluster.values(), "-e", json.dumps(values), *options, check=check)

    def got(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object:
        found = self.kube.get(api_version, kind, name, namespace)
        assert found, f"there is no {kind} {name}"
        return found

    def names(self, api_version: str, kind: str, namespace: str = "seldon") -> set[str]:
        return {obj["metadata"]["name"] for obj in self.kube.list(api_version, kind, namespace)}

    def revisions(self, namespace: str = "seldon") -> set[tuple[str, str, str]]:
        """Return name, version and status of each of Helm's records."""
        labels = [secret["metadata"]["labels"] for secret in self.kube.list("v1", "Secret", namespace, "owner=helm")]
        return {(each["name"], each["version"], each["status"]) for each in labels}

    def components(self) -> tuple[int, str]:
        """Return number and status of the components' last revision in the namespace seldon."""
        found = [each for each in self.revisions() if each[0] == "seldon-core-v2-components"]
        return max((int(number), status) for _, number, status in found)


@pytest.fixture(scope="module")
def runtimes(empty_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Runtimes:
    return Runtimes(empty_cluster, tmp_path_factory.mktemp("seldon_core_v2"))


def test_check_mode_on_an_empty_cluster_says_what_would_be(runtimes: Runtimes) -> None:
    assert recap(runtimes.install("--check", "--diff"))["changed"] == 4
    assert runtimes.revisions() == set()
    assert runtimes.kube.get(*ROUTE, "seldon") is None


def test_a_runtime_is_as_the_guide_has_it(runtimes: Runtimes) -> None:
    """A file of values for each chart, no Service of type LoadBalancer. Servers have pods."""
    kube = runtimes.kube
    assert recap(runtimes.install())["changed"] == 4
    assert runtimes.revisions("seldon-system") == {("seldon-core-v2-crds", "1", "deployed")}
    releases = {(f"seldon-core-v2-{name}", "1", "deployed") for name in ("components", "servers")}
    assert runtimes.revisions() == releases
    for kind, expected in COMPONENTS.items():
        workloads = kube.list("apps/v1", kind, "seldon")
        assert {obj["metadata"]["name"] for obj in workloads} == expected
        assert {obj["status"].get("readyReplicas") for obj in workloads} == {1}
        # The nulls of the guide's values have dropped the charts' user 1000.
        contexts = [obj["spec"]["template"]["spec"]["securityContext"] for obj in workloads]
        assert contexts == [{"runAsNonRoot": True}] * len(contexts)
    service = runtimes.got("v1", "Service", "seldon-mesh", "seldon")
    assert service["spec"]["type"] == "ClusterIP"
    assert {port["name"]: port["port"] for port in service["spec"]["ports"]} == {"http2-data": 80, "admin": 9003}
    kafka = json.loads(runtimes.got("v1", "ConfigMap", "seldon-kafka", "seldon")["data"]["kafka.json"])
    assert kafka == {"bootstrap.servers": "seldon-kafka-bootstrap.seldon-kafka.svc:9092", "debug": "all"}
    assert runtimes.got(*ROUTE, "seldon")["spec"] == route_to("seldon")


def route_to(namespace: str) -> Object:
    headers = {"namespace": {"exact": namespace}, "inference": {"exact": "seldon-mesh"}}
    destination = {"host": f"seldon-mesh.{namespace}.svc.cluster.local", "port": {"number": 80}}
    entry = {
        "match": [{"headers": headers}],
        "name": f"data-plane-{namespace}",
        "route": [{"destination": destination}],
    }
    return {"gateways": ["istio-system/seldon-gateway"], "hosts": ["*"], "http": [entry]}


def test_nothing_is_done_twice_wherever_the_charts_come_from(runtimes: Runtimes) -> None:
    before = runtimes.revisions()
    assert recap(runtimes.install(servers_chart=str(CHARTS / "seldon-core-v2-servers")))["changed"] == 0
    assert runtimes.revisions() == before


def test_one_value_changes_one_release(runtimes: Runtimes) -> None:
    two, components = {"mlserver": {"replicas": 2}}, runtimes.components()
    assert recap(runtimes.install(servers_values=two))["changed"] == 1
    assert runtimes.got("apps/v1", "StatefulSet", "mlserver", "seldon")["status"]["readyReplicas"] == 2
    assert runtimes.components() == components


def test_another_namespace_gets_a_runtime_of_its_own(runtimes: Runtimes) -> None:
    """Components, servers and way in for each namespace, the definitions once."""
    assert (
        recap(runtimes.install(namespaces=["other"], seldon_kafka_bootstrap="kafka.example.com:9092"))["changed"] == 3
    )
    assert runtimes.revisions("seldon-system") == {("seldon-core-v2-crds", "1", "deployed")}
    assert runtimes.got(*ROUTE, "other")["spec"] == route_to("other")
    assert runtimes.names("apps/v1", "StatefulSet", "other") == COMPONENTS["StatefulSet"]
    kafka = json.loads(runtimes.got("v1", "ConfigMap", "seldon-kafka", "other")["data"]["kafka.json"])
    assert kafka["bootstrap.servers"] == "kafka.example.com:9092"


def test_topics_that_kafka_cannot_hold_are_refused_before_helm_is_asked(runtimes: Runtimes) -> None:
    """The replication factor against the brokers; the breakages try what must be in sync."""
    before = runtimes.revisions()
    storage = {"storage": {"type": "ephemeral"}}
    listeners = [{"name": "plain", "port": 9092, "type": "internal", "tls": False}]
    brokers = {"replicas": 1, "listeners": listeners, **storage}
    runtimes.kube.apply(make(*KAFKA, spec={"kafka": brokers, "zookeeper": {"replicas": 1, **storage}}))
    try:
        result = runtimes.install(check=False, components_values={"kafka": {"debug": ""}})
        assert result.returncode != 0
        told = " ".join((result.stdout + result.stderr).split())
        assert "topics with 2 replicas, 1 brokers, min.insync.replicas 1" in told
        assert '"topics": {"replicationFactor": 1}' in told.replace("\\", "")
        assert runtimes.revisions() == before
    finally:
        runtimes.kube.delete(make(*KAFKA))


def test_a_helm_that_was_stopped_is_gone_on_from(runtimes: Runtimes, empty_cluster: Cluster) -> None:
    """A module that compares values would take the failed attempt for done."""
    url, (last, _) = empty_cluster.sandbox.charts_url, runtimes.components()
    values = {"envoy": {"securityContext": {"runAsUser": 1000}}}  # refused by OpenShift, so that Helm waits
    command = [
        "helm",
        "upgrade",
        "seldon-core-v2-components",
        "seldon-core-v2-setup",
        "--repo",
        url,
        "--version",
        "2.1.0",
    ]
    command += [
        "--namespace",
        "seldon",
        "--reuse-values",
        "--set-json",
        f"envoy={json.dumps(values['envoy'])}",
        "--wait",
    ]
    with subprocess.Popen(command, env=empty_cluster.environment()) as helm:
        until(lambda: runtimes.components() == (last + 1, "pending-upgrade"))
        until(lambda: user_of(runtimes.kube, "seldon-envoy") == 1000)
        helm.send_signal(signal.SIGINT)
    assert runtimes.components() == (last + 1, "failed")
    result = runtimes.install(components_values=values, timeout=1, check=False)
    assert "unable to validate against any security context constraint" in result.stdout + result.stderr
    assert runtimes.components() == (last + 2, "deployed")
    assert recap(runtimes.install())["changed"] == 1
    assert user_of(runtimes.kube, "seldon-envoy") is None


def user_of(kube: Kube, name: str) -> int | None:
    found = kube.get("apps/v1", "Deployment", name, "seldon") or {}
    user: int | None = found["spec"]["template"]["spec"]["securityContext"].get("runAsUser")
    return user


def test_what_somebody_changed_or_deleted_is_put_right_without_helm(runtimes: Runtimes) -> None:
    """Custom resources, too, which Helm would leave as they are."""
    kube = runtimes.kube
    kube.delete(runtimes.got("apps/v1", "Deployment", "seldon-envoy", "seldon"))
    kube.delete(runtimes.got(*DEFINITION[:2], "experiments.mlops.seldon.io"))
    scheduler = runtimes.got("apps/v1", "StatefulSet", "seldon-scheduler", "seldon")
    kube.patch(scheduler, {"spec": {"replicas": 0}}, manager="kubectl-scale")
    before = runtimes.revisions()
    result = runtimes.install()
    assert runtimes.revisions() == before
    assert runtimes.got("apps/v1", "StatefulSet", "seldon-scheduler", "seldon")["spec"]["replicas"] == 1
    assert recap(result)["changed"] == 2  # two releases
    assert runtimes.got("apps/v1", "Deployment", "seldon-envoy", "seldon")["status"]["readyReplicas"] == 1
    assert recap(runtimes.install("--check"))["changed"] == 0


def test_a_runtime_stays_for_its_models(runtimes: Runtimes) -> None:
    kube = runtimes.kube
    kube.create(make(MLOPS, "Model", "iris", "seldon", spec={"storageUri": "gs://seldon-models/iris"}))
    result = runtimes.remove(check=False)
    assert result.returncode != 0
    told = " ".join((result.stdout + result.stderr).split())
    assert "it holds Model iris" in told
    assert "oc delete experiments,pipelines,models --all -n seldon" in told
    assert runtimes.names(MLOPS, "Server") == {"mlserver", "triton"}
    kube.delete(make(MLOPS, "Model", "iris", "seldon"))


def test_removal_takes_servers_first_and_keeps_and_names_the_volumes(runtimes: Runtimes) -> None:
    """Only a running operator lets go of a Server; its claims stay."""
    kube, others = runtimes.kube, runtimes.names(MLOPS, "Server", "other")
    kube.create(make(MLOPS, "Server", "own", "seldon", spec={"replicas": 1, "serverConfig": "mlserver"}))
    until(lambda: runtimes.got(MLOPS, "Server", "own", "seldon")["metadata"].get("finalizers"))
    result = runtimes.remove(remove_data="false")  # as -e hands it over
    assert recap(result)["changed"] == 4
    volumes = runtimes.names("v1", "PersistentVolumeClaim")
    assert volumes >= VOLUMES
    for volume in VOLUMES:
        assert volume in result.stdout
    for kind in COMPONENTS:
        eventually(lambda kind=kind: runtimes.names("apps/v1", kind), set())
    assert runtimes.names(MLOPS, "Server") == set()
    assert runtimes.revisions() == set()
    assert kube.get(*ROUTE, "seldon") is None
    assert runtimes.names(MLOPS, "Server", "other") == others
    assert recap(runtimes.remove())["changed"] == 0


def test_data_goes_when_asked_and_the_definitions_with_the_last_runtime(runtimes: Runtimes) -> None:
    result = runtimes.remove(remove_data="true")
    assert "The CRDs stay, because of runtimes in other" in result.stdout
    assert runtimes.names("v1", "PersistentVolumeClaim") == set()
    assert runtimes.names(MLOPS, "Server", "other") == {"mlserver", "triton"}
    runtimes.remove(remove_data=True, namespaces=["other"])
    assert runtimes.names("v1", "PersistentVolumeClaim", "other") == set()
    eventually(lambda: runtimes.kube.get(*DEFINITION), None)


def test_definitions_of_others_are_used_as_they_are(runtimes: Runtimes) -> None:
    """Helm refuses a second release of the same definitions; removing either would remove every model."""
    establish(runtimes.kube, Definitions.from_environment().load("seldon_v2"))
    result = runtimes.install("--check")
    assert "they are used as they are" in result.stdout
    assert recap(result)["changed"] == 3
