"""What the real OLM does not get out of by itself, planted as it comes about: one run heals it, the next is idle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_operator

from sandbox.cluster import Sandbox, Settings
from sandbox.kube import Object
from tests.integration.cluster import RUN, Cluster
from tests.integration.engine import Result, run
from tests.integration.helpers import until

V1ALPHA1 = "operators.coreos.com/v1alpha1"
WRITES = {"create", "update", "patch", "delete", "deletecollection"}
JAEGER = ("jaeger-product", "jaeger-operator.v1.39.0-3")
KIALI = ("kiali-ossm", "kiali-operator.v1.57.3")
MESH = ("servicemeshoperator", "servicemeshoperator.v2.3.0")
SERVERLESS = ("serverless-operator", "serverless-operator.v1.26.0")


def wanted(package: str, csv: str, namespace: str) -> Object:
    pinned = {"approval": "Manual", "starting_csv": csv}
    return {"name": package, "namespace": namespace, "channel": "stable", "source": "redhat-operators", **pinned}


def install(cluster: Cluster, *operators: Object, **rest: Any) -> Result:
    return run(seldon_operator, cluster, operators=list(operators), **{"timeout": 180, **rest})


def live(cluster: Cluster, kind: str, namespace: str) -> list[Object]:
    found = cluster.kube.list(V1ALPHA1, kind, namespace)
    return [each for each in found if "olm.copiedFrom" not in (each["metadata"].get("labels") or {})]


def delete(cluster: Cluster, kind: str, namespace: str) -> None:
    for each in live(cluster, kind, namespace):
        cluster.kube.delete(each)


def is_left_alone(cluster: Cluster, operator: Object, words: list[str], timeout: int = 60) -> None:
    """Assert that a run without repair and one in check mode write nothing, and what the first one says."""
    results: list[Result] = []

    def look() -> None:
        results.append(install(cluster, operator, repair=False, timeout=timeout))
        results.append(run(seldon_operator, cluster, check=True, operators=[operator]))

    written = [event for event in cluster.requests(look) if event["verb"] in WRITES]
    assert written == []
    refused, tried = results
    assert (refused["failed"], refused["changed"]) == (True, False)
    assert [word for word in words if word not in refused["msg"]] == []
    assert (tried.get("failed", False), tried["changed"]) == (False, True), tried.get("msg")


def heals(cluster: Cluster, operator: Object, told: str) -> None:
    """Assert that one run repairs and tells, and the next one changes nothing."""
    repaired = install(cluster, operator)
    assert not repaired.get("failed"), repaired["msg"]
    assert repaired["operators"][0]["csv"] == operator["starting_csv"]
    assert [line for line in repaired["warnings"] if told in line and "Repaired: delete" in line], repaired["warnings"]
    again = install(cluster, operator)
    assert (again.get("failed", False), again["changed"], again["warnings"]) == (False, False, [])


def test_a_version_without_subscription_is_installed_again(empty_cluster: Cluster) -> None:
    """Somebody has deleted the Subscription, and let the operator run on."""
    operator = wanted(*JAEGER, "repair-jaeger")
    assert not install(empty_cluster, operator).get("failed")
    delete(empty_cluster, "Subscription", "repair-jaeger")
    is_left_alone(
        empty_cluster, operator, ["no Subscription refers to it", f"oc delete csv {JAEGER[1]} -n repair-jaeger"]
    )
    heals(empty_cluster, operator, f"{JAEGER[1]} is installed in repair-jaeger but no Subscription refers to it")


def test_a_version_that_its_subscription_does_not_name_is_installed_again(empty_cluster: Cluster) -> None:
    """What OLM's own race leaves: a Subscription without status, and 'exists and is not referenced'."""
    operator = wanted(*JAEGER, "repair-jaeger")
    assert not install(empty_cluster, operator).get("failed")

    def lose_status() -> bool:
        """Make the Subscription anew; False when OLM has found its version by itself, as it at times does."""
        (subscription,) = live(empty_cluster, "Subscription", "repair-jaeger")
        empty_cluster.kube.delete(subscription)
        kept = {key: subscription["metadata"][key] for key in ("name", "namespace", "labels")}
        empty_cluster.kube.create({**subscription, "metadata": kept, "status": {}})
        until(lambda: "not referenced" in str(live(empty_cluster, "Subscription", "repair-jaeger")[0].get("status")))
        return bool(install(empty_cluster, operator, repair=False, timeout=60).get("failed"))

    until(lose_status, 300)
    is_left_alone(empty_cluster, operator, [f"oc delete csv {JAEGER[1]} -n repair-jaeger"])
    heals(empty_cluster, operator, f"no Subscription refers to {JAEGER[1]} any more")


def test_a_deleted_version_is_installed_again(empty_cluster: Cluster) -> None:
    """OLM plans nothing for a version that a Subscription's status names."""
    operator = wanted(*JAEGER, "repair-jaeger")
    assert not install(empty_cluster, operator).get("failed")
    delete(empty_cluster, "ClusterServiceVersion", "repair-jaeger")
    is_left_alone(empty_cluster, operator, ["oc delete subscription.operators.coreos.com jaeger-product"])
    heals(empty_cluster, operator, f"{JAEGER[1]} was deleted from repair-jaeger")


@contextmanager
def refused(cluster: Cluster, namespace: str, group: str, resource: str) -> Iterator[None]:
    """Let no object of a kind be created in a namespace."""
    rule = {"apiGroups": [group], "apiVersions": ["*"], "resources": [resource], "operations": ["CREATE"]}
    webhook = {
        "name": "refused.example.com",
        "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": "https://127.0.0.1:9/"},
        "failurePolicy": "Fail",
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}},
        "rules": [rule],
        "sideEffects": "None",
        "timeoutSeconds": 1,
    }
    kind = {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration"}
    configuration = {**kind, "metadata": {"name": f"refused-{namespace}"}, "webhooks": [webhook]}
    cluster.kube.create(configuration)
    try:
        yield
    finally:
        cluster.kube.delete(configuration)


@pytest.fixture(scope="module")
def failed_plans(empty_cluster: Cluster) -> Cluster:
    """Let OLM fail at three plans, which takes it a minute: before it has made the version, and after that."""
    operators = [wanted(*KIALI, "repair-begun"), wanted(*MESH, "repair-stopped"), wanted(*SERVERLESS, "repair-bare")]
    with (
        refused(empty_cluster, "repair-begun", "", "serviceaccounts"),
        refused(empty_cluster, "repair-stopped", "", "serviceaccounts"),
        refused(empty_cluster, "repair-bare", "operators.coreos.com", "clusterserviceversions"),
    ):
        failed = install(empty_cluster, *operators, repair=False)
        assert failed["failed"]
        until(lambda: all(has_failed(empty_cluster, each["namespace"]) for each in operators), 180)
    return empty_cluster


def has_failed(cluster: Cluster, namespace: str) -> bool:
    """Approve the plans of a namespace, and tell whether all have failed; OLM at times makes two at once."""
    plans = live(cluster, "InstallPlan", namespace)
    for plan in plans:
        if not plan["spec"]["approved"]:
            cluster.kube.patch(plan, {"spec": {"approved": True}})
    return {plan.get("status", {}).get("phase") for plan in plans} == {"Failed"}


def newest_plan(cluster: Cluster, namespace: str) -> str:
    """Return the name of a namespace's newest plan."""
    plans = live(cluster, "InstallPlan", namespace)
    return str(max(plans, key=lambda plan: plan["spec"].get("generation", 0))["metadata"]["name"])


def test_a_failed_plan_is_made_again_with_what_it_had_begun(failed_plans: Cluster) -> None:
    plan = newest_plan(failed_plans, "repair-begun")
    operator = wanted(*KIALI, "repair-begun")
    words = [
        "failed: InstallComponentFailed",
        f"oc delete csv {KIALI[1]}",
        f"oc delete installplan {plan}",
    ]
    is_left_alone(failed_plans, operator, words)
    heals(failed_plans, operator, f"install plan {plan} failed")


@pytest.mark.parametrize("deleted", [["ClusterServiceVersion"], ["Subscription"]], ids=["one", "two"])
def test_a_repair_that_was_stopped_is_finished_by_the_next_run(failed_plans: Cluster, deleted: list[str]) -> None:
    for kind in deleted:
        delete(failed_plans, kind, "repair-stopped")
    operator = wanted(*MESH, "repair-stopped")
    result = install(failed_plans, operator)
    assert not result.get("failed"), result["msg"]
    assert not install(failed_plans, operator)["changed"]


def test_a_failed_plan_that_has_begun_nothing_is_made_again(failed_plans: Cluster) -> None:
    (subscription,) = live(failed_plans, "Subscription", "repair-bare")
    operator = wanted(*SERVERLESS, "repair-bare")
    is_left_alone(failed_plans, operator, ["oc delete installplan"])
    heals(failed_plans, operator, "failed: InstallComponentFailed")
    (kept,) = live(failed_plans, "Subscription", "repair-bare")
    assert kept["metadata"]["uid"] == subscription["metadata"]["uid"], "it was not in the way"


def test_what_fails_again_is_repaired_once_a_run(empty_cluster: Cluster) -> None:
    """No run goes round in circles: the second failure is told."""
    operator = wanted(
        "elasticsearch-eck-operator-certified", "elasticsearch-eck-operator-certified.v2.5.0", "repair-once"
    )
    operator["source"] = "certified-operators"
    with refused(empty_cluster, "repair-once", "operators.coreos.com", "clusterserviceversions"):
        result = install(empty_cluster, operator, timeout=300)
    assert result["failed"]
    assert "oc delete installplan" in result["msg"]
    # OLM at times makes two plans at once, and they go together.
    deleted = [line for line in result["operators"][0]["actions"] if line.startswith("delete InstallPlan")]
    assert 1 <= len(deleted) <= 2


@pytest.fixture
def unpacking_cluster() -> Iterator[Cluster]:
    """Return a cluster on which the first job that unpacks Kiali's bundle gets nowhere."""
    sandbox = Sandbox(f"{RUN}-operator-unpack")
    try:
        sandbox.up(Settings(faults=["bundle-unpack"]))
        yield Cluster(sandbox)
    finally:
        sandbox.down()


def test_a_bundle_that_could_not_be_unpacked_is_unpacked_again(unpacking_cluster: Cluster) -> None:
    operator = wanted(*KIALI, "repair-unpack")
    assert install(unpacking_cluster, operator, repair=False)["failed"]
    (job,) = unpacking_cluster.kube.list("batch/v1", "Job", "openshift-marketplace")
    name = job["metadata"]["name"]
    words = ["bundle unpacking failed. Reason: DeadlineExceeded", f"oc delete job {name} -n openshift-marketplace"]
    is_left_alone(unpacking_cluster, operator, words)
    heals(unpacking_cluster, operator, "bundle unpacking failed")
    (again,) = unpacking_cluster.kube.list("batch/v1", "Job", "openshift-marketplace")
    assert again["metadata"]["uid"] != job["metadata"]["uid"]
