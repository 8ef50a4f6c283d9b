"""OLM's state machine against objects as OLM 0.22 (OpenShift 4.11) writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import MANAGED_BY
from ansible_collections.seldon.openshift.plugins.module_utils.olm.adoption import adopt
from ansible_collections.seldon.openshift.plugins.module_utils.olm.group import group_name
from ansible_collections.seldon.openshift.plugins.module_utils.olm.machine import advance, request
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import (
    Installed,
    Operator,
    Snapshot,
    Write,
)
from ansible_collections.seldon.openshift.plugins.module_utils.olm.plan import plan_for, release
from ansible_collections.seldon.openshift.plugins.module_utils.olm.removal import remove
from ansible_collections.seldon.openshift.plugins.module_utils.olm.subscription import merged_config
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing

Object = dict[str, Any]
NAMESPACE = "operators"
KAFKA = Operator("amq", NAMESPACE, "stable", "redhat")
PINNED = replace(KAFKA, approval="Manual", starting_csv="amq.v2")
MESH = Operator("mesh", NAMESPACE, "stable", "redhat")


def named(name: str, **rest: Any) -> Object:
    return {"metadata": {"name": name, "namespace": NAMESPACE, **rest.pop("metadata", {})}, **rest}


def group(name: str = "global", *targets: str, **spec: Any) -> Object:
    return named(name, spec={**({"targetNamespaces": list(targets)} if targets else {}), **spec})


def catalog(name: str = "redhat", state: str = "READY") -> Object:
    status = {"connectionState": {"lastObservedState": state}}
    return {"metadata": {"name": name, "namespace": "openshift-marketplace"}, "spec": {}, "status": status}


def manifest(package: str = "amq", *csvs: str, modes: tuple[str, ...] = ("AllNamespaces",)) -> Object:
    described = [{"type": m, "supported": m in modes} for m in ("OwnNamespace", "SingleNamespace", "AllNamespaces")]
    channel = {
        "name": "stable",
        "currentCSV": (csvs or ("amq.v2",))[0],
        "currentCSVDesc": {"installModes": described},
        "entries": [{"name": csv} for csv in csvs or ("amq.v2", "amq.v1")],
    }
    status = {"packageName": package, "catalogSource": "redhat", "defaultChannel": "stable", "channels": [channel]}
    return named(package, status=status)


def subscription(package: str = "amq", spec: Any = None, ours: bool = True, failure: str = "", **status: Any) -> Object:
    full = {
        "name": package,
        "channel": "stable",
        "source": "redhat",
        "sourceNamespace": "openshift-marketplace",
        "installPlanApproval": "Automatic",
        **(spec or {}),
    }
    if failure:
        reason, _, message = failure.partition(": ")
        status["conditions"] = [{"type": "ResolutionFailed", "status": "True", "reason": reason, "message": message}]
    return named(package, metadata={"labels": dict(MANAGED_BY) if ours else {}}, spec=full, status=status)


def plan(name: str, *csvs: str, generation: int = 1, phase: str = "RequiresApproval", approved: bool = False) -> Object:
    spec = {"clusterServiceVersionNames": list(csvs), "generation": generation, "approved": approved}
    return named(name, spec=spec, status={"phase": phase})


def version(name: str, phase: str = "Succeeded", reason: str = "InstallSucceeded", labels: Any = None) -> Object:
    spec = {
        "version": name.partition(".v")[2],
        "customresourcedefinitions": {"owned": [{"name": f"{name}.crd"}, {"name": f"{name}.crd"}]},
        "install": {"spec": {"deployments": [{"name": "operator"}]}},
    }
    return named(name, metadata={"labels": labels or {}}, spec=spec, status={"phase": phase, "reason": reason})


def deployment(env: Any = (), updated: int = 1) -> Object:
    counts = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": updated, "availableReplicas": 1}
    containers = [{"name": "manager", "env": list(env)}]
    spec = {"replicas": 1, "template": {"spec": {"containers": containers}}}
    return named("operator", metadata={"generation": 1}, spec=spec, status=counts)


def world(**parts: Any) -> Snapshot:
    defaults: Object = {"groups": [group()], "catalogs": [catalog()], "manifests": {"amq": [manifest()]}}
    return Snapshot(**{**defaults, **parts})


def requested(operator: Operator, **parts: Any) -> Any:
    return request(operator, world(**parts))


def step(operator: Operator, *others: Operator, **parts: Any) -> Any:
    return advance(operator, [operator, *others], world(**parts))


class TestRequest:
    def test_group_and_subscription_are_created_where_there_is_nothing(self) -> None:
        writes = requested(PINNED, groups=[])
        assert [w.obj["kind"] for w in writes] == ["OperatorGroup", "Subscription"]
        assert writes[0].obj["spec"] == {}
        assert writes[1].obj["spec"] == {
            "name": "amq",
            "channel": "stable",
            "source": "redhat",
            "sourceNamespace": "openshift-marketplace",
            "installPlanApproval": "Manual",
            "startingCSV": "amq.v2",
        }

    def test_what_is_as_wanted_is_left_alone_even_when_its_catalogue_is_gone(self) -> None:
        live = subscription(ours=False, installedCSV="amq.v1", currentCSV="amq.v1")
        assert requested(KAFKA, subscriptions=[live], catalogs=[], manifests={}) == []

    def test_a_missing_namespace_is_made_first(self) -> None:
        writes = requested(KAFKA, namespace=False, groups=[])
        assert [w.obj["kind"] for w in writes] == ["Namespace", "OperatorGroup", "Subscription"]
        assert writes[0].obj["metadata"] == {"name": NAMESPACE, "labels": dict(MANAGED_BY)}

    @pytest.mark.parametrize("part", ["subscriptions", "groups", "ending"])
    def test_what_is_being_deleted_is_awaited_before_anything_is_requested(self, part: str) -> None:
        going = {"subscriptions": subscription(), "groups": group(), "ending": named("n", kind="Namespace")}[part]
        going = {"apiVersion": "v1", "kind": "Thing", **going}
        going["metadata"].update(deletionTimestamp="2022-12-01T10:00:00Z", finalizers=["example.com/hold"])
        verdict = requested(KAFKA, **{part: going if part == "ending" else [going]})
        assert isinstance(verdict, Progressing)
        assert "is being deleted: finalizers example.com/hold" in verdict.reason

    def test_only_what_differs_is_set(self) -> None:
        live = subscription(spec={"channel": "old", "installPlanApproval": None}, installedCSV="amq.v1")
        live["metadata"]["name"] = "somebodys"
        (write,) = requested(KAFKA, subscriptions=[live])
        assert (write.verb, write.obj["metadata"]["name"]) == ("patch", "somebodys")
        assert write.body == {"spec": {"channel": "stable"}}

    def test_an_approval_that_was_not_asked_for_is_not_changed(self) -> None:
        assert requested(KAFKA, subscriptions=[subscription(spec={"installPlanApproval": "Manual"})]) == []

    @pytest.mark.parametrize(
        ("operator", "parts", "words"),
        [
            (KAFKA, {"manifests": {}, "offered": ["amq-streams"]}, ["does not offer", "similar: amq-streams"]),
            (replace(KAFKA, channel="beta"), {}, ["no channel beta", "it offers: stable"]),
            (replace(PINNED, starting_csv="amq.v9"), {}, ["no version amq.v9", "it offers: amq.v2, amq.v1"]),
            (KAFKA, {"manifests": {}, "catalogs": [catalog("community")]}, ["no CatalogSource redhat", "community"]),
            (
                KAFKA,
                {"manifests": {}, "catalogs": [catalog(state="TRANSIENT_FAILURE")]},
                ["CatalogSource redhat is unhealthy", "TRANSIENT_FAILURE", "oc get pods"],
            ),
            (KAFKA, {"groups": [group("a"), group("b")]}, ["2 OperatorGroups (a, b)"]),
            (KAFKA, {"groups": [group("g", NAMESPACE)]}, ["OwnNamespace", "supports only: AllNamespaces"]),
            (
                replace(KAFKA, target_namespaces=(NAMESPACE,)),
                {"manifests": {"amq": [manifest(modes=("OwnNamespace",))]}},
                ["targets all namespaces, wanted is operators"],
            ),
            (
                KAFKA,
                {"manifests": {"amq": [manifest(modes=("OwnNamespace",))]}, "groups": []},
                ["AllNamespaces", "supports only: OwnNamespace"],
            ),
            (KAFKA, {"subscriptions": [subscription(), subscription()]}, ["2 Subscriptions to amq"]),
            (KAFKA, {"versions": [version("amq.v1")]}, ["amq.v1 is installed", "oc delete csv amq.v1 -n operators"]),
        ],
    )
    def test_what_can_not_work_is_refused_before_anything_is_written(
        self, operator: Operator, parts: Any, words: list[str]
    ) -> None:
        verdict = requested(operator, **parts)
        assert isinstance(verdict, Failed)
        assert [word for word in words if word not in verdict.reason] == []

    def test_a_catalogue_that_restarts_is_given_time(self) -> None:
        verdict = requested(KAFKA, manifests={}, catalogs=[catalog(state="CONNECTING")])
        assert verdict.after > 0

    def test_a_copy_of_another_namespaces_version_is_no_orphan(self) -> None:
        copied = version("amq.v1", labels={"olm.copiedFrom": "elsewhere"})
        assert isinstance(requested(KAFKA, versions=[copied]), list)


class TestAdvance:
    @pytest.mark.parametrize(
        ("operator", "parts", "expected"),
        [
            pytest.param(KAFKA, {"subscriptions": [subscription()]}, Progressing, id="being resolved"),
            pytest.param(
                KAFKA,
                {
                    "subscriptions": [subscription(currentCSV="amq.v2")],
                    "plans": [plan("p", "amq.v2", phase="Installing")],
                },
                Progressing,
                id="plan at work",
            ),
            pytest.param(
                KAFKA,
                {"subscriptions": [subscription(currentCSV="amq.v2")], "versions": [version("amq.v2")]},
                Progressing,
                id="version there, not noted in the Subscription",
            ),
            pytest.param(
                KAFKA,
                {
                    "subscriptions": [subscription(currentCSV="amq.v2", installedCSV="amq.v2")],
                    "versions": [version("amq.v2")],
                },
                Progressing,
                id="succeeded, definition not served",
            ),
            pytest.param(
                KAFKA,
                {
                    "subscriptions": [subscription(currentCSV="amq.v2", installedCSV="amq.v2")],
                    "versions": [version("amq.v2")],
                    "established": {"amq.v2.crd"},
                },
                Installed,
                id="done",
            ),
            pytest.param(
                PINNED,
                {
                    "subscriptions": [subscription(currentCSV="amq.v3", installedCSV="amq.v2", state="UpgradePending")],
                    "versions": [version("amq.v2")],
                    "plans": [plan("p", "amq.v3")],
                    "established": {"amq.v2.crd"},
                },
                Installed,
                id="pinned, with a later upgrade waiting",
            ),
            pytest.param(
                KAFKA,
                {
                    "subscriptions": [subscription(currentCSV="amq.v3", installedCSV="amq.v2")],
                    "versions": [version("amq.v2")],
                    "plans": [plan("p", "amq.v3")],
                    "established": {"amq.v2.crd"},
                },
                Installed,
                id="an upgrade that nobody asked for waits for approval",
            ),
            pytest.param(
                KAFKA,
                {
                    "subscriptions": [subscription(currentCSV="amq.v3", installedCSV="amq.v2")],
                    "versions": [version("amq.v2")],
                    "plans": [plan("p", "amq.v3", approved=True, phase="Installing")],
                    "established": {"amq.v2.crd"},
                },
                Progressing,
                id="an upgrade is at work",
            ),
            pytest.param(
                KAFKA,
                {"subscriptions": [subscription(failure="ErrorPreventedResolution: rpc error")]},
                Progressing,
                id="an error of the resolver is retried",
            ),
        ],
    )
    def test_states(self, operator: Operator, parts: Any, expected: type) -> None:
        assert type(step(operator, **parts)) is expected

    @pytest.mark.parametrize(
        ("operator", "parts", "words"),
        [
            pytest.param(
                KAFKA,
                {"subscriptions": [subscription(failure="ConstraintsNotSatisfiable: no operators found")]},
                ["ConstraintsNotSatisfiable", "no operators found"],
                id="resolution",
            ),
            pytest.param(
                KAFKA,
                {
                    "subscriptions": [
                        subscription(
                            failure="ConstraintsNotSatisfiable: no X referenced by subscription other, other exists"
                        )
                    ]
                },
                ["Subscription other blocks the whole namespace"],
                id="a neighbour's bad pin",
            ),
            pytest.param(
                KAFKA,
                {
                    "subscriptions": [subscription(failure="ErrorPreventedResolution: rpc error")],
                    "catalogs": [catalog(), catalog("community", "TRANSIENT_FAILURE")],
                },
                ["community (not needed by this operator) blocks every resolution"],
                id="an unrelated catalogue",
            ),
            pytest.param(
                KAFKA,
                {
                    "subscriptions": [subscription(failure="ConstraintsNotSatisfiable: x")],
                    "versions": [version("amq.v1")],
                },
                ["oc delete csv amq.v1"],
                id="an orphan under a Subscription",
            ),
            pytest.param(
                KAFKA,
                {"subscriptions": [subscription(currentCSV="amq.v2")], "plans": [plan("p", "amq.v2", phase="Failed")]},
                ["install plan p failed", "oc delete installplan p"],
                id="failed plan",
            ),
            pytest.param(
                PINNED,
                {"subscriptions": [subscription(currentCSV="amq.v3", installedCSV="amq.v3")]},
                ["newer than the pinned amq.v2"],
                id="no way back",
            ),
            pytest.param(
                PINNED,
                {"subscriptions": [subscription(currentCSV="amq.v2", installedCSV="amq.v1")]},
                ["amq.v1 is installed, pinned is amq.v2; set upgrade: true"],
                id="no upgrade without being asked",
            ),
            pytest.param(
                replace(PINNED, upgrade=True),
                {"subscriptions": [subscription(currentCSV="amq.v3", installedCSV="amq.v1")]},
                ["past the pinned amq.v2"],
                id="the channel leads past the pin",
            ),
        ],
    )
    def test_failures(self, operator: Operator, parts: Any, words: list[str]) -> None:
        verdict = step(operator, **parts)
        assert isinstance(verdict, Failed)
        assert [word for word in words if word not in verdict.reason] == []

    @pytest.mark.parametrize(
        ("reason", "at_once"),
        [
            ("UnsupportedOperatorGroup", True),
            ("TooManyOperatorGroups", True),
            ("InterOperatorGroupOwnerConflict", True),
            ("InvalidInstallStrategy", True),
            ("InstallComponentFailed", False),
            ("InstallCheckFailed", False),
            ("NoOperatorGroup", False),
        ],
    )
    def test_a_failed_version_is_given_up_at_once_only_when_olm_does_not_heal_it(
        self, reason: str, at_once: bool
    ) -> None:
        live = subscription(currentCSV="amq.v2", installedCSV="amq.v2")
        verdict = step(KAFKA, subscriptions=[live], versions=[version("amq.v2", "Failed", reason)])
        assert isinstance(verdict, Failed)
        assert (verdict.after == 0) is at_once

    @pytest.mark.parametrize(
        ("env", "updated", "expected"),
        [
            ([], 1, Progressing),
            ([{"name": "ISTIO_ENABLED", "value": "false"}], 1, Progressing),
            ([{"name": "ISTIO_ENABLED", "value": "true"}], 0, Progressing),
            ([{"name": "OTHER", "value": "1"}, {"name": "ISTIO_ENABLED", "value": "true"}], 1, Installed),
        ],
    )
    def test_environment_must_be_at_work(self, env: Any, updated: int, expected: type) -> None:
        operator = replace(KAFKA, config={"env": [{"name": "ISTIO_ENABLED", "value": "true"}]})
        verdict = step(
            operator,
            subscriptions=[subscription(currentCSV="amq.v2", installedCSV="amq.v2")],
            versions=[version("amq.v2")],
            established={"amq.v2.crd"},
            deployments=[deployment(env, updated)],
        )
        assert type(verdict) is expected


class TestPlans:
    LIVE = subscription("amq", currentCSV="amq.v2")
    OTHER = subscription("mesh", currentCSV="mesh.v1")

    def test_a_plan_of_this_task_alone_is_approved(self) -> None:
        verdict = step(KAFKA, MESH, subscriptions=[self.LIVE, self.OTHER], plans=[plan("p", "amq.v2", "mesh.v1")])
        assert isinstance(verdict, Write)
        assert (verdict.obj["metadata"]["name"], verdict.body) == ("p", {"spec": {"approved": True}})

    def test_what_an_earlier_task_of_ours_requested_is_no_stranger(self) -> None:
        parts = {"subscriptions": [self.LIVE, self.OTHER], "plans": [plan("p", "amq.v2", "mesh.v1")]}
        assert isinstance(step(KAFKA, **parts), Write)

    @pytest.mark.parametrize(
        ("neighbour", "stranger"),
        [
            pytest.param(subscription("mesh", ours=False, currentCSV="mesh.v1"), "mesh.v1", id="requested by others"),
            pytest.param(
                subscription("mesh", currentCSV="mesh.v2", installedCSV="mesh.v1"), "mesh.v2", id="upgrade of ours"
            ),
            pytest.param(
                subscription("mesh", {"startingCSV": "mesh.v1", "installPlanApproval": "Manual"}, currentCSV="mesh.v2"),
                "mesh.v2",
                id="not the version that we pinned",
            ),
        ],
    )
    def test_a_stranger_stops_the_approval(self, neighbour: Object, stranger: str) -> None:
        verdict = step(KAFKA, subscriptions=[self.LIVE, neighbour], plans=[plan("p", "amq.v2", stranger)])
        assert isinstance(verdict, Failed)
        assert stranger in verdict.reason
        assert "oc patch installplan p -n operators" in verdict.reason

    def test_nothing_is_a_stranger_before_olm_has_named_all_versions_of_the_task(self) -> None:
        parts = {"subscriptions": [self.LIVE, subscription("mesh")], "plans": [plan("p", "amq.v2", "mesh.v1")]}
        assert isinstance(step(KAFKA, MESH, **parts), Progressing)

    def test_an_upgrade_is_approved_only_when_asked_for(self) -> None:
        live = subscription(currentCSV="amq.v2", installedCSV="amq.v1")
        parts = {"subscriptions": [live], "plans": [plan("p", "amq.v2")], "versions": [version("amq.v1")]}
        assert isinstance(step(replace(PINNED, upgrade=True), **parts), Write)
        assert isinstance(step(replace(KAFKA, upgrade=True), **parts), Write)
        assert not isinstance(step(KAFKA, **parts), Write)

    def test_the_newest_plan_counts_wherever_the_subscription_points(self) -> None:
        old, new = plan("old", "amq.v2"), plan("new", "amq.v2", "mesh.v1", generation=2)
        assert plan_for("amq.v2", [new, old]) is plan_for("amq.v2", [old, new]) is new
        assert plan_for("amq.v9", [new, old]) is None

    def test_releases_are_ordered_by_number(self) -> None:
        names = ["amqstreams.v2.2.0-4", "amqstreams.v2.10.0-1", "amqstreams.v2.2.0-3", "cluster-logging.5.5.5"]
        assert sorted(names[:3], key=release) == [names[2], names[0], names[1]]
        assert release(names[3]) == (5, 5, 5)


def test_configuration_of_others_survives_ours() -> None:
    live = {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}], "nodeSelector": {"infra": ""}}
    assert merged_config(live, {"env": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}]}) == {
        "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "3"}, {"name": "C", "value": "4"}],
        "nodeSelector": {"infra": ""},
    }


@pytest.mark.parametrize(
    ("label", "home", "others", "kinds"),
    [
        (MANAGED_BY, True, [], ["Subscription", "ClusterServiceVersion", "OperatorGroup", "Namespace"]),
        (MANAGED_BY, False, [], ["Subscription", "ClusterServiceVersion", "OperatorGroup"]),
        ({}, False, [], ["Subscription", "ClusterServiceVersion"]),
        (MANAGED_BY, True, [subscription("mesh")], ["Subscription", "ClusterServiceVersion"]),
    ],
)
def test_removal_takes_what_is_ours_in_order(label: Any, home: bool, others: list[Object], kinds: list[str]) -> None:
    live = subscription(currentCSV="amq.v3", installedCSV="amq.v2")
    copied = version("other.v1", labels={"olm.copiedFrom": "elsewhere"})
    ours = named("g", metadata={"labels": dict(label)})
    seen = world(subscriptions=[live, *others], versions=[version("amq.v2"), copied], groups=[ours], ours=home)
    assert [write.obj["kind"] for write in remove([KAFKA], seen)] == kinds


def test_removal_leaves_what_somebody_else_requested_unless_forced() -> None:
    live = subscription(ours=False, currentCSV="amq.v2", installedCSV="amq.v2")
    seen = world(subscriptions=[live], versions=[version("amq.v2")])
    assert remove([KAFKA], seen) == []
    assert [w.obj["kind"] for w in remove([KAFKA], seen, force=True)] == ["Subscription", "ClusterServiceVersion"]


ELSEWHERE = subscription(ours=False) | {"metadata": {"name": "amq", "namespace": "elsewhere"}}
FOR_ALL: Object = {"metadata": {"name": "global", "namespace": "elsewhere"}, "spec": {}}


class TestAdoption:
    def test_what_serves_all_namespaces_elsewhere_is_used_as_it_is(self) -> None:
        found = adopt(replace(PINNED, config={"env": []}), [ELSEWHERE], [FOR_ALL])
        assert (found.namespace, found.adopted, found.config) == ("elsewhere", True, {"env": []})
        assert (found.channel, found.source, found.approval, found.starting_csv) == (None, None, None, None)

    def test_what_somebody_installed_where_it_is_wanted_stays_as_it_is(self) -> None:
        pinned = replace(PINNED, target_namespaces=(NAMESPACE,))
        found = adopt(pinned, [ELSEWHERE, subscription(ours=False)], [FOR_ALL])
        assert (found.namespace, found.adopted, found.starting_csv) == (NAMESPACE, True, None)

    def test_an_alternative_is_used_under_its_own_name(self) -> None:
        strimzi = {**ELSEWHERE, "spec": {"name": "strimzi"}}
        assert adopt(replace(KAFKA, alternatives=("strimzi",)), [strimzi], [FOR_ALL]).name == "strimzi"
        assert adopt(KAFKA, [strimzi], [FOR_ALL]) is KAFKA

    @pytest.mark.parametrize(
        ("operator", "subscriptions", "group"),
        [
            pytest.param(KAFKA, [], FOR_ALL, id="nothing there"),
            pytest.param(KAFKA, [ELSEWHERE, subscription()], FOR_ALL, id="ours is where it is wanted"),
            pytest.param(
                KAFKA, [ELSEWHERE], {**FOR_ALL, "spec": {"targetNamespaces": ["elsewhere"]}}, id="serves only itself"
            ),
            pytest.param(replace(KAFKA, target_namespaces=(NAMESPACE,)), [ELSEWHERE], FOR_ALL, id="wanted for itself"),
        ],
    )
    def test_nothing_else_is_adopted(self, operator: Operator, subscriptions: list[Object], group: Object) -> None:
        assert adopt(operator, subscriptions, [group]) is operator


@pytest.mark.parametrize(
    ("namespace", "expected"),
    [
        pytest.param("seldon-operator-kafka", "seldon-openshift-seldon-operator-kafka", id="usual"),
        pytest.param("a" * 63, "seldon-openshift-" + "a" * 46, id="as long as a label's value"),
        pytest.param("b" * 45 + "-" + "c" * 17, "seldon-openshift-" + "b" * 45, id="cut at a hyphen"),
    ],
)
def test_a_group_is_named_by_its_namespace(namespace: str, expected: str) -> None:
    assert group_name(namespace) == expected
