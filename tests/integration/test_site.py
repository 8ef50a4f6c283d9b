"""site.yml on a cluster: from empty to done, again, in parts, in check mode, and with what can not work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import GIT_REPOSITORY, Cluster, recap

MESH = "istio-system"
ELASTICSEARCH = "elasticsearch.k8s.elastic.co/v1"
MEMBERS = {"seldon", "seldon-gitops", "seldon-logs", "seldon-kafka", "seldon-system"}
# What the guide names, each where its role puts it.
CSVS = {
    "seldon-operator-jaeger": "jaeger-operator.v1.39.0-3",
    "seldon-operator-kiali": "kiali-operator.v1.57.3",
    "seldon-operator-mesh": "servicemeshoperator.v2.3.0",
    "openshift-serverless": "serverless-operator.v1.26.0",
    "seldon-operator-eck": "elasticsearch-eck-operator-certified.v2.5.0",
    "openshift-logging": "cluster-logging.5.5.5",
    "seldon-operator-gitops": "openshift-gitops-operator.v1.7.0",
    "seldon-operator-kafka": "amqstreams.v2.2.0-4",
    "seldon-operator-core": "seldon-operator.v1.15.0",
}
TAGS = sorted(path.name for path in (CHECKOUT / "roles").iterdir() if (path / "tasks/main.yml").exists())


def versions(cluster: Cluster) -> dict[str, str]:
    """Return the resourceVersion of everything that the playbook and nobody else writes."""
    found: dict[str, str] = {}
    for api_version, kind, namespace in (
        ("v1", "Namespace", None),
        ("operators.coreos.com/v1alpha1", "Subscription", None),
        ("networking.k8s.io/v1", "NetworkPolicy", None),
        ("monitoring.coreos.com/v1", "PrometheusRule", None),
        ("networking.istio.io/v1beta1", "Gateway", MESH),
        ("route.openshift.io/v1", "Route", MESH),
        ("kafka.strimzi.io/v1beta2", "Kafka", None),
        (ELASTICSEARCH, "Elasticsearch", None),
        ("apps/v1", "Deployment", "seldon-system"),
        ("apps/v1", "DaemonSet", None),
    ):
        for obj in cluster.kube.list(api_version, kind, namespace):
            meta = obj["metadata"]
            found[f"{kind} {meta.get('namespace')}/{meta['name']}"] = meta["uid"] + str(meta.get("generation"))
    return found


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return what came, went or was written."""
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_the_chapters_objects_are_there_as_the_guide_prints_them(finished_cluster: Cluster) -> None:
    kube = finished_cluster.kube
    labels = {obj["metadata"]["name"]: obj["metadata"] for obj in kube.list("v1", "Namespace")}
    assert labels["seldon"]["labels"]["seldon.restricted"] == "false"
    gitops = labels["seldon-gitops"]
    assert (
        gitops["labels"].items()
        >= {
            "seldon.restricted": "false",
            "seldon.gitops": "enabled",
            "argocd.argoproj.io/managed-by": "seldon-argocd",
        }.items()
    )
    assert gitops["annotations"]["git-repo"] == GIT_REPOSITORY
    assert {"seldon-logs", "seldon-system", "seldon-kafka", "seldon-argocd"} <= labels.keys()

    for namespace, name in CSVS.items():
        csv = kube.get("operators.coreos.com/v1alpha1", "ClusterServiceVersion", name, namespace)
        assert csv, name
        assert csv["status"]["phase"] == "Succeeded"

    plane = kube.get("maistra.io/v2", "ServiceMeshControlPlane", "basic", MESH)
    assert plane
    assert plane["spec"]["version"] == "v2.0"
    assert condition(plane, "Ready")["reason"] == "ComponentsReady"

    roll = kube.get("maistra.io/v1", "ServiceMeshMemberRoll", "default", MESH)
    assert roll
    assert set(roll["spec"]["members"]) == MEMBERS
    assert set(roll["status"]["configuredMembers"]) == MEMBERS

    gateway = kube.get("networking.istio.io/v1beta1", "Gateway", "seldon-gateway", MESH)
    assert gateway
    assert gateway["spec"] == {
        "selector": {"istio": "ingressgateway"},
        "servers": [{"hosts": ["*"], "port": {"name": "http", "number": 80, "protocol": "HTTP"}}],
    }

    route = kube.get("route.openshift.io/v1", "Route", "seldon-route", MESH)
    assert route
    domain = kube.get("config.openshift.io/v1", "Ingress", "cluster")
    assert domain
    assert route["spec"] | {"wildcardPolicy": "None"} == {
        "host": f"seldon.{domain['spec']['domain']}",
        "port": {"targetPort": "http2"},
        "tls": {"insecureEdgeTerminationPolicy": "Redirect", "termination": "edge"},
        "to": {"kind": "Service", "name": "istio-ingressgateway", "weight": 100},
        "wildcardPolicy": "None",
    }


def condition(obj: Object, type_: str) -> Object:
    return next(entry for entry in obj["status"]["conditions"] if entry["type"] == type_)


@pytest.mark.parametrize("arguments", [[], ["--check", "--diff"], *(["--tags", tag] for tag in TAGS)])
def test_a_finished_cluster_is_left_as_it_is(finished_cluster: Cluster, arguments: list[str]) -> None:
    before = versions(finished_cluster)
    counts = recap(finished_cluster.site(*arguments))
    assert counts["changed"] == 0
    assert counts["ok"] > 0
    assert versions(finished_cluster) == before


def test_what_others_have_done_stays(finished_cluster: Cluster) -> None:
    kube = finished_cluster.kube
    roll = kube.get("maistra.io/v1", "ServiceMeshMemberRoll", "default", MESH)
    seldon = kube.get("v1", "Namespace", "seldon")
    assert roll
    assert seldon
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "theirs"}})
    kube.patch(roll, {"spec": {"members": ["theirs", *roll["spec"]["members"]]}})
    kube.patch(seldon, {"metadata": {"labels": {"team": "theirs"}, "annotations": {"note": "theirs"}}})
    assert recap(finished_cluster.site())["changed"] == 0
    roll = kube.get("maistra.io/v1", "ServiceMeshMemberRoll", "default", MESH)
    seldon = kube.get("v1", "Namespace", "seldon")
    assert roll
    assert seldon
    assert set(roll["spec"]["members"]) == MEMBERS | {"theirs"}
    assert seldon["metadata"]["labels"]["team"] == "theirs"
    assert seldon["metadata"]["annotations"]["note"] == "theirs"


def test_a_variable_changes_what_it_names_and_nothing_else(finished_cluster: Cluster) -> None:
    before = versions(finished_cluster)
    sizes = {"kafka_replicas": 5, "elasticsearch_node_count": 5}
    assert recap(finished_cluster.site("-e", json.dumps(sizes)))["changed"] == len(sizes)
    kafka = finished_cluster.kube.get("kafka.strimzi.io/v1beta2", "Kafka", "seldon", "seldon-kafka")
    elastic = finished_cluster.kube.get(ELASTICSEARCH, "Elasticsearch", "elasticsearch-seldon", "seldon-logs")
    assert kafka
    assert elastic
    assert kafka["spec"]["kafka"]["replicas"] == 5
    assert elastic["spec"]["nodeSets"][0]["count"] == 5
    assert changed(before, versions(finished_cluster)) == {
        "Kafka seldon-kafka/seldon",
        "Elasticsearch seldon-logs/elasticsearch-seldon",
    }


def test_one_more_namespace_leaves_the_others_as_they_are(finished_cluster: Cluster) -> None:
    before = versions(finished_cluster)
    sizes = {"kafka_replicas": 5, "elasticsearch_node_count": 5}
    names = [{"name": "seldon", "v2": True}, {"name": "seldon-gitops", "gitops": True}, {"name": "one-more"}]
    finished_cluster.site("-e", json.dumps({**sizes, "seldon_model_namespaces": names}))
    others = {name for name in changed(before, versions(finished_cluster)) if "one-more" not in name}
    # What every namespace joins is shared with them; the mesh then gives each member its own policies.
    assert others == set()
    roll = finished_cluster.kube.get("maistra.io/v1", "ServiceMeshMemberRoll", "default", MESH)
    assert roll
    assert set(roll["status"]["configuredMembers"]) == MEMBERS | {"theirs", "one-more"}


def test_check_mode_on_an_empty_cluster_says_what_would_be_and_writes_nothing(empty_cluster: Cluster) -> None:
    before = versions(empty_cluster)

    def check() -> None:
        result = empty_cluster.site("--check", "--diff")
        assert recap(result)["changed"] > 0
        for wanted in ("seldon.gitops: enabled", "ServiceMeshControlPlane", "seldon-gateway", "host: seldon.apps."):
            assert wanted in result.stdout

    kept = [
        event["requestURI"]
        for event in empty_cluster.requests(check)
        if event["verb"] in ("create", "update", "patch", "delete")
        and "dryRun" not in event["requestURI"]
        and "selfsubject" not in event["requestURI"]
    ]
    assert kept == []
    assert versions(empty_cluster) == before


@pytest.mark.parametrize(
    ("values", "told"),
    [
        (
            '{"seldon_model_namespaces": [{"name": "Bad_Name"}, {"name": "seldon-logs"}]}',
            ["'Bad_Name'", "'seldon-logs'"],
        ),
        ('{"seldon_git_repository": ""}', ["seldon-gitops needs it", "-e seldon_git_repository=https://"]),
    ],
)
def test_bad_input_is_refused_before_the_first_write(empty_cluster: Cluster, values: str, told: list[str]) -> None:
    before = versions(empty_cluster)
    result = empty_cluster.site("-e", values, check=False)
    assert result.returncode != 0
    for words in told:
        assert words in result.stdout + result.stderr
    assert versions(empty_cluster) == before


def test_one_tag_alone_works_on_an_empty_cluster(empty_cluster: Cluster) -> None:
    assert recap(empty_cluster.site("--tags", "service_mesh"))["failed"] == 0
    roll = empty_cluster.kube.get("maistra.io/v1", "ServiceMeshMemberRoll", "default", MESH)
    assert roll
    assert set(roll["status"]["configuredMembers"]) == MEMBERS
    assert recap(empty_cluster.site("--tags", "service_mesh"))["changed"] == 0


def errors_of_a_run(environment: dict[str, str]) -> list[str]:
    """Return the lines in which a failing run of site.yml tells why."""
    result = subprocess.run(
        ["ansible-playbook", "playbooks/site.yml", "-e", f"seldon_git_repository={GIT_REPOSITORY}"],
        env=environment,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode != 0
    text = result.stdout + result.stderr
    assert "Traceback" not in text
    return [line for line in text.splitlines() if line.startswith("[ERROR]")]


def test_no_cluster_is_one_clear_line(empty_cluster: Cluster) -> None:
    elsewhere = {"KUBECONFIG": os.devnull, "K8S_AUTH_HOST": "https://127.0.0.1:1", "K8S_AUTH_API_KEY": "x"}
    (line,) = errors_of_a_run(empty_cluster.environment() | elsewhere)
    assert "https://127.0.0.1:1 can't be reached" in line
    assert "Connection refused" in line


def test_a_wrong_token_is_one_clear_line(empty_cluster: Cluster) -> None:
    host = json.loads(empty_cluster.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    wrong = {
        "KUBECONFIG": os.devnull,
        "K8S_AUTH_HOST": host,
        "K8S_AUTH_API_KEY": "not-a-token",
        "K8S_AUTH_VERIFY_SSL": "false",
    }
    (line,) = errors_of_a_run(empty_cluster.environment() | wrong)
    assert f"{host} does not accept these credentials (401" in line
    assert "not-a-token" not in line


def test_a_missing_helm_is_one_clear_line(empty_cluster: Cluster, tmp_path: Path) -> None:
    environment = empty_cluster.environment()
    # Only what the run itself needs: a helm elsewhere on PATH would hide that ours is missing.
    (tmp_path / "ansible-playbook").symlink_to(Path(sys.executable).with_name("ansible-playbook"))
    (line,) = errors_of_a_run(environment | {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert "in the way (helm)" in line
