"""Role elasticsearch: the guide's Elasticsearch with real nodes, who is let through to it, and who has its password."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.kube import Kube, Object
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import decoded, eventually, subscribe, until
from tests.plays import play_of

LOGS, SYSTEM = "seldon-logs", "seldon-system"
ELASTICSEARCH = ("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "elasticsearch-seldon", LOGS)
POLICY = ("networking.k8s.io/v1", "NetworkPolicy", "seldon-elasticsearch", LOGS)
USER = ("v1", "Secret", "elasticsearch-seldon-es-elastic-user", LOGS)
SUBSCRIPTION = ("operators.coreos.com/v1alpha1", "Subscription")
ELSEWHERE = "https://elasticsearch.example.com:9200"


def role(cluster: Cluster, *arguments: str, check: bool = True) -> dict[str, int]:
    return recap(cluster.site("--tags", "elasticsearch", *arguments, check=check))


def got(kube: Kube, *where: str) -> Object:
    found = kube.get(*where)
    assert found, f"there is no {where[1]} {where[2]}"
    return found


def logins(kube: Kube) -> set[tuple[str, str]]:
    """Return user and password of every copy."""
    copies = [kube.get("v1", "Secret", "elastic-credentials", namespace) for namespace in (LOGS, SYSTEM)]
    return {(decoded(copy, "username"), decoded(copy, "password")) for copy in copies}


def written(cluster: Cluster) -> dict[str, Any]:
    """Return what tells one state of the chapter's objects from another."""
    kube = cluster.kube
    objects = [*kube.list(*ELASTICSEARCH[:2]), *kube.list("v1", "Secret", LOGS), *kube.list("v1", "Secret", SYSTEM)]
    objects += [*kube.list(*SUBSCRIPTION), *kube.list(*POLICY[:2], LOGS)]
    return {obj["metadata"]["uid"]: (obj.get("spec"), obj.get("data")) for obj in objects}


def test_the_guide_s_elasticsearch_serves_with_nodes_of_its_own(finished_cluster: Cluster) -> None:
    """Node sets, no memory maps, and an object that the API server accepts. It serves."""
    kube = finished_cluster.kube
    found = got(kube, *ELASTICSEARCH)
    (nodes,) = found["spec"]["nodeSets"]
    assert (found["spec"]["version"], nodes["name"], nodes["count"]) == ("7.12.1", "default", 3)
    assert nodes["config"] == {"node.store.allow_mmap": False}
    (container,) = nodes["podTemplate"]["spec"]["containers"]
    assert container["resources"] == {"requests": {"cpu": "1", "memory": "4Gi"}, "limits": {"memory": "4Gi"}}
    (claim,) = nodes["volumeClaimTemplates"]
    assert claim["metadata"]["name"] == "elasticsearch-data"
    assert claim["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "50Gi"}}}
    state = found["status"]
    assert (state["phase"], state["health"], state["availableNodes"]) == ("Ready", "green", 3)
    assert state["observedGeneration"] == found["metadata"]["generation"]

    (operator,) = [each for each in kube.list(*SUBSCRIPTION) if "eck" in each["spec"]["name"]]
    assert operator["metadata"]["namespace"] == "seldon-operator-eck"
    assert operator["status"]["installedCSV"] == "elasticsearch-eck-operator-certified.v2.5.0"


def test_both_readers_have_the_operator_s_password(finished_cluster: Cluster) -> None:
    """Never an empty one."""
    kube = finished_cluster.kube
    assert logins(kube) == {("elastic", decoded(got(kube, *USER), "elastic"))}
    assert decoded(got(kube, *USER), "elastic")


def test_the_operator_is_let_through(finished_cluster: Cluster) -> None:
    """The policies of the mesh, and the guide's own, keep it out, so that Elasticsearch is never ready."""
    kube = finished_cluster.kube
    without = json.dumps({"elasticsearch_network_policy": False, "elasticsearch_timeout": 4})
    cut_off = finished_cluster.site("--tags", "elasticsearch", "-e", without, check=False)
    assert "has endpoints but Elasticsearch is unavailable" in cut_off.stdout + cut_off.stderr
    assert kube.get(*POLICY) is None
    assert role(finished_cluster)["changed"] == 1
    peers = got(kube, *POLICY)["spec"]["ingress"][0]["from"]
    names = [peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] for peer in peers]
    assert names == ["seldon-operator-eck", SYSTEM]


def test_a_password_that_the_operator_made_anew_is_copied_again(finished_cluster: Cluster) -> None:
    """Deleting the Secret gives another password, which nothing else tells."""
    kube = finished_cluster.kube
    before = logins(kube)
    kube.delete(got(kube, *USER))
    until(lambda: kube.get(*USER) and {("elastic", decoded(kube.get(*USER), "elastic"))} != before)
    assert role(finished_cluster)["changed"] == 1
    assert logins(kube) == {("elastic", decoded(got(kube, *USER), "elastic"))}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"elasticsearch_mode": "external"}, "-e seldon_elasticsearch_url=https://"),
        ({"seldon_elasticsearch_url": ELSEWHERE}, "set elasticsearch_mode=external"),
        (
            {"elasticsearch_mode": "external", "seldon_elasticsearch_url": ELSEWHERE},
            "elasticsearch_external has no password",
        ),
        (
            {"elasticsearch_version": "9.9.9"},
            "elasticsearch_version is 9.9.9, and elasticsearch-eck-operator-certified.v2.5.0",
        ),
        ({"elasticsearch_version": "7.11.2"}, "Downgrades are not supported"),
        ({"elasticsearch_overrides": {"nodeSets": [{"name": "default", "count": 0}]}}, "nodeSets has no node"),
        (
            {"elasticsearch_storage_size": "10Gi"},
            "the volume elasticsearch-data of nodeSet default would shrink from 50Gi to 10Gi, and volumes can't shrink",
        ),
    ],
)
def test_what_cannot_work_is_refused(finished_cluster: Cluster, values: Object, told: str) -> None:
    """An external one has no empty password either."""
    before = written(finished_cluster)
    result = finished_cluster.site("--tags", "elasticsearch", "-e", json.dumps(values), check=False)
    assert result.returncode != 0
    assert told in " ".join((result.stdout + result.stderr).split())
    assert written(finished_cluster) == before


def test_one_variable_changes_one_object(finished_cluster: Cluster) -> None:
    """Whatever the quantities look like, the operator's writing of them is no change of ours."""
    # The operator owns the block around it.
    service = {"http": {"service": {"spec": {"type": "NodePort"}}}}
    given = json.dumps({"elasticsearch_overrides": service})
    bigger = ("-e", "elasticsearch_memory=8192Mi", "-e", "elasticsearch_heap=3g", "-e", given)
    before = got(finished_cluster.kube, *ELASTICSEARCH)
    assert role(finished_cluster, *bigger)["changed"] == 1
    after = got(finished_cluster.kube, *ELASTICSEARCH)
    (container,) = after["spec"]["nodeSets"][0]["podTemplate"]["spec"]["containers"]
    assert container["env"] == [{"name": "ES_JAVA_OPTS", "value": "-Xms3g -Xmx3g"}]
    assert container["resources"]["limits"] == {"memory": "8Gi"}
    assert after["spec"]["http"]["service"]["spec"] == {"type": "NodePort"}
    kept = {key: before["spec"][key] for key in ("http", "nodeSets")}
    assert {**after["spec"], **kept} == before["spec"]
    assert role(finished_cluster, *bigger)["changed"] == 0


def test_an_override_that_is_taken_back_leaves_the_block_as_its_operator_wrote_it(finished_cluster: Cluster) -> None:
    assert role(finished_cluster)["changed"] == 1
    assert got(finished_cluster.kube, *ELASTICSEARCH)["spec"]["http"]["service"] == {"metadata": {}, "spec": {}}
    assert role(finished_cluster)["changed"] == 0


def removal(cluster: Cluster, folder: Path, *arguments: str) -> None:
    cluster.playbook(play_of(folder / "play.json", "elasticsearch", "remove"), *arguments)


def test_a_removal_keeps_the_data_unless_told_otherwise(finished_cluster: Cluster, tmp_path: Path) -> None:
    """The volumes go with the Elasticsearch."""
    kube = finished_cluster.kube
    uid = got(kube, *ELASTICSEARCH)["metadata"]["uid"]
    removal(finished_cluster, tmp_path)
    assert kube.get("v1", "Secret", "elastic-credentials", LOGS) is None
    assert kube.get("v1", "Secret", "elastic-credentials", SYSTEM) is None
    assert got(kube, *ELASTICSEARCH)["metadata"]["uid"] == uid
    assert got(kube, *POLICY)

    removal(finished_cluster, tmp_path, "-e", "elasticsearch_remove_data=true")

    def left() -> set[str]:
        kinds = (("v1", "Secret"), ("v1", "PersistentVolumeClaim"), ("apps/v1", "StatefulSet"), POLICY[:2])
        found = {obj["metadata"]["name"] for kind in kinds for obj in kube.list(*kind, LOGS)}
        operators = {obj["metadata"]["name"] for obj in kube.list(*SUBSCRIPTION)}
        return {name for name in found | operators if "elastic" in name}

    eventually(left, set())
    assert kube.get(*ELASTICSEARCH) is None


def test_an_operator_of_somebody_else_is_let_through_from_where_it_is(empty_cluster: Cluster) -> None:
    """The namespace is that of the operator which really serves; a second one is not installed."""
    kube = empty_cluster.kube
    subscribe(kube, "elasticsearch-eck-operator-certified", "certified-operators")
    role(empty_cluster)
    peers = got(kube, *POLICY)["spec"]["ingress"][0]["from"]
    assert peers[0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] == "openshift-operators"
    (only,) = [each for each in kube.list(*SUBSCRIPTION) if "eck" in each["spec"]["name"]]
    assert only["metadata"]["namespace"] == "openshift-operators"
    assert got(kube, *ELASTICSEARCH)["status"]["phase"] == "Ready"
