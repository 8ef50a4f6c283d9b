"""A cluster that a person installed by the guide: told as a plan, left alone without consent, taken over with it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from sandbox.kube import Kube, Object
from tests.integration.cluster import Cluster, recap
from tests.integration.contents import changed, contents
from tests.integration.helpers import decoded, secrets

SYSTEM, LOGS, ARGOCD, LOGGING, MONITORING = (
    *("seldon-system", "seldon-logs", "seldon-argocd"),
    *("openshift-logging", "openshift-monitoring"),
)
OLM = "operators.coreos.com"
ALERTMANAGER = ("v1", "Secret", "alertmanager-main", MONITORING)
WEBHOOK = "http://seldon-deploy.seldon-system:80/seldon-deploy/api/v1alpha1/webhooks/firing-alert"
# What differs from the collection's defaults, as the person of `byhand` has it: object: (what happens, field: theirs).
DIFFERENT: dict[str, tuple[str, dict[str, str]]] = {
    "Elasticsearch seldon-logs/elasticsearch-seldon": (
        "blocked",  # claims can not grow, so that nothing of it could be brought to the defaults
        {
            '.spec.nodeSets[name="default"].count': "2",
            'containers[name="elasticsearch"].resources.limits.memory': "2Gi",
            'containers[name="elasticsearch"].resources.requests.cpu': "500m",
            'containers[name="elasticsearch"].resources.requests.memory': "2Gi",
            '.spec.nodeSets[name="default"].volumeClaimTemplates': "",
        },
    ),
    "Kafka seldon-kafka/seldon": (
        "needs consent",
        {
            ".spec.kafka.replicas": "2",
            ".spec.zookeeper.replicas": "1",
            ".spec.kafka.config.default.replication.factor": "2",
            ".spec.kafka.config.offsets.topic.replication.factor": "2",
            ".spec.kafka.config.transaction.state.log.replication.factor": "2",
            ".spec.kafka.config.transaction.state.log.min.isr": "1",
        },
    ),
    "ArgoCD seldon-argocd/seldon-argocd": (
        "needs consent",
        {".spec.sso.provider": "-", ".spec.sso.dex.openShiftOAuth": "-"},
    ),
    "Secret seldon-system/jwt-seldon": ("needs consent", {".data.jwt-seldon.txt": "(hidden)"}),
    "Secret openshift-monitoring/alertmanager-main": ("needs consent", {".alertmanager.yaml.route.routes": ""}),
    "Secret openshift-logging/seldon-elasticsearch": ("changed", {".data.ca-bundle.crt": "(hidden)"}),
    "Release seldon-system/seldon-deploy": (
        "needs consent",
        {".values.external.protocol": "http", ".values.requestLogger.elasticsearch.protocol": "-"},
    ),
}
# What the person has chosen, as the variables that keep it.
CHOSEN = {
    "elasticsearch_node_count": 2,
    "elasticsearch_cpu": "500m",
    "elasticsearch_memory": "2Gi",
    "elasticsearch_storage_size": "20Gi",
    "kafka_replicas": 2,
    "kafka_zookeeper_replicas": 1,
    "kafka_config": {
        "default.replication.factor": 2,
        "offsets.topic.replication.factor": 2,
        "transaction.state.log.replication.factor": 2,
        "transaction.state.log.min.isr": 1,
    },
}
OPERATORS = {
    "openshift-operators/jaeger-product": "jaeger-operator.v1.39.0-3",
    "openshift-operators/kiali-ossm": "kiali-operator.v1.57.3",
    "openshift-operators/servicemeshoperator": "servicemeshoperator.v2.3.0",
    "openshift-serverless/serverless-operator": "serverless-operator.v1.26.0",
    "openshift-operators/elasticsearch-eck-operator-certified": "elasticsearch-eck-operator-certified.v2.5.0",
    "openshift-logging/cluster-logging": "cluster-logging.5.5.5",
    "openshift-operators/openshift-gitops-operator": "openshift-gitops-operator.v1.7.0",
    "openshift-operators/amq-streams": "amqstreams.v2.2.0-4",
    "openshift-operators/seldon-operator-certified": "",
}


@dataclass(frozen=True)
class Adopted:
    """The cluster before and after the person agreed to what is not in the file that adopt.yml wrote.

    secrets: the data of each Secret, by 'namespace/name'. identities: the uids of what must not come twice.
    """

    secrets: dict[str, dict[str, str]]
    identities: dict[str, str]
    file: Path
    run: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def adopted(cluster_by_hand: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Adopted:
    """Let adopt.yml write the variables, and site.yml run with them and with consent."""
    kube, file = cluster_by_hand.kube, tmp_path_factory.mktemp("adopt") / "adopted.yml"
    held = {_place(secret): secret.get("data") or {} for secret in kube.list("v1", "Secret")}
    identities = identities_of(kube)
    plan(cluster_by_hand, "-e", f"adopt_write={file}")
    run = cluster_by_hand.site("-e", f"@{file}", "-e", "seldon_adopt=true")
    return Adopted(held, identities, file, run)


def plan(cluster: Cluster, *arguments: str) -> subprocess.CompletedProcess[str]:
    return cluster.playbook("playbooks/adopt.yml", *cluster.values(), *arguments)


def table(result: subprocess.CompletedProcess[str]) -> dict[str, tuple[str, list[str]]]:
    """Return what a plan says: what happens to each object, and its lines of fields."""
    told = re.search(r"^(?:Show the plan|Plan the adoption of what others made)\n((?:  .*\n)+)", result.stdout, re.M)
    assert told, result.stdout
    # The last line says how long the stage took.
    lines = [line.removeprefix("  ") for line in told[1].splitlines()[:-1]]
    rows: dict[str, tuple[str, list[str]]] = {}
    for line in lines:
        if not line.startswith("  "):
            name, _, fate = line.partition(": ")
            rows[name] = (fate, [])
        else:
            rows[name][1].append(line.strip())
    return rows


def identities_of(kube: Kube) -> dict[str, str]:
    """Return the uid of each Subscription, OperatorGroup and chapter's resource, by kind and name."""
    kinds = [
        *((f"{OLM}/v1alpha1", "Subscription"), (f"{OLM}/v1", "OperatorGroup")),
        *(("maistra.io/v2", "ServiceMeshControlPlane"), ("maistra.io/v1", "ServiceMeshMemberRoll")),
        *(("elasticsearch.k8s.elastic.co/v1", "Elasticsearch"), ("kafka.strimzi.io/v1beta2", "Kafka")),
        *(("argoproj.io/v1alpha1", "ArgoCD"), ("argoproj.io/v1alpha1", "Application")),
        *(("logging.openshift.io/v1", "ClusterLogForwarder"), ("apps.openshift.io/v1", "DeploymentConfig")),
        *(("operator.knative.dev/v1beta1", "KnativeServing"), ("operator.knative.dev/v1beta1", "KnativeEventing")),
        *(("v1", "PersistentVolumeClaim"), ("v1", "Namespace")),
    ]
    return {
        f"{kind} {_place(obj)}": obj["metadata"]["uid"] for version, kind in kinds for obj in kube.list(version, kind)
    }


def _place(obj: Object) -> str:
    return f"{obj['metadata'].get('namespace', '')}/{obj['metadata']['name']}"


def releases(kube: Kube) -> set[tuple[str, str]]:
    """Return namespace and name of each Helm release."""
    found = kube.list("v1", "Secret", labels="owner=helm")
    return {(secret["metadata"]["namespace"], secret["metadata"]["labels"]["name"]) for secret in found}


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["playbooks/preflight.yml"], id="preflight"),
        pytest.param(["playbooks/site.yml"], id="site"),
        pytest.param(["playbooks/site.yml", "--tags", "kafka"], id="kafka"),
        pytest.param(["playbooks/site.yml", "--check", "--diff"], id="check"),
    ],
)
def test_nothing_is_written_without_consent(cluster_by_hand: Cluster, arguments: list[str]) -> None:
    before = contents(cluster_by_hand.kube)
    results = []

    def run() -> None:
        results.append(cluster_by_hand.playbook(*arguments, *cluster_by_hand.values(), check=False))

    written = [event["requestURI"] for event in cluster_by_hand.requests(run) if _writes(event)]
    told = results[0].stdout + results[0].stderr
    assert results[0].returncode != 0, told
    assert "Nothing was written." in told
    assert "playbooks/adopt.yml" in told
    assert "-e seldon_adopt=true" in told
    assert "Kafka seldon-kafka/seldon" in told
    assert written == []
    assert changed(before, contents(cluster_by_hand.kube)) == set()


def _writes(event: Object) -> bool:
    agent, uri = event.get("userAgent", ""), event["requestURI"]
    ours = agent.startswith("seldon.openshift") or "helm" in agent.lower() or "ansible" in agent.lower()
    writes = event["verb"] in ("create", "update", "patch", "delete", "deletecollection")
    return ours and writes and "dryRun" not in uri and "selfsubject" not in uri


def test_the_plan_has_every_difference_and_no_other(cluster_by_hand: Cluster) -> None:
    result = plan(cluster_by_hand)
    assert recap(result)["failed"] == 0
    found = table(result)
    for name, (fate, fields) in DIFFERENT.items():
        assert name in found, (name, sorted(found))
        said, lines = found[name]
        assert said.startswith(fate), (name, said)
        for field, theirs in fields.items():
            assert [line for line in lines if _tells(line, field, theirs)], (name, field, lines)
    undecided = {name for name, (fate, _) in found.items() if fate.startswith(("blocked", "needs consent", "not read"))}
    assert undecided == {name for name, (fate, _) in DIFFERENT.items() if fate != "changed"}
    for name in ("Kafka seldon-kafka/seldon", "ArgoCD seldon-argocd/seldon-argocd"):
        assert len(found[name][1]) == len(DIFFERENT[name][1]), found[name]


def _tells(line: str, field: str, theirs: str) -> bool:
    """Tell whether a line is of the field, whose path may be cut, and says what the person has there."""
    path, _, rest = line.partition("  ")
    shown = path.strip().lstrip("…")
    return (field.endswith(shown) or shown.endswith(field)) and rest.strip().startswith(theirs)


def test_the_plan_names_the_operators_that_are_used_as_they_are(cluster_by_hand: Cluster) -> None:
    text = plan(cluster_by_hand).stdout
    for place, csv in OPERATORS.items():
        assert f"Subscription {place}" in text
        assert csv in text


def test_the_plan_holds_no_value_of_a_secret(cluster_by_hand: Cluster) -> None:
    text = plan(cluster_by_hand, "-vvv").stdout
    # The guide's own password is the name of its database.
    assert [value for value in secrets(cluster_by_hand.kube) if len(value) > 10 and value in text] == []


def test_the_variables_of_the_plan_keep_what_the_person_has_chosen(adopted: Adopted, cluster_by_hand: Cluster) -> None:
    assert yaml.safe_load(adopted.file.read_text()).items() >= CHOSEN.items()
    kube = cluster_by_hand.kube
    elastic: Any = kube.get("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "elasticsearch-seldon", LOGS)
    (nodes,) = elastic["spec"]["nodeSets"]
    assert nodes["count"] == 2
    assert nodes["volumeClaimTemplates"][0]["spec"]["resources"]["requests"]["storage"] == "20Gi"
    kafka: Any = kube.get("kafka.strimzi.io/v1beta2", "Kafka", "seldon", "seldon-kafka")
    assert (kafka["spec"]["kafka"]["replicas"], kafka["spec"]["zookeeper"]["replicas"]) == (2, 1)
    assert kafka["spec"]["kafka"]["config"]["default.replication.factor"] == 2


def test_site_yml_with_consent_ends_well_and_needs_it_once(adopted: Adopted, cluster_by_hand: Cluster) -> None:
    assert recap(adopted.run)["failed"] == 0
    before = contents(cluster_by_hand.kube)
    again = cluster_by_hand.site("-e", f"@{adopted.file}")
    assert recap(again)["changed"] == 0
    assert changed(before, contents(cluster_by_hand.kube)) == set()


def test_nothing_is_there_twice_and_nothing_was_made_anew(adopted: Adopted, cluster_by_hand: Cluster) -> None:
    now = identities_of(cluster_by_hand.kube)
    assert adopted.identities.items() <= now.items()
    assert now.keys() - adopted.identities.keys() == set()
    assert releases(cluster_by_hand.kube) == {
        *((SYSTEM, "seldon-core-v2-crds"), (SYSTEM, "seldon-deploy")),
        *(("seldon", "seldon-core-v2-components"), ("seldon", "seldon-core-v2-servers")),
    }


def test_every_login_still_works(adopted: Adopted, cluster_by_hand: Cluster) -> None:
    kube = cluster_by_hand.kube
    password = decoded(kube.get("v1", "Secret", "elasticsearch-seldon-es-elastic-user", LOGS), "elastic")
    places = ((LOGS, "elastic-credentials"), (SYSTEM, "elastic-credentials"), (LOGGING, "seldon-elasticsearch"))
    for namespace, name in places:
        secret = kube.get("v1", "Secret", name, namespace)
        assert (decoded(secret, "username"), decoded(secret, "password")) == ("elastic", password)
    database = kube.get("v1", "Secret", "metadata", SYSTEM)
    secret = kube.get("v1", "Secret", "metadata-postgres", SYSTEM)
    for key, of_database in {
        "user": "database-user",
        "password": "database-password",
        "dbname": "database-name",
    }.items():
        assert decoded(secret, key) == decoded(database, of_database)
    token = decoded(kube.get("v1", "Secret", "jwt-seldon", SYSTEM), "jwt-seldon.txt")
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "metadata": {"name": ""}}
    answer = kube.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {**review, "spec": {"token": token}})
    assert answer["status"]["authenticated"]
    # Two logins of Git, for two programs: none was given, so each keeps its own.
    for place in (f"{ARGOCD}/seldon-gitops-repository", f"{SYSTEM}/git-creds"):
        namespace, _, name = place.partition("/")
        now: Any = kube.get("v1", "Secret", name, namespace)
        assert now["data"] == adopted.secrets[place], place


def test_the_persons_receiver_is_used_and_not_doubled(adopted: Adopted, cluster_by_hand: Cluster) -> None:
    now = yaml.safe_load(decoded(cluster_by_hand.kube.get(*ALERTMANAGER), "alertmanager.yaml"))
    before = yaml.safe_load(decoded({"data": adopted.secrets[f"{MONITORING}/alertmanager-main"]}, "alertmanager.yaml"))
    assert now["receivers"] == before["receivers"]
    assert [receiver["name"] for receiver in now["receivers"]].count("deploy-webhook") == 1
    ours = [route for route in now["route"]["routes"] if route["receiver"] == "deploy-webhook"]
    assert len(ours) == 1
    others = [[route for route in each["route"]["routes"] if route not in ours] for each in (now, before)]
    assert others[0] == [route for route in others[1] if route["receiver"] != "deploy-webhook"]
    assert WEBHOOK in str(now["receivers"])


def test_what_was_replaced_is_kept(adopted: Adopted, cluster_by_hand: Cluster) -> None:
    now = {_place(secret): secret.get("data") or {} for secret in cluster_by_hand.kube.list("v1", "Secret")}
    replaced = {
        place
        for place, data in adopted.secrets.items()
        if {key: now[place].get(key) for key in data} != data and "/sh.helm.release" not in place
    }
    assert replaced >= {f"{SYSTEM}/jwt-seldon", f"{LOGGING}/seldon-elasticsearch", f"{MONITORING}/alertmanager-main"}
    mine = {
        place for place in replaced if not place.endswith(("-generated", "-config")) and "kubernetes.io" not in place
    }
    for place in mine:
        assert now.get(f"{place}-before-seldon") == adopted.secrets[place], place
