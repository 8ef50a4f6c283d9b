"""site.yml on a cluster on which it, and a second one beside it, ran to their ends: again, in parts, in check mode."""

from __future__ import annotations

import json
import subprocess
import tarfile
from pathlib import Path

import pytest
import yaml

from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import GIT_REPOSITORY, Cluster, recap
from tests.integration.contents import changed, contents

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
# What variables would make, and are not given for.
NOT_GIVEN = ("secrets/seldon-route-certificate", "secrets/seldon-kafka-", "/kafkausers/")
PLAYBOOK = yaml.safe_load((CHECKOUT / "playbooks/site.yml").read_text())[0]["tasks"]
# The roles of the playbook that have a tag, which is their name.
CHAPTERS = sorted(
    ({task["tags"] for task in PLAYBOOK if isinstance(task.get("tags"), str)} | {"namespaces"}) - {"always"}
)


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


def test_two_site_yml_at_once_asked_for_everything_once(finished_cluster: Cluster) -> None:
    """The two that made this cluster both arrived (see conftest.py); that a third changes nothing is the next test."""
    found = [
        (obj["metadata"]["namespace"], obj["spec"]["name"])
        for obj in finished_cluster.kube.list("operators.coreos.com/v1alpha1", "Subscription")
    ]
    assert len(found) == len(set(found)) == len(CSVS)
    groups = finished_cluster.kube.list("operators.coreos.com/v1", "OperatorGroup")
    homes = [group["metadata"]["namespace"] for group in groups]
    assert len(homes) == len(set(homes))
    assert set(homes) >= CSVS.keys()


def condition(obj: Object, type_: str) -> Object:
    return next(entry for entry in obj["status"]["conditions"] if entry["type"] == type_)


@pytest.mark.parametrize(
    ("arguments", "roles"),
    [
        pytest.param([], [*CHAPTERS, "preflight", "validate"], id="all"),
        pytest.param(["--check", "--diff"], [*CHAPTERS, "preflight"], id="check"),
        pytest.param(["--tags", "preflight"], CHAPTERS, id="preflight"),
        *(pytest.param(["--tags", chapter], [chapter, "preflight"], id=chapter) for chapter in CHAPTERS),
    ],
)
def test_a_finished_cluster_is_left_as_it_is(finished_cluster: Cluster, arguments: list[str], roles: list[str]) -> None:
    before = contents(finished_cluster.kube)
    results: list[subprocess.CompletedProcess[str]] = []
    events = finished_cluster.requests(lambda: results.append(finished_cluster.site(*arguments)))
    assert recap(results[0])["changed"] == 0
    asked = [event["requestURI"] for event in events if event.get("userAgent") == "seldon.openshift"]
    assert [uri for uri in asked if any(name in uri for name in NOT_GIVEN)] == []
    log = (finished_cluster.sandbox.state / "report" / "site.log").read_text()
    assert [role for role in roles if f"] seldon.openshift.{role} : " not in log] == []
    assert changed(before, contents(finished_cluster.kube)) == set()


def test_who_only_looks_sees_all_of_a_finished_cluster_and_changes_nothing(
    finished_cluster: Cluster, tmp_path: Path
) -> None:
    before, archive = contents(finished_cluster.kube), tmp_path / "doctor.tar.gz"
    values = [*finished_cluster.values(), "-e", json.dumps({"validate_report_dir": str(tmp_path)})]
    validated = finished_cluster.playbook("playbooks/validate.yml", *values)
    collected = finished_cluster.playbook("playbooks/doctor.yml", *values, "-e", f"doctor_path={archive}")
    assert (recap(validated)["changed"], recap(collected)["changed"]) == (0, 0)
    rows = json.loads((tmp_path / "report.json").read_text())["checks"]
    assert {row["chapter"] for row in rows} == set(CHAPTERS)
    with tarfile.open(archive) as held:
        assert any("/logs/seldon-logs/elasticsearch-seldon-es-default-0/" in name for name in held.getnames())
    assert changed(before, contents(finished_cluster.kube)) == set()


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
    before = contents(finished_cluster.kube)
    sizes = {"kafka_replicas": 5, "elasticsearch_node_count": 5}
    assert recap(finished_cluster.site("-e", json.dumps(sizes)))["changed"] == len(sizes)
    kafka = finished_cluster.kube.get("kafka.strimzi.io/v1beta2", "Kafka", "seldon", "seldon-kafka")
    elastic = finished_cluster.kube.get(ELASTICSEARCH, "Elasticsearch", "elasticsearch-seldon", "seldon-logs")
    assert kafka
    assert elastic
    assert kafka["spec"]["kafka"]["replicas"] == 5
    assert elastic["spec"]["nodeSets"][0]["count"] == 5
    assert changed(before, contents(finished_cluster.kube)) == {
        "Kafka seldon-kafka/seldon",
        "Elasticsearch seldon-logs/elasticsearch-seldon",
    }


def test_one_more_namespace_leaves_the_others_as_they_are(finished_cluster: Cluster) -> None:
    before = contents(finished_cluster.kube)
    sizes = {"kafka_replicas": 5, "elasticsearch_node_count": 5}
    names = [{"name": "seldon", "v2": True}, {"name": "seldon-gitops", "gitops": True}, {"name": "one-more"}]
    finished_cluster.site("-e", json.dumps({**sizes, "seldon_model_namespaces": names}))
    others = {name for name in changed(before, contents(finished_cluster.kube)) if "one-more" not in name}
    # What every namespace joins is shared with them; the mesh then gives each member its own policies.
    assert others == {f"ServiceMeshMemberRoll {MESH}/default"}
    roll = finished_cluster.kube.get("maistra.io/v1", "ServiceMeshMemberRoll", "default", MESH)
    assert roll
    assert set(roll["status"]["configuredMembers"]) == MEMBERS | {"theirs", "one-more"}
