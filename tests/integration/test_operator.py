"""seldon_operator against the real OLM.

Each test installs packages that no other test installs: an operator for all namespaces can be there only once.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.olm import catalog as olm_catalog
from ansible_collections.seldon.openshift.plugins.modules import seldon_operator

from sandbox.cluster import Sandbox, Settings
from sandbox.kube import Object
from tests.integration.cluster import RUN, Cluster
from tests.integration.engine import Result, run

V1, V1ALPHA1 = "operators.coreos.com/v1", "operators.coreos.com/v1alpha1"
SHARED = "openshift-operators"


def operator(package: str, namespace: str = SHARED, source: str = "redhat-operators", **rest: Any) -> Object:
    return {"name": package, "namespace": namespace, "source": source, **rest}


def install(cluster: Cluster, *operators: Object, **rest: Any) -> Result:
    return run(seldon_operator, cluster, operators=list(operators), **{"timeout": 120, **rest})


def csvs(result: Result) -> list[str | None]:
    assert not result.get("failed"), result["msg"]
    return [entry["csv"] for entry in result["operators"]]


def create(cluster: Cluster, kind: str, name: str, namespace: str | None = None, **rest: Any) -> Object:
    version = {"Namespace": "v1", "OperatorGroup": V1}.get(kind, V1ALPHA1)
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return cluster.kube.create({"apiVersion": version, "kind": kind, "metadata": metadata, **rest})


def names(cluster: Cluster, kind: str, namespace: str) -> list[str]:
    version = V1 if kind == "OperatorGroup" else V1ALPHA1
    found = cluster.kube.list(version, kind, namespace)
    return [o["metadata"]["name"] for o in found if "olm.copiedFrom" not in (o["metadata"].get("labels") or {})]


def get(cluster: Cluster, kind: str, name: str, namespace: str) -> Object:
    found = cluster.kube.get(V1ALPHA1, kind, name, namespace)
    assert found is not None
    return found


def until(test: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not test():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.2)


def test_a_pin_among_automatic_neighbours_holds_and_lets_no_stranger_in(empty_cluster: Cluster) -> None:
    pinned = operator("amq-streams", channel="amq-streams-2.2.x", approval="Manual", starting_csv="amqstreams.v2.2.0-3")
    eck = operator("elasticsearch-eck-operator-certified", source="certified-operators")
    wanted = ["amqstreams.v2.2.0-3", "elasticsearch-eck-operator-certified.v2.5.0"]
    assert csvs(install(empty_cluster, pinned, eck)) == wanted

    until(lambda: get(empty_cluster, "Subscription", "amq-streams", SHARED)["status"]["state"] == "UpgradePending")
    again = install(empty_cluster, pinned, eck)
    assert (csvs(again), again["changed"]) == (wanted, False)

    stranger = install(empty_cluster, operator("seldon-operator", source="community-operators"))
    assert stranger["failed"]
    assert "amqstreams.v2.2.0-4 (upgrade of Subscription amq-streams)" in stranger["msg"]
    assert sorted(names(empty_cluster, "ClusterServiceVersion", SHARED)) == wanted


def test_operators_of_a_namespace_are_requested_by_one_task_and_finished_by_another(empty_cluster: Cluster) -> None:
    create(empty_cluster, "Namespace", "tracing")
    env = [{"name": "ISTIO_ENABLED", "value": "true"}]
    # Pinned, so that nothing is installed before the second task approves it.
    wanted = operator("jaeger-product", "tracing", approval="Manual", config={"env": env})
    requested = install(empty_cluster, wanted, wait=False)
    assert [entry["state"] for entry in requested["operators"]] == ["requested"]
    assert names(empty_cluster, "OperatorGroup", "tracing") == ["seldon-openshift-tracing"]
    assert names(empty_cluster, "ClusterServiceVersion", "tracing") == []

    assert csvs(install(empty_cluster, wanted)) == ["jaeger-operator.v1.39.0-3"]
    deployment = empty_cluster.kube.get("apps/v1", "Deployment", "jaeger-operator", "tracing")
    assert deployment is not None
    assert all(env[0] in c["env"] for c in deployment["spec"]["template"]["spec"]["containers"])

    again = empty_cluster.task("seldon.openshift.seldon_operator", {"operators": [wanted]})
    assert (again["changed"], csvs(again)) == (False, ["jaeger-operator.v1.39.0-3"])


def test_what_was_requested_goes_on_while_a_task_waits_for_something_else(empty_cluster: Cluster) -> None:
    create(empty_cluster, "Namespace", "mesh")
    wanted = operator("servicemeshoperator", "mesh", approval="Manual", starting_csv="servicemeshoperator.v2.3.0")
    install(empty_cluster, wanted, wait=False)
    never = {"api_version": "v1", "kind": "ConfigMap", "name": "never", "namespace": "mesh"}
    waits = {"resources": [never], "timeout": 20}
    named = json.dumps({"seldon_operators_meanwhile": [wanted]})

    waited = empty_cluster.task("seldon.openshift.seldon_wait", waits, "-e", named)
    assert "ConfigMap mesh/never" in waited["msg"]
    (other,) = waited["meanwhile"]
    assert (waited["changed"], other["name"], other["namespace"]) == (True, "servicemeshoperator", "mesh")
    assert {action.partition(" for ")[2] for action in other["actions"]} == {"servicemeshoperator.v2.3.0"}
    assert csvs(install(empty_cluster, wanted)) == ["servicemeshoperator.v2.3.0"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"starting_csv": "kiali-operator.v9.9.9"}, ["no version kiali-operator.v9.9.9", "kiali-operator.v1.57.3"]),
        ({"channel": "candidate"}, ["no channel candidate", "it offers: stable"]),
        ({"name": "kiali"}, ["does not offer a package kiali", "kiali-ossm"]),
        ({"source": "my-mirror"}, ["no CatalogSource my-mirror", "redhat-operators"]),
        ({"target_namespaces": ["refused"]}, ["SingleNamespace", "supports only: AllNamespaces"]),
    ],
)
def test_what_can_not_be_had_is_refused_before_anything_is_written(
    empty_cluster: Cluster, changes: Object, words: list[str]
) -> None:
    for namespace in ("refused", "refused2"):
        if not empty_cluster.kube.get("v1", "Namespace", namespace):
            create(empty_cluster, "Namespace", namespace)
    # A good operator of the same task must not be requested either.
    result = install(
        empty_cluster, operator("kiali-ossm", "refused"), {**operator("kiali-ossm", "refused2"), **changes}
    )
    assert result["failed"]
    assert [word for word in words if word not in result["msg"]] == []
    assert not result["changed"]
    assert names(empty_cluster, "OperatorGroup", "refused") + names(empty_cluster, "Subscription", "refused") == []


def test_a_group_is_adopted_and_a_second_one_refused(empty_cluster: Cluster) -> None:
    create(empty_cluster, "Namespace", "serverless")
    create(empty_cluster, "OperatorGroup", "of-somebody", "serverless", spec={})
    wanted = operator(
        "serverless-operator", "serverless", approval="Manual", starting_csv="serverless-operator.v1.25.0"
    )
    assert csvs(install(empty_cluster, wanted)) == ["serverless-operator.v1.25.0"]
    assert names(empty_cluster, "OperatorGroup", "serverless") == ["of-somebody"]

    newer = {**wanted, "starting_csv": "serverless-operator.v1.26.0"}
    assert "set upgrade: true" in install(empty_cluster, newer)["msg"]
    assert csvs(install(empty_cluster, {**newer, "upgrade": True})) == ["serverless-operator.v1.26.0"]
    assert "OLM cannot go back" in install(empty_cluster, wanted)["msg"]

    # Somebody removes the Subscription only: the version stays behind, and OLM could resolve nothing new.
    subscription = get(empty_cluster, "Subscription", "serverless-operator", "serverless")
    empty_cluster.kube.delete(subscription)
    orphan = install(empty_cluster, newer, repair=False)
    assert "oc delete csv serverless-operator.v1.26.0 -n serverless" in orphan["msg"]
    assert not orphan["changed"]

    removed = install(empty_cluster, newer, state="absent")
    assert removed["changed"]
    assert names(empty_cluster, "ClusterServiceVersion", "serverless") == []
    assert names(empty_cluster, "OperatorGroup", "serverless") == ["of-somebody"]
    assert not install(empty_cluster, newer, state="absent")["changed"]

    create(empty_cluster, "OperatorGroup", "another", "serverless", spec={})
    assert "2 OperatorGroups (another, of-somebody)" in install(empty_cluster, newer)["msg"]
    assert names(empty_cluster, "Subscription", "serverless") == []


def test_what_somebody_installed_by_hand_is_adopted_as_it_is(empty_cluster: Cluster) -> None:
    create(empty_cluster, "Namespace", "logging")
    create(empty_cluster, "OperatorGroup", "hand-made", "logging", spec={"targetNamespaces": ["logging"]})
    spec = {"name": "cluster-logging", "channel": "stable-5.5", "source": "redhat-operators"}
    create(
        empty_cluster,
        "Subscription",
        "my-logging",
        "logging",
        spec={**spec, "sourceNamespace": "openshift-marketplace"},
    )
    wanted = operator("cluster-logging", "logging", channel="stable-5.5", target_namespaces=["logging"])
    adopted = install(empty_cluster, wanted)
    assert (csvs(adopted), adopted["changed"]) == (["cluster-logging.5.5.5"], False)
    assert names(empty_cluster, "Subscription", "logging") == ["my-logging"]
    assert names(empty_cluster, "OperatorGroup", "logging") == ["hand-made"]


def test_what_serves_all_namespaces_is_adopted_from_elsewhere_and_never_removed(empty_cluster: Cluster) -> None:
    wanted = operator(
        "stranger-marketplace-operator",
        "made-for-it",
        "redhat-marketplace",
        starting_csv="stranger-marketplace-operator.v1.0.0",
        approval="Manual",
    )
    (first,) = install(empty_cluster, wanted)["operators"]
    assert (first["csv"], first["adopted"], first["actions"][0]) == (
        "stranger-marketplace-operator.v1.0.0",
        False,
        "create Namespace made-for-it",
    )
    again = install(empty_cluster, {**wanted, "namespace": "another"})
    assert (again["changed"], again["operators"][0]["namespace"]) == (False, "made-for-it")
    assert "is used instead, unchanged" in again["warnings"][0]
    assert empty_cluster.kube.get("v1", "Namespace", "another") is None

    assert not install(empty_cluster, {**wanted, "namespace": "another"}, state="absent")["changed"]
    assert install(empty_cluster, wanted, state="absent")["changed"]
    assert empty_cluster.kube.get("v1", "Namespace", "made-for-it") is None


def test_check_mode_says_what_would_be_requested_and_changes_nothing(empty_cluster: Cluster) -> None:
    wanted = operator("openshift-gitops-operator", "not-there-yet", channel="gitops-1.7")
    result = run(seldon_operator, empty_cluster, check=True, operators=[wanted])
    assert result["changed"]
    assert result["operators"][0]["actions"] == [
        "create Namespace not-there-yet",
        "create OperatorGroup not-there-yet/seldon-openshift-not-there-yet for all namespaces",
        "create Subscription not-there-yet/openshift-gitops-operator, channel gitops-1.7",
    ]
    assert names(empty_cluster, "Subscription", "not-there-yet") == []


def test_a_catalogue_that_is_down_is_named_and_one_that_comes_back_is_waited_for(
    empty_cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    marketplace, good = (
        "openshift-marketplace",
        get(empty_cluster, "CatalogSource", "community-operators", "openshift-marketplace"),
    )
    create(empty_cluster, "Namespace", "gitops")
    late = create(empty_cluster, "CatalogSource", "late", marketplace, spec={**good["spec"], "address": "127.0.0.1:9"})
    monkeypatch.setattr(olm_catalog, "CATALOG_GRACE", 2.0)
    needed = install(empty_cluster, operator("stranger-operator", "gitops", source="late"))
    assert "CatalogSource late is unhealthy" in needed["msg"]
    assert "oc get pods -n openshift-marketplace -l olm.catalogSource=late" in needed["msg"]

    wanted = operator("openshift-gitops-operator", "gitops", channel="gitops-1.7")
    blocked = install(empty_cluster, wanted)
    assert "late (not needed by this operator) blocks every resolution" in blocked["msg"]

    monkeypatch.setattr(olm_catalog, "CATALOG_GRACE", 100.0)
    mend = threading.Timer(2.0, empty_cluster.kube.patch, (late, {"spec": {"address": good["spec"]["address"]}}))
    mend.start()
    assert csvs(install(empty_cluster, wanted)) == ["openshift-gitops-operator.v1.7.0"]
    empty_cluster.kube.delete(late)


@pytest.fixture
def broken_cluster() -> Iterator[Cluster]:
    sandbox = Sandbox(f"{RUN}-operator-broken")
    try:
        sandbox.up(Settings(faults=["csv-failed"]))
        yield Cluster(sandbox)
    finally:
        sandbox.down()


def test_a_version_that_fails_for_good_ends_the_task_with_olms_own_reason(broken_cluster: Cluster) -> None:
    result = install(broken_cluster, operator("jaeger-product"), operator("kiali-ossm"), timeout=600)
    assert result["failed"]
    assert "operator kiali-ossm in openshift-operators cannot be installed" in result["msg"]
    assert "UnsupportedOperatorGroup" in result["msg"]
    assert "oc describe clusterserviceversion.operators.coreos.com kiali-operator.v1.57.3" in result["msg"]
