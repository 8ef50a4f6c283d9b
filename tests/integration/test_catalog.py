"""The catalogues, their faults and the definitions, as the real OLM and the real API server take them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox import platform
from sandbox.cluster import Sandbox, Settings
from sandbox.definitions import TABLES, Definitions
from sandbox.kube import Kube, Object
from tests.integration.cluster import RUN, Cluster

OLM = "operators.coreos.com/v1alpha1"
NAMESPACE = "openshift-operators"


@pytest.fixture(scope="module")
def faulty() -> Iterator[Kube]:
    sandbox = Sandbox(f"{RUN}-faulty")
    try:
        sandbox.up(Settings(faults=["csv-failed", "strangers-upgrade"]))
        yield sandbox.kube
    finally:
        sandbox.down()


def subscription(package: str, **spec: Any) -> Object:
    offered = {"name": package, "channel": "stable", "source": "redhat-operators"}
    return {
        "apiVersion": OLM,
        "kind": "Subscription",
        "metadata": {"name": package, "namespace": NAMESPACE},
        "spec": {**offered, "sourceNamespace": "openshift-marketplace", **spec},
    }


def eventually(look: Callable[[], Any], expected: Any, seconds: float = 120) -> None:
    """Assert that `look` returns what is expected, now or within some time."""
    deadline = time.monotonic() + seconds
    while look() != expected and time.monotonic() < deadline:
        time.sleep(0.5)
    assert look() == expected


def phases(kube: Kube) -> dict[str, tuple[str | None, str | None]]:
    return {
        csv["metadata"]["name"]: (csv.get("status", {}).get("phase"), csv.get("status", {}).get("reason"))
        for csv in kube.list(OLM, "ClusterServiceVersion", NAMESPACE)
    }


def test_faults_show_through_the_real_olm(faulty: Kube):
    for package in ("kiali-ossm", "jaeger-product"):
        faulty.create(subscription(package, config={"env": [{"name": "ASKED_FOR", "value": "yes"}]}))
    wanted = {"kiali-operator.v1.57.3", "jaeger-operator.v1.39.0-3", "stranger-operator.v1.1.0"}

    def plans() -> list[Object]:
        found = faulty.list(OLM, "InstallPlan", NAMESPACE)
        return [plan for plan in found if set(plan["spec"]["clusterServiceVersionNames"]) == wanted]

    # A plan that is approved before OLM has written its first status is never executed.
    eventually(lambda: {plan.get("status", {}).get("phase") for plan in plans()}, {"RequiresApproval"})
    faulty.patch(plans()[0], {"spec": {"approved": True}})

    failed, succeeded = ("Failed", "UnsupportedOperatorGroup"), ("Succeeded", "InstallSucceeded")
    expected = dict(zip(sorted(wanted), (succeeded, failed, succeeded), strict=True))
    eventually(lambda: {name: phase for name, phase in phases(faulty).items() if name in wanted}, expected)

    def operator() -> Object:
        return faulty.get("apps/v1", "Deployment", "jaeger-operator", NAMESPACE) or {}

    def asked_for() -> list[bool]:
        containers = operator()["spec"]["template"]["spec"]["containers"]
        return [{"name": "ASKED_FOR", "value": "yes"} in container["env"] for container in containers]

    assert operator()["metadata"]["labels"]["sandbox.seldon/operator"] == "jaeger"
    # OLM may install a version a moment before it knows its Subscription, and adds that one's environment afterwards.
    eventually(asked_for, [True, True])
    assert faulty.resource("jaegertracing.io/v1", "Jaeger")


def test_the_api_server_takes_every_definition(empty_cluster: Cluster):
    definitions = Definitions.from_environment()
    absent = [
        crd
        for crd in definitions.load(*(path.stem for path in TABLES.glob("*.yaml")))
        if not empty_cluster.kube.resource(
            f"{crd['spec']['group']}/{crd['spec']['versions'][0]['name']}", crd["spec"]["names"]["kind"]
        )
    ]
    assert absent
    for crd in absent:
        empty_cluster.kube.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All", crd)


def test_a_fresh_cluster_is_complete_and_stays_as_its_users_leave_it(empty_cluster: Cluster):
    kube = empty_cluster.kube
    for obj in platform.objects(platform.Options()):
        live = kube.get(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], obj["metadata"].get("namespace"))
        assert live, obj
        assert "status" in live or "status" not in obj, obj
    group = kube.get("operators.coreos.com/v1", "OperatorGroup", "global-operators", NAMESPACE)
    assert group
    kube.patch(group, {"metadata": {"labels": {"users": "own"}}})
    platform.install(kube, Definitions.from_environment(), platform.Options())
    after = kube.get("operators.coreos.com/v1", "OperatorGroup", "global-operators", NAMESPACE)
    assert after
    assert after["metadata"]["labels"]["users"] == "own"
