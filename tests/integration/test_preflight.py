"""Preflight on a cluster: all that is in the way in one message, and nothing written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_cluster_info, seldon_preflight

from sandbox.kube import ApiError, Object
from tests.integration.cluster import Cluster
from tests.integration.engine import run

WRITES = ("create", "update", "patch", "delete")
DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
STORAGE_CLASS = ("storage.k8s.io/v1", "StorageClass")
BETA_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class"
RIGHTS = [
    {"verbs": ["get", "create"], "resource": "namespaces"},
    {
        "verbs": ["create"],
        "resource": "subscriptions",
        "group": "operators.coreos.com",
        "namespace": "seldon-operators",
    },
]
SOMEBODY = {"impersonate_user": "somebody", "impersonate_groups": ["system:authenticated"]}


@pytest.fixture(autouse=True)
def _helm(empty_cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", empty_cluster.environment()["PATH"])


def look(cluster: Cluster, **given: Any) -> Object:
    return run(seldon_preflight, cluster, **{"catalogs": ["redhat-operators"], "rights": RIGHTS, **given})


def test_a_fresh_cluster_is_fit_and_costs_few_requests(empty_cluster: Cluster) -> None:
    found: list[Object] = []
    events = empty_cluster.requests(lambda: found.append(look(empty_cluster)))
    assert "failed" not in found[0], found
    assert found[0]["version"].startswith("4.11.")
    ours = [event for event in events if event["userAgent"] == "seldon.openshift"]
    assert len(ours) < 12
    assert {event["objectRef"]["resource"] for event in ours if event["verb"] == "create"} == {
        "selfsubjectaccessreviews"
    }


def test_a_missing_catalogue_is_told_with_who_offers_its_packages(empty_cluster: Cluster) -> None:
    operators = [{"name": name, "source": "mirrored"} for name in ("kiali-ossm", "amq-streams")]
    given = {"operators": operators, "catalog_variables": {"mirrored": "seldon_catalog_redhat"}}
    result = look(empty_cluster, catalogs=["mirrored"], **given)
    assert "CatalogSource mirrored does not exist in openshift-marketplace" in result["msg"]
    assert "kiali-ossm is offered by redhat-operators" in result["msg"]
    assert "-e seldon_catalog_redhat=redhat-operators" in result["msg"]


def test_somebody_without_rights_is_told_the_verbs(empty_cluster: Cluster) -> None:
    result = look(empty_cluster, **SOMEBODY)
    assert result["failed"]
    assert (
        "you may not get, create namespaces; create subscriptions.operators.coreos.com in seldon-operators"
        in result["msg"]
    )


def test_all_that_is_in_the_way_is_one_message_and_can_be_ignored(empty_cluster: Cluster) -> None:
    kube = empty_cluster.kube
    (default,) = [each for each in kube.list(*STORAGE_CLASS) if DEFAULT_CLASS in str(each["metadata"])]
    labels = {"argocd.argoproj.io/managed-by": "openshift-gitops"}
    kube.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "models", "labels": labels}})
    kube.patch(default, {"metadata": {"annotations": {DEFAULT_CLASS: "false"}}})
    try:
        given: Object = {"catalogs": ["mirrored"], "managed_namespaces": ["models"], "newest_version": "4.10"}
        result = look(empty_cluster, **given)
        assert [each["check"] for each in result["problems"]] == ["version", "catalogs", "storage", "argocd"]
        assert "Nothing was written" in result["msg"]
        for words in (
            "-e preflight_newest_version=4.11",
            "oc get catalogsource -A",
            f"oc annotate storageclass {default['metadata']['name']}",
            "oc label namespace models argocd.argoproj.io/managed-by-",
            "{preflight_ignore: [version, catalogs, storage, argocd]}",
        ):
            assert words in result["msg"]
        passed = look(empty_cluster, **given, ignore=["version", "catalogs", "storage", "argocd"])
        assert "failed" not in passed
        assert len(passed["warnings"]) == 4
    finally:
        kube.patch(default, {"metadata": {"annotations": {DEFAULT_CLASS: "true"}}})
        kube.delete({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "models"}})


def test_several_default_classes_are_judged_as_the_api_server_judges_them(empty_cluster: Cluster) -> None:
    kube = empty_cluster.kube
    (first,) = [each for each in kube.list(*STORAGE_CLASS) if DEFAULT_CLASS in str(each["metadata"])]
    metadata = {"name": "second", "annotations": {BETA_DEFAULT_CLASS: "true"}}
    second = {"apiVersion": STORAGE_CLASS[0], "kind": STORAGE_CLASS[1], "provisioner": "x/y", "metadata": metadata}
    claim: Object = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": "c", "namespace": "default"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    kube.create(second)
    try:
        with pytest.raises(ApiError, match="2 default StorageClasses were found"):
            kube.create(claim)
        result = look(empty_cluster)
        (problem,) = result["problems"]
        assert (problem["check"], problem["stops"]) == ("storage", True)
        assert "and Kubernetes 1.24 then refuses every claim that names none" in problem["seen"]
        assert (
            run(seldon_cluster_info, empty_cluster, gather=["default_storage_class"])["default_storage_class"] is None
        )
        # The command of the advice, which unmarks one, is what helps.
        *_oc, name, change, _overwrite = problem["do"].splitlines()[1].split()
        annotation, value = change.split("=")
        (unmarked,) = [each for each in (first, second) if each["metadata"]["name"] == name]
        kube.patch(unmarked, {"metadata": {"annotations": {annotation: value}}})
        assert look(empty_cluster)["problems"] == []
        kube.create(claim)
        left = run(seldon_cluster_info, empty_cluster, gather=["default_storage_class"])["default_storage_class"]
        live = kube.get("v1", "PersistentVolumeClaim", "c", "default")
        assert live
        assert live["spec"]["storageClassName"] == left
    finally:
        kube.patch(first, {"metadata": {"annotations": {DEFAULT_CLASS: "true"}}})
        kube.delete(second)
        kube.delete(claim)


def test_the_playbook_gives_it_what_the_roles_want(empty_cluster: Cluster) -> None:
    kube = empty_cluster.kube
    secret = kube.get("v1", "Secret", "alertmanager-main", "openshift-monitoring")
    assert secret
    kube.patch(secret, {"metadata": {"labels": {"hive.openshift.io/managed": "true"}}})
    try:
        given = ["playbooks/preflight.yml", *empty_cluster.values()]
        result = empty_cluster.playbook(*given, check=False)
        assert result.returncode != 0
        assert "in the way (alertmanager)" in result.stdout + result.stderr
        # What switches the edit off switches the check off.
        empty_cluster.playbook(*given, "-e", "monitoring_receiver=none")
    finally:
        kube.patch(secret, {"metadata": {"labels": {"hive.openshift.io/managed": None}}})


# What each chapter refuses, by the words that say so.
REFUSED: dict[str, tuple[Object, str]] = {
    "namespaces": ({"seldon_kafka_namespace": "A_B"}, "'A_B': a name has 1 to 63"),
    "service_mesh": ({"service_mesh_members": ["Team_A"]}, "service_mesh_members: these namespaces can't be used"),
    "serverless": ({"serverless_serving_namespaces": ["a.b"]}, "serverless_serving_namespaces: these namespaces can't"),
    "elasticsearch": ({"elasticsearch_mode": "external"}, "elasticsearch_external has no password"),
    "logging": ({"logging_external": {"username": "u"}}, "logging_external has no password"),
    "monitoring": ({"monitoring_webhook_matchers": ["severity"]}, "matcher 'severity' is not"),
    "postgresql": ({"postgresql_sslmode": "require"}, "-e postgresql_sslmode=prefer"),
    "gitops": ({"seldon_git_repository": "/srv/models"}, "is no address that Git opens"),
    "kafka": ({"kafka_replicas": 1}, '-e \'{"kafka_config": {"default.replication.factor": 1}}\''),
    "seldon_core_v1": ({"seldon_core_v1_env": {"A": 1}}, "put quotes around the values of A"),
    "seldon_core_v2": ({}, "Kafka gets 1 brokers (kafka_replicas), and topics of Seldon Core v2 want 2 copies"),
    "seldon_deploy": ({"seldon_deploy_oidc": {"provider": "p"}}, "seldon_deploy_oidc lacks client_id, client_secret"),
    "model_namespace": ({"seldon_model_namespaces": [{"name": "Team", "v2": True}]}, "these namespaces can't be used"),
}


def test_the_input_of_all_chapters_is_refused_at_once_before_the_first_write(
    empty_cluster: Cluster, tmp_path: Path
) -> None:
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps({name: value for given, _told in REFUSED.values() for name, value in given.items()}))
    told: list[str] = []

    def refuse(*options: str) -> None:
        done = empty_cluster.playbook("playbooks/site.yml", "-e", f"@{file}", *options, check=False)
        assert done.returncode != 0
        # The message, and not the result that holds it once more as JSON.
        message = (done.stdout + done.stderr).partition("Nothing was written, because this is in the way (input):")[2]
        told.append(message.partition("Origin:")[0])

    events = empty_cluster.requests(refuse)
    assert [name for name, (_given, words) in REFUSED.items() if words not in told[0]] == []
    assert [event for event in events if event["verb"] in WRITES and "reviews" not in event["requestURI"]] == []
    # A chapter that does not run is not judged; namespaces are made for each of them.
    refuse("--tags", "kafka")
    assert {name for name, (_given, words) in REFUSED.items() if words in told[1]} == {
        *("kafka", "model_namespace", "namespaces")
    }


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["add_namespace.yml", "-e", "ns=foo"], "no service mesh that a namespace for models could join"),
        (["add_namespace.yml", "-e", '{"ns": null}'], "Name the namespaces"),
        (["playbooks/remove_namespace.yml", "-e", "ns=istio-system"], "'istio-system': reserved"),
    ],
)
def test_namespaces_that_cannot_be_are_refused_before_the_first_write(
    empty_cluster: Cluster, arguments: list[str], told: str
) -> None:
    said: list[str] = []

    def refuse() -> None:
        done = empty_cluster.playbook(*arguments, check=False)
        assert done.returncode != 0
        said.append(" ".join((done.stdout + done.stderr).split()))

    events = empty_cluster.requests(refuse)
    assert told in said[0]
    assert [event for event in events if event["verb"] in WRITES and "reviews" not in event["requestURI"]] == []
