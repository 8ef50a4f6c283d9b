"""seldon_cluster_info on a fresh OpenShift 4.11."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_cluster_info

from sandbox.paths import CHECKOUT
from tests.integration.cluster import SHIPPED, Cluster
from tests.integration.engine import run

RIGHTS = [
    {"verb": "create", "resource": "namespaces"},
    {
        "verb": "create",
        "group": "operators.coreos.com",
        "resource": "subscriptions",
        "namespace": "openshift-operators",
    },
]


def test_a_fresh_cluster_is_described(empty_cluster: Cluster) -> None:
    found = run(seldon_cluster_info, empty_cluster)
    kube = empty_cluster.kube
    cluster_version = kube.request("GET", "/apis/config.openshift.io/v1/clusterversions/version")
    ingress = kube.request("GET", "/apis/config.openshift.io/v1/ingresses/cluster")
    assert found["version"] == cluster_version["status"]["desired"]["version"]
    assert found["version"].startswith("4.11.")
    assert found["upgrading"] is False
    assert found["domain"] == found["ingress_domain"] == ingress["spec"]["domain"]
    assert found["default_storage_class"]
    assert found["kinds"]["operators.coreos.com/v1alpha1/Subscription"] is True
    assert found["kinds"]["maistra.io/v2/ServiceMeshControlPlane"] is False
    assert found["changed"] is False


def test_what_we_may_not_do_is_told(empty_cluster: Cluster) -> None:
    who = {"impersonate_user": "nobody-special", "impersonate_groups": ["system:authenticated"]}
    kinds = [{"api_version": "v1", "kind": "Namespace"}, {"api_version": "v1", "kind": "Nonsense"}]
    as_admin = run(seldon_cluster_info, empty_cluster, rights=RIGHTS, kinds=kinds)
    assert as_admin["kinds"] == {"v1/Namespace": True, "v1/Nonsense": False}
    assert [right["allowed"] for right in as_admin["rights"]] == [True, True]
    refused = run(seldon_cluster_info, empty_cluster, **who)
    assert refused["failed"]
    assert "you may not get clusterversions.config.openshift.io" in refused["msg"]


def test_objects_are_named(empty_cluster: Cluster) -> None:
    metadata = {"name": "settings", "namespace": "default", "labels": {"a": "b"}}
    metadata["annotations"] = {"meta.helm.sh/release-name": "web", "note": "s3cret"}
    empty_cluster.kube.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"x": "s3cret"}})
    collections = {
        "settings": {
            "api_version": "v1",
            "kind": "ConfigMap",
            "namespace": "default",
            "name": "settings",
            "details": True,
        },
        "accounts": {"api_version": "v1", "kind": "ServiceAccount", "namespace": "default"},
        "namespaces": {"api_version": "v1", "kind": "Namespace", "labels": "kubernetes.io/metadata.name=default"},
        "brokers": {"api_version": "eventing.knative.dev/v1", "kind": "Broker"},
    }
    found = run(seldon_cluster_info, empty_cluster, objects=collections)["objects"]
    # Never content: an annotation may hold it, too.
    assert found["settings"] == [
        {
            "namespace": "default",
            "name": "settings",
            "api_version": "v1",
            "kind": "ConfigMap",
            "labels": {"a": "b"},
            "owner": "",
            "release": "web",
        }
    ]
    assert {"namespace": "default", "name": "default"} in found["accounts"]
    assert {each["namespace"] for each in found["accounts"]} == {"default"}
    assert found["namespaces"] == [{"namespace": None, "name": "default"}]
    assert found["brokers"] == []


POD = {"api_version": "v1", "kind": "Pod"}
MESH = {"api_version": "maistra.io/v2", "kind": "ServiceMeshControlPlane"}
COSTS: dict[str, tuple[dict[str, Any], int]] = {
    "one fact": ({"gather": ["domain"]}, 1),
    "two facts": ({"gather": ["domain", "version"]}, 2),
    "a collection": ({"objects": {"pods": POD}}, 1),
    "a kind": ({"kinds": [MESH]}, 1),
    "rights": ({"rights": RIGHTS}, 2),
    "wrong input": ({"objects": [POD]}, 0),
}


@pytest.mark.parametrize(("asked", "cost"), COSTS.values(), ids=COSTS)
def test_it_sends_what_is_asked_for_and_changes_nothing(
    empty_cluster: Cluster, asked: dict[str, Any], cost: int
) -> None:
    events = empty_cluster.requests(lambda: run(seldon_cluster_info, empty_cluster, check=True, **asked))
    ours = [event for event in events if event["userAgent"] == "seldon.openshift"]
    assert len(ours) == cost
    assert {event["verb"] for event in ours} <= {"get", "list", "create"}
    created = {event["objectRef"]["resource"] for event in ours if event["verb"] == "create"}
    assert created <= {"selfsubjectaccessreviews"}


def test_a_task_with_the_list_of_old_is_told_the_new_form(empty_cluster: Cluster) -> None:
    for options in ((), SHIPPED):
        refused = empty_cluster.task("seldon.openshift.seldon_cluster_info", {"objects": [POD]}, *options)
        assert refused["failed"]
        assert "objects: {brokers: {api_version: eventing.knative.dev/v1, kind: Broker}}" in refused["msg"]


def test_the_query_of_the_results_page_answers(empty_cluster: Cluster, tmp_path: Path) -> None:
    page = (CHECKOUT / "docs/results.md").read_text()
    play = tmp_path / "play.yml"
    play.write_text("".join(re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)))
    said = empty_cluster.playbook(str(play)).stdout
    (shown,) = re.findall(r"^Show what is wrong, and what to type\n((?:  .*\n)+)", said, re.MULTILINE)
    assert re.findall(r"\bsubject: (.*)", shown) == ["namespace seldon-elsewhere"]
    assert re.findall(r"\bnext: (ansible-playbook) ", shown) == ["ansible-playbook"]
