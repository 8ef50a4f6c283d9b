"""What OLM 0.22 does not get out of by itself, as captured from it: what is deleted, in which order, what never is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import Installed, Operator, Stuck, Write
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing

from tests.unit.plugins.module_utils.test_olm import (
    KAFKA,
    NAMESPACE,
    PINNED,
    manifest,
    plan,
    requested,
    step,
    subscription,
    version,
)

Object = dict[str, Any]
V2 = "amq.v2"
UNREFERENCED = f"clusterserviceversion {V2} exists and is not referenced by a subscription"
OFFERED = f"subscription amq requires redhat/openshift-marketplace/stable/{V2}, {UNREFERENCED}"
COPY = {"olm.copiedFrom": "elsewhere"}


def deleted(verdict: Any) -> list[tuple[str, str]]:
    """Return kinds and names of what a verdict would delete, in order."""
    writes = verdict.writes if isinstance(verdict, Stuck) else ()
    assert all(write.verb == "delete" for write in writes)
    return [(write.obj["kind"], write.obj["metadata"]["name"]) for write in writes]


def unbound(said: str = OFFERED, ours: bool = True, **status: Any) -> Object:
    live = subscription(ours=ours, failure=f"ConstraintsNotSatisfiable: {said}", **status)
    live["metadata"]["uid"] = "us"
    return live


def owned(owner: str) -> Object:
    brought = plan("p", V2, phase="Complete")
    brought["metadata"]["ownerReferences"] = [{"uid": owner}]
    return brought


def failed(*csvs: str, generation: int = 1, path: str = "") -> Object:
    found = plan("p", *csvs or (V2,), generation=generation, phase="Failed", approved=True)
    found["status"]["conditions"] = [{"type": "Installed", "status": "False", "reason": "R", "message": "why"}]
    if path:
        condition = {"type": "BundleLookupFailed", "status": "True", "reason": "DeadlineExceeded"}
        found["status"]["bundleLookups"] = [{"path": path, "conditions": [condition]}]
    return found


def job(name: str, image: str, condition: str = "Failed") -> Object:
    spec = {"template": {"spec": {"initContainers": [{"image": image}], "containers": [{"image": "opm"}]}}}
    status = {"conditions": [{"type": condition, "status": "True"}]}
    return {"metadata": {"name": name, "namespace": "openshift-marketplace"}, "spec": spec, "status": status}


CSV = ("ClusterServiceVersion", V2)
SUBSCRIPTION = ("Subscription", "amq")
PLAN = ("InstallPlan", "p")


class TestAVersionWithoutSubscription:
    @pytest.mark.parametrize(
        ("operator", "csv", "safe"),
        [
            pytest.param(PINNED, V2, True, id="the pinned one"),
            pytest.param(KAFKA, V2, True, id="the head of the channel"),
            pytest.param(KAFKA, "amq.v1", False, id="OLM would install another"),
            pytest.param(replace(PINNED, starting_csv="amq.v1"), V2, False, id="newer than the pin"),
        ],
    )
    def test_it_is_deleted_when_the_very_same_comes_again(self, operator: Operator, csv: str, safe: bool) -> None:
        verdict = requested(operator, versions=[version(csv)])
        assert deleted(verdict) == ([("ClusterServiceVersion", csv)] if safe else [])
        assert f"oc delete csv {csv} -n {NAMESPACE}" in verdict.reason

    def test_one_that_no_catalogue_offers_any_more_stays(self) -> None:
        verdict = requested(PINNED, versions=[version(V2), version("amq.v1")], manifests={"amq": [manifest()]})
        assert (deleted(verdict), isinstance(verdict, Failed)) == ([], True)
        head_only = manifest("amq", "amq.v3")
        del head_only["status"]["channels"][0]["entries"]
        verdict = requested(PINNED, versions=[version(V2)], manifests={"amq": [head_only]})
        assert (deleted(verdict), isinstance(verdict, Failed)) == ([], True)

    @pytest.mark.parametrize("left", [version(V2, labels=COPY), version(V2, "Deleting"), version("other.v1")])
    def test_a_copy_one_that_goes_and_another_operator_are_none(self, left: Object) -> None:
        assert isinstance(requested(PINNED, versions=[left]), list)


class TestAVersionThatItsSubscriptionDoesNotName:
    @pytest.mark.parametrize(
        ("operator", "live", "plans", "phase", "safe"),
        [
            pytest.param(KAFKA, unbound(UNREFERENCED), [owned("us")], "Succeeded", True, id="brought by its plan"),
            pytest.param(PINNED, unbound(UNREFERENCED), [owned("us")], "Failed", True, id="brought, and failed"),
            pytest.param(PINNED, unbound(), [], "Succeeded", True, id="a Subscription made again"),
            pytest.param(PINNED, unbound(), [owned("others")], "Succeeded", True, id="a plan of the one before"),
            pytest.param(PINNED, unbound(UNREFERENCED), [owned("others")], "Succeeded", False, id="not on offer"),
            pytest.param(
                replace(PINNED, starting_csv="amq.v1"),
                unbound(),
                [],
                "Succeeded",
                False,
                id="OLM would install another",
            ),
            pytest.param(KAFKA, unbound(ours=False), [owned("us")], "Succeeded", False, id="somebody's Subscription"),
            pytest.param(PINNED, unbound(), [owned("us")], "Installing", False, id="OLM still works on it"),
            pytest.param(PINNED, unbound("something else"), [owned("us")], "Succeeded", False, id="another reason"),
            pytest.param(PINNED, unbound(currentCSV=V2), [owned("us")], "Succeeded", False, id="named meanwhile"),
        ],
    )
    def test_it_is_deleted_when_olm_makes_it_again(
        self, operator: Operator, live: Object, plans: list[Object], phase: str, safe: bool
    ) -> None:
        verdict = step(operator, subscriptions=[live], plans=plans, versions=[version(V2, phase)])
        assert deleted(verdict) == ([CSV] if safe else [])

    def test_what_is_not_deleted_is_told_with_the_command(self) -> None:
        verdict = step(KAFKA, subscriptions=[unbound(ours=False)], versions=[version(V2)])
        assert (verdict.after, f"oc delete csv {V2} -n {NAMESPACE}" in verdict.reason) == (30.0, True)


class TestAFailedPlan:
    @pytest.mark.parametrize(
        ("live", "versions", "expected"),
        [
            pytest.param(subscription(currentCSV=V2), [], [PLAN], id="before the version was made"),
            pytest.param(
                subscription(currentCSV=V2, installedCSV=V2),
                [version(V2, "Pending")],
                [CSV, SUBSCRIPTION, PLAN],
                id="after the version was made",
            ),
            pytest.param(
                subscription(currentCSV=V2, installedCSV=V2), [], [SUBSCRIPTION, PLAN], id="stopped after its deletion"
            ),
            pytest.param(subscription(currentCSV=V2, ours=False), [], [], id="somebody's Subscription"),
        ],
    )
    def test_it_goes_with_what_it_has_begun(self, live: Object, versions: list[Object], expected: list[Any]) -> None:
        verdict = step(PINNED, subscriptions=[live], plans=[failed()], versions=versions)
        assert deleted(verdict) == expected
        assert "install plan p failed: R: why" in verdict.reason
        assert f"oc delete installplan p -n {NAMESPACE}" in verdict.reason

    def test_one_that_carries_what_others_asked_for_stays(self) -> None:
        live = subscription(currentCSV=V2)
        others = subscription("mesh", ours=False, currentCSV="mesh.v1")
        verdict = step(PINNED, subscriptions=[live, others], plans=[failed(V2, "mesh.v1")])
        assert (deleted(verdict), isinstance(verdict, Stuck)) == ([], True)

    def test_an_upgrade_keeps_the_subscription_that_names_the_version_before(self) -> None:
        live = subscription(currentCSV=V2, installedCSV="amq.v1")
        before = version("amq.v1")
        assert deleted(step(KAFKA, subscriptions=[live], plans=[failed()], versions=[before])) == [PLAN]
        begun = [before, version(V2, "Pending")]
        verdict = step(KAFKA, subscriptions=[live], plans=[failed()], versions=begun)
        assert (deleted(verdict), isinstance(verdict, Stuck)) == ([], True)

    def test_its_twin_goes_with_it_and_what_others_asked_for_stays(self) -> None:
        """OLM at times makes two plans for one version, and both fail."""
        twin, other = failed(), failed(V2, "theirs.v1")
        twin["metadata"]["name"], other["metadata"]["name"] = "twin", "other"
        live = subscription(currentCSV=V2)
        assert deleted(step(PINNED, subscriptions=[live], plans=[twin, other, failed(generation=2)])) == [
            ("InstallPlan", "twin"),
            PLAN,
        ]

    def test_the_job_that_could_not_unpack_goes_with_its_result(self) -> None:
        jobs = [job("ours", "img/amq"), job("other", "img/x"), job("done", "img/amq", "Complete")]
        parts = {"subscriptions": [subscription(currentCSV=V2)], "plans": [failed(path="img/amq")], "jobs": jobs}
        verdict = step(PINNED, **parts)
        assert deleted(verdict) == [("Job", "ours"), ("ConfigMap", "ours"), PLAN]
        assert isinstance(verdict, Stuck)
        assert verdict.first == verdict.writes[:2], "a plan that follows at once fails by the old job"

    def test_one_whose_version_serves_or_that_a_newer_one_follows_is_left(self) -> None:
        live = subscription(currentCSV=V2, installedCSV=V2)
        serves = step(PINNED, subscriptions=[live], plans=[failed()], versions=[version(V2)])
        assert isinstance(serves, (Installed, Progressing))
        newer = plan("q", V2, generation=2, phase="Installing", approved=True)
        assert isinstance(
            step(PINNED, subscriptions=[subscription(currentCSV=V2)], plans=[failed(), newer]), Progressing
        )

    @pytest.mark.parametrize("phase", ["Pending", None])
    def test_a_second_plan_for_the_same_version_is_approved(self, phase: str | None) -> None:
        """OLM at times makes two at once, and the first one has failed."""
        live = subscription(currentCSV=V2, installedCSV=V2)
        plans = [failed(), plan("q", V2, generation=2)]
        verdict = step(PINNED, subscriptions=[live], plans=plans, versions=[version(V2, phase)] if phase else [])
        assert isinstance(verdict, Write)
        assert (verdict.verb, verdict.obj["metadata"]["name"]) == ("patch", "q")

    def test_a_second_plan_with_what_others_asked_for_is_not(self) -> None:
        live = subscription(currentCSV=V2, installedCSV=V2)
        plans = [plan("q", V2, "mesh.v1", generation=2)]
        verdict = step(PINNED, subscriptions=[live], plans=plans, versions=[version(V2, "Installing")])
        assert isinstance(verdict, Progressing)


class TestADeletedVersion:
    @pytest.mark.parametrize(
        ("operator", "live", "plans", "expected"),
        [
            pytest.param(PINNED, subscription(installedCSV=V2, currentCSV=V2), [], [SUBSCRIPTION], id="pinned"),
            pytest.param(
                KAFKA, subscription(installedCSV=V2), [owned("us")], [SUBSCRIPTION], id="its plan is complete"
            ),
            pytest.param(
                replace(KAFKA, starting_csv="amq.v1"),
                subscription(installedCSV=V2),
                [],
                [],
                id="OLM would install another",
            ),
            pytest.param(KAFKA, subscription(installedCSV=V2, ours=False), [], [], id="somebody's Subscription"),
        ],
    )
    def test_its_subscription_is_made_again(
        self, operator: Operator, live: Object, plans: list[Object], expected: list[Any]
    ) -> None:
        verdict = step(operator, subscriptions=[live], plans=plans)
        assert deleted(verdict) == expected
        assert f"oc delete subscription.operators.coreos.com amq -n {NAMESPACE}" in verdict.reason

    @pytest.mark.parametrize(
        ("live", "plans"),
        [
            (subscription(installedCSV=V2), [plan("p", V2, phase="Installing", approved=True)]),
            (subscription(installedCSV="amq.v1", currentCSV=V2), [plan("p", V2, phase="Installing", approved=True)]),
        ],
        ids=["a plan is at work", "an upgrade is on its way"],
    )
    def test_olm_at_work_is_left_alone(self, live: Object, plans: list[Object]) -> None:
        assert isinstance(step(KAFKA, subscriptions=[live], plans=plans), Progressing)
