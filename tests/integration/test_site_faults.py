"""site.yml where a chapter's own parts fail: what heals is waited for, what does not ends the run with its reason."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.modules import seldon_wait

from sandbox.cluster import Sandbox, Settings
from sandbox.paths import CHECKOUT
from sandbox.simulator.objects import make
from tests.integration.cluster import GIT_REPOSITORY, RUN, Cluster
from tests.integration.engine import run as run_module
from tests.integration.helpers import set_pods, until

Result = subprocess.CompletedProcess[str]

VOLUME_LIMIT = 'rpc error: code = Internal desc = Could not create volume "pvc": VolumeLimitExceeded'
UNKNOWN = "rpc error: code = Unknown desc = reading manifest 3.2.3: manifest unknown: manifest unknown"
TIMEOUT = "rpc error: code = Unknown desc = pinging container registry: dial tcp: i/o timeout"
# Each concerns another chapter, so that one cluster has them all.
STUCK = [
    {"fault": "csv-failed", "operator": "gitops", "reason": "UnsupportedOperatorGroup"},
    {"fault": "pod-crash-loop", "namespace": "knative-serving", "name": "activator-*"},
    {"fault": "pod-image-pull", "namespace": "seldon-kafka", "name": "seldon-zookeeper-*", "message": UNKNOWN},
    {"fault": "pod-image-pull", "namespace": "seldon-operator-core", "name": "*", "message": "unauthorized: no access"},
    {"fault": "pod-image-pull", "namespace": "seldon-system", "name": "metadata-*", "message": TIMEOUT},
    {"fault": "volume-pending", "kind": "PersistentVolumeClaim", "namespace": "seldon-logs", "message": VOLUME_LIMIT},
]
# By the tag: further variables, and what must be told: who, why, and what to type next.
TOLD: dict[str, tuple[dict[str, object], list[str]]] = {
    # These do not heal, and end long before the time is up.
    "service_mesh": (
        {"service_mesh_control_plane_overrides": {"profiles": ["nope"]}},
        [
            "the cluster does not serve Gateway of networking.istio.io/v1beta1",
            "ServiceMeshControlPlane istio-system/basic, which brings it, has failed: ReconcileError: Error rendering",
            "correct service_mesh_control_plane_overrides",
            "oc describe servicemeshcontrolplane.maistra.io basic -n istio-system",
        ],
    ),
    "gitops": (
        {},
        [
            "openshift-gitops-operator in seldon-operator-gitops cannot be installed",
            "openshift-gitops-operator.v1.7.0 is Failed (UnsupportedOperatorGroup",
            "oc describe clusterserviceversion.operators.coreos.com openshift-gitops-operator.v1.7.0",
        ],
    ),
    "elasticsearch": (
        {},
        [
            "Elasticsearch seldon-logs/elasticsearch-seldon has failed",
            "claim elasticsearch-data-elasticsearch-seldon-es-default-0 has no volume",
            VOLUME_LIMIT,
            "oc describe elasticsearch.elasticsearch.k8s.elastic.co elasticsearch-seldon -n seldon-logs",
        ],
    ),
    "serverless": (
        {},
        [
            "KnativeServing knative-serving/knative-serving has failed",
            "container activator: CrashLoopBackOff",
            "it ended with exit code 1",
            "oc logs activator-",
        ],
    ),
    "kafka": (
        {},
        [
            "Kafka seldon-kafka/seldon has failed",
            'pod seldon-zookeeper-0, container zookeeper: ImagePullBackOff: Failed to pull image "sandbox/zookeeper"',
            UNKNOWN,
            "oc describe kafka.kafka.strimzi.io seldon -n seldon-kafka",
        ],
    ),
    "seldon_core_v1": (
        {"seldon_core_v1_istio": False},
        [
            "operator seldon-operator in seldon-operator-core cannot be installed",
            "pod seldon-controller-manager-",
            "unauthorized: no access",
            "oc describe clusterserviceversion.operators.coreos.com seldon-operator.v1.15.0",
        ],
    ),
    # This may heal, and is named when the time is up.
    "postgresql": (
        {"postgresql_timeout": 30},
        ["DeploymentConfig seldon-system/metadata is not ready after", TIMEOUT, "oc describe deploymentconfig"],
    ),
}
APPLICATION = ("argoproj.io/v1alpha1", "Application")
# The operator names the components of the moment in which it paused: on a slow machine, others than this pod's.
PAUSED = "Paused until the following components become ready: ["
UNREADY = "pod istio-ingressgateway-"
HEALING = [
    {"fault": "application-path-missing", "kind": "Application", "seconds": 10},
    {"fault": "kafka-zookeeper-unreachable", "kind": "Kafka", "seconds": 45},
    {"fault": "pod-not-ready", "namespace": "istio-system", "name": "istio-ingressgateway-*"},
    {"fault": "route-unnoticed", "kind": "Route", "seconds": 20},
    {"fault": "webhook-no-endpoints", "webhook": "service_mesh", "seconds": 10},
    {
        "fault": "strangers-upgrade",
        "package": "stranger-operator",
        "csv": "stranger-operator.v1.0.0",
        "namespace": "openshift-operators",
    },
]


def settings(folder: Path, entries: list[dict[str, object]]) -> Settings:
    """Return the settings of a sandbox with these faults, written to `folder`."""
    file = folder / "faults.yaml"
    file.write_text(yaml.safe_dump(entries))
    return Settings(faults=[str(file)])


@pytest.fixture(scope="module", autouse=True)
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Result]]]:
    """One run for each chapter, all on one cluster and side by side: they only wait, also while others are tested."""
    sandbox = Sandbox(f"{RUN}-stuck")
    pool = ThreadPoolExecutor(max_workers=len(TOLD))
    try:
        sandbox.up(settings(tmp_path_factory.mktemp("stuck"), STUCK))
        site = Cluster(sandbox).site
        yield {
            tag: pool.submit(site, "--tags", tag, "-e", json.dumps(variables), check=False)
            for tag, (variables, _words) in TOLD.items()
        }
    finally:
        pool.shutdown()
        sandbox.down()


def assert_told(result: Result, words: list[str]) -> None:
    text = result.stdout + result.stderr
    assert result.returncode != 0, text
    for each in words:
        assert each in text, text
    assert "Traceback" not in text


def assert_an_application_waits_for_its_folder(cluster: Cluster) -> None:
    """Seldon Deploy makes the folder with the first model; until then Argo CD has nothing to compare."""
    spec = {
        "project": "seldon",
        "source": {"repoURL": GIT_REPOSITORY, "path": "seldon-gitops"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": "seldon-gitops"},
        "syncPolicy": {"automated": {}},
    }
    cluster.kube.create(make(*APPLICATION, "models", "seldon-argocd", spec=spec))
    target = {"api_version": APPLICATION[0], "kind": APPLICATION[1], "name": "models", "namespace": "seldon-argocd"}
    lines: list[str] = []
    awaited = run_module(seldon_wait, cluster, lines=lines, resources=[target], timeout=60)
    assert [each["state"] for each in awaited["resources"]] == ["ready"], awaited
    assert any("ComparisonError" in line and "app path does not exist" in line for line in lines), lines


def test_what_heals_is_waited_for_and_the_run_arrives(tmp_path: Path) -> None:
    sandbox = Sandbox(f"{RUN}-healing")
    try:
        sandbox.up(settings(tmp_path, HEALING))
        cluster = Cluster(sandbox)
        log = tmp_path / "log"
        command = ["ansible-playbook", "playbooks/site.yml", *cluster.values(), "--tags", "service_mesh,gitops"]
        with (
            log.open("w") as output,
            subprocess.Popen(command, env=cluster.environment(), cwd=CHECKOUT, stdout=output, stderr=output) as run,
        ):
            until(lambda: UNREADY in log.read_text() or run.poll() is not None, 300)
            set_pods(cluster.kube, "istio-system", "app=istio-ingressgateway", "Ready")
        assert PAUSED in log.read_text(), log.read_text()
        assert run.returncode == 0, log.read_text()
        assert_an_application_waits_for_its_folder(cluster)
        # Alone: it heals while a run waits for others.
        kafka = cluster.site("--tags", "kafka")
        assert "ZookeeperScalingException" in kafka.stdout, kafka.stdout
        theirs = cluster.kube.list("operators.coreos.com/v1alpha1", "ClusterServiceVersion", "openshift-operators")
        assert "stranger-operator.v1.0.0" in {csv["metadata"]["name"] for csv in theirs}
    finally:
        sandbox.down()


def test_a_catalogue_that_nothing_serves_ends_the_whole_run() -> None:
    sandbox = Sandbox(f"{RUN}-catalog-unhealthy")
    try:
        sandbox.up(Settings(faults=["catalog-unhealthy"]))
        assert_told(
            Cluster(sandbox).site(check=False),
            ["certified-operators", "openshift-marketplace", "oc "],
        )
    finally:
        sandbox.down()


@pytest.mark.parametrize("tag", TOLD)
def test_a_chapter_that_can_not_be_had_says_who_why_and_what_to_type(runs: dict[str, Future[Result]], tag: str) -> None:
    assert_told(runs[tag].result(), TOLD[tag][1])
