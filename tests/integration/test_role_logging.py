"""Role logging: logs of Seldon's pods reach Elasticsearch, and what others forward stays as it is."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from sandbox.kube import Kube, Object
from tests.integration.cluster import Cluster, recap
from tests.integration.helpers import decoded, until
from tests.plays import play_of

LOGS, LOGGING = "seldon-logs", "openshift-logging"
FORWARDER = ("logging.openshift.io/v1", "ClusterLogForwarder", "instance", LOGGING)
COLLECTING = ("logging.openshift.io/v1", "ClusterLogging", "instance", LOGGING)
COLLECTOR = ("apps/v1", "DaemonSet", "collector", LOGGING)
SECRET = ("v1", "Secret", "seldon-elasticsearch", LOGGING)
POLICY = ("networking.k8s.io/v1", "NetworkPolicy", "seldon-container-logs", LOGS)
SUBSCRIPTION = ("operators.coreos.com/v1alpha1", "Subscription")
GUIDE = {
    "inputs": [
        {
            "name": "seldon-pods",
            "application": {"selector": {"matchLabels": {"app.kubernetes.io/managed-by": "seldon-core"}}},
        }
    ],
    "outputs": [
        {
            "name": "seldon-elasticsearch",
            "secret": {"name": "seldon-elasticsearch"},
            "type": "elasticsearch",
            "url": "https://elasticsearch-seldon-es-http.seldon-logs:9200",
        }
    ],
    "pipelines": [
        {"name": "seldon-container-logs", "inputRefs": ["seldon-pods"], "outputRefs": ["seldon-elasticsearch"]}
    ],
}
THEIRS = {
    "outputs": [{"name": "archive", "type": "syslog", "url": "tls://archive.example.com:6514"}],
    "pipelines": [{"name": "audit", "inputRefs": ["audit"], "outputRefs": ["archive"]}],
}
PASSWORD = "p4ss of an external one"


def role(cluster: Cluster, *arguments: str) -> dict[str, int]:
    return recap(cluster.site("--tags", "logging", *arguments))


def got(kube: Kube, *where: str) -> Object:
    found = kube.get(*where)
    assert found, f"there is no {where[1]} {where[2]}"
    return found


def restarts(kube: Kube) -> Any:
    annotations = got(kube, *COLLECTOR)["spec"]["template"]["metadata"].get("annotations") or {}
    return annotations.get("kubectl.kubernetes.io/restartedAt")


def settled(kube: Kube) -> None:
    """Wait until nobody replaces the collectors any more: their operator does it some time after a change."""
    seen: list[int] = []

    def same() -> bool:
        seen.append(got(kube, *COLLECTOR)["metadata"]["generation"])
        time.sleep(1)
        return len(seen) > 15 and len(set(seen[-15:])) == 1

    until(same, 120)


def test_logs_are_forwarded_as_the_guide_says(finished_cluster: Cluster) -> None:
    kube = finished_cluster.kube
    forwarder = got(kube, *FORWARDER)
    assert forwarder["spec"] == GUIDE
    ready = {
        name: entry[0]["status"]
        for part in ("outputs", "pipelines")
        for name, entry in forwarder["status"][part].items()
    }
    assert ready == {"seldon-elasticsearch": "True", "seldon-container-logs": "True"}
    assert got(kube, *COLLECTING)["spec"] == {"managementState": "Managed", "collection": {"logs": {"type": "fluentd"}}}
    assert got(kube, *POLICY)["spec"]["ingress"] == [
        {"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": LOGGING}}}]}
    ]
    pods = got(kube, *COLLECTOR)["status"]
    assert pods["numberReady"] == pods["desiredNumberScheduled"] > 0


def test_the_operator_follows_its_channel_in_its_own_namespace(finished_cluster: Cluster) -> None:
    kube = finished_cluster.kube
    assert got(kube, "v1", "Namespace", LOGGING)["metadata"]["labels"]["openshift.io/cluster-monitoring"] == "true"
    (group,) = kube.list("operators.coreos.com/v1", "OperatorGroup", LOGGING)
    assert group["spec"]["targetNamespaces"] == [LOGGING]
    (subscription,) = kube.list(*SUBSCRIPTION, LOGGING)
    asked = {key: subscription["spec"].get(key) for key in ("channel", "startingCSV", "installPlanApproval")}
    assert asked == {"channel": "stable-5.5", "startingCSV": None, "installPlanApproval": "Automatic"}


def test_collectors_trust_the_authority_and_not_a_leaf(finished_cluster: Cluster) -> None:
    """The key tls.crt holds the leaf, too. The password is the operator's."""
    kube = finished_cluster.kube
    secret = got(kube, *SECRET)
    certificates = got(kube, "v1", "Secret", "elasticsearch-seldon-es-http-certs-public", LOGS)
    user = got(kube, "v1", "Secret", "elasticsearch-seldon-es-elastic-user", LOGS)
    assert {key: decoded(secret, key) for key in secret["data"]} == {
        "username": "elastic",
        "password": decoded(user, "elastic"),
        "ca-bundle.crt": decoded(certificates, "ca.crt"),
    }


def test_what_others_forward_stays_and_more_namespaces_come_and_go(finished_cluster: Cluster) -> None:
    """One forwarder for all. Pods without the label of Seldon Core v1. Collectors are replaced when the run ends."""
    kube = finished_cluster.kube
    merged = {part: [*THEIRS.get(part, []), *GUIDE[part]] for part in GUIDE}
    kube.patch(got(kube, *FORWARDER), {"spec": merged})
    assert role(finished_cluster)["changed"] == 0

    before = got(kube, *COLLECTOR)["metadata"]["generation"]
    assert role(finished_cluster, "-e", json.dumps({"logging_namespaces": ["seldon"]}))["changed"] == 1
    collector = got(kube, *COLLECTOR)
    assert collector["metadata"]["generation"] > before
    assert collector["status"]["updatedNumberScheduled"] == collector["status"]["desiredNumberScheduled"]
    spec = got(kube, *FORWARDER)["spec"]
    assert spec["inputs"][1] == {"name": "seldon-namespaces", "application": {"namespaces": ["seldon"]}}
    assert spec["pipelines"][1]["inputRefs"] == ["seldon-pods", "seldon-namespaces"]
    assert spec["pipelines"][0] == THEIRS["pipelines"][0]

    role(finished_cluster)
    assert got(kube, *FORWARDER)["spec"] == merged


def test_a_renewed_password_restarts_the_collectors_once(finished_cluster: Cluster) -> None:
    """Their operator restarts them for no password."""
    kube = finished_cluster.kube
    settled(kube)
    before = got(kube, *SECRET)["data"]["password"]
    user = got(kube, "v1", "Secret", "elasticsearch-seldon-es-elastic-user", LOGS)
    kube.delete(user)
    until(lambda: kube.get("v1", "Secret", user["metadata"]["name"], LOGS))
    assert restarts(kube) is None
    assert role(finished_cluster)["changed"] == 1
    assert got(kube, *SECRET)["data"]["password"] != before
    assert restarts(kube)
    assert role(finished_cluster)["changed"] == 0


def test_a_cluster_s_own_log_store_keeps_its_logs_and_the_way_back_leaves_it(
    finished_cluster: Cluster, tmp_path: Path
) -> None:
    """ClusterLogging is shared, and a new forwarder would cut the store off."""
    kube = finished_cluster.kube
    for where in (FORWARDER, COLLECTING):
        kube.delete(got(kube, *where))
    store = {"collection": {"type": "vector"}, "logStore": {"type": "elasticsearch"}, "managementState": "Managed"}
    metadata = {"name": "instance", "namespace": LOGGING}
    kube.create({"apiVersion": COLLECTING[0], "kind": COLLECTING[1], "metadata": metadata, "spec": store})
    role(finished_cluster)
    assert got(kube, *COLLECTING)["spec"] == store
    kept = {"name": "cluster-log-store", "inputRefs": ["application", "infrastructure"], "outputRefs": ["default"]}
    assert got(kube, *FORWARDER)["spec"] == {**GUIDE, "pipelines": [kept, *GUIDE["pipelines"]]}

    play = play_of(tmp_path / "play.json", "logging", "remove")
    finished_cluster.playbook(play)
    assert [kube.get(*where) for where in (FORWARDER, SECRET, POLICY)] == [None, None, None]
    assert got(kube, *COLLECTING)["spec"] == store
    assert kube.list(*SUBSCRIPTION, LOGGING)

    kube.delete(got(kube, *COLLECTING))
    role(finished_cluster)
    finished_cluster.playbook(play)
    assert kube.get(*COLLECTING) is None
    assert kube.list(*SUBSCRIPTION, LOGGING) == []


def test_nothing_is_touched_where_logs_are_not_wanted(empty_cluster: Cluster) -> None:
    role(empty_cluster, "-e", "logging_mode=none")
    assert empty_cluster.kube.get("v1", "Namespace", LOGGING) is None


@pytest.mark.parametrize("authority", ["", "-----BEGIN CERTIFICATE-----"])
def test_an_external_elasticsearch_gets_the_logs(empty_cluster: Cluster, authority: str) -> None:
    """Only credentials and the address are wired; none of them is shown."""
    login = {"username": "seldon", "password": PASSWORD} | ({"ca": authority} if authority else {})
    values = {
        "elasticsearch_mode": "external",
        "elasticsearch_external": login,
        "seldon_elasticsearch_url": "https://elasticsearch.example.com:9200",
    }
    options = ("--tags", "elasticsearch,logging", "-e", json.dumps(values))
    result = empty_cluster.site(*options, "--diff", "-vvv")
    kube = empty_cluster.kube
    wanted = {"username": "seldon", "password": PASSWORD}
    for namespace in (LOGS, "seldon-system"):
        found = got(kube, "v1", "Secret", "elastic-credentials", namespace)
        assert {key: decoded(found, key) for key in found["data"]} == wanted
    found = got(kube, *SECRET)
    assert {key: decoded(found, key) for key in found["data"]} == wanted | (
        {"ca-bundle.crt": authority} if authority else {}
    )
    (output,) = got(kube, *FORWARDER)["spec"]["outputs"]
    assert output["url"] == "https://elasticsearch.example.com:9200"
    assert [each["spec"]["name"] for each in kube.list(*SUBSCRIPTION)] == ["cluster-logging"]
    assert kube.get(*POLICY) is None
    # Ansible itself prints the command line of the test, which no user would give secrets on.
    tasks = "\n".join(line for line in result.stdout.splitlines() if "extra_vars" not in line)
    assert PASSWORD not in tasks
    if authority:
        # The simulated operator is quick: a collector of the second in which the Secret changed may have read either
        # value, and is restarted once more.
        empty_cluster.site(*options)
    assert recap(empty_cluster.site(*options))["changed"] == 0
