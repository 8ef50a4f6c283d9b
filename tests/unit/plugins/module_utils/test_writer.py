"""Whose fields an apply takes: what people changed comes back, controllers keep theirs, the rest needs consent."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome, summary
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy, fields_of, may_take
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import DEPLOYMENT, ELASTICSEARCH

from tests.unit.apiserver import ApiServer, held_by, managed

Object = dict[str, Any]
REPLICAS = {"f:spec": {"f:replicas": {}}}
IMAGE = {"f:spec": {"f:image": {}}}
HEAL, REFUSE, FORCE = Policy(), Policy("refuse"), Policy("force")
ADOPT = Policy(adopt=True)

pytestmark = pytest.mark.usefixtures("clock")


def obj(**spec: Any) -> Object:
    metadata = {"name": "x", "namespace": "n"}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": spec or {"replicas": 2, "image": "a"},
    }


def changed_by(manager: str, fields: Object, **spec: Any) -> Object:
    """Return our object after `manager` has written some fields of it."""
    return held_by(manager, {**managed(obj()), "spec": {"replicas": 2, "image": "a", **spec}}, fields)


def apply(server: ApiServer, policy: Policy = HEAL, wanted: Object | None = None) -> Outcome:
    (outcome,) = apply_set(server, [wanted or obj()], policy, time.monotonic() + 60, [].append)
    return outcome


def fates(outcome: Outcome) -> dict[str, tuple[str, str]]:
    return {change.field: (change.fate, change.manager) for change in outcome.fields}


@pytest.mark.parametrize(
    "manager",
    [
        *("kubectl-patch", "kubectl-edit", "kubectl-client-side-apply", "kubectl", "oc", "Mozilla", "helm"),
        *("OpenAPI-Generator", "k9s", "kubectl-scale", "before-first-apply", "seldon.openshift"),
    ],
)
def test_a_client_of_people_may_be_taken_from(manager: str) -> None:
    assert may_take(manager, DEPLOYMENT)


@pytest.mark.parametrize(
    "manager",
    [
        *("kube-controller-manager", "manager", "argocd-controller", "elastic-operator", "openshift-kubectl-x"),
        *("occ", "helm-controller", "cluster-version-operator", "", "Mozillas"),
    ],
)
def test_a_controller_may_not(manager: str) -> None:
    assert not may_take(manager, DEPLOYMENT)


def test_an_operator_that_only_completes_its_own_objects_may_be_taken_from() -> None:
    assert may_take("elastic-operator", ELASTICSEARCH)
    assert not may_take("elastic-operator", DEPLOYMENT)


def test_what_people_changed_is_taken_back_and_told_from_whom() -> None:
    server = ApiServer(changed_by("kubectl-patch", REPLICAS, replicas=5))
    outcome = apply(server)
    assert (outcome.action, fates(outcome)) == ("updated", {".spec.replicas": ("taken_back", "kubectl-patch")})
    assert (server.held(obj()) or {})["spec"] == {"replicas": 2, "image": "a"}
    told = summary([outcome])
    assert ".spec.replicas from kubectl-patch" in told["results"][0]["message"]
    assert "taken back: .spec.replicas from kubectl-patch" in told["diff"][0]["before_header"]
    assert told["results"][0]["fields"] == [
        {"field": ".spec.replicas", "live": "5", "wanted": "2", "manager": "kubectl-patch", "fate": "taken_back"}
    ]
    assert apply(server).action == "unchanged"
    assert len(server.writes) == 2


def test_what_a_controller_holds_is_left_and_told_every_time() -> None:
    server = ApiServer(changed_by("kube-controller-manager", REPLICAS, replicas=5))
    for _again in range(2):
        outcome = apply(server)
        assert (outcome.action, fates(outcome)) == (
            "unchanged",
            {".spec.replicas": ("left", "kube-controller-manager")},
        )
        (warning,) = summary([outcome])["warnings"]
        assert all(word in warning for word in ("Deployment n/x", ".spec.replicas", "kube-controller-manager", "force"))
    assert (server.held(obj()) or {})["spec"]["replicas"] == 5


def test_beside_what_a_controller_holds_the_rest_is_put_right() -> None:
    live = held_by("kubectl-edit", changed_by("hpa", REPLICAS, replicas=5, image="b"), IMAGE)
    server = ApiServer(live)
    outcome = apply(server)
    assert fates(outcome) == {".spec.replicas": ("left", "hpa"), ".spec.image": ("taken_back", "kubectl-edit")}
    assert (server.held(obj()) or {})["spec"] == {"replicas": 5, "image": "a"}
    assert apply(server).action == "unchanged"


def test_a_value_that_we_changed_ourselves_is_applied_although_a_controller_holds_it_as_well() -> None:
    live = managed(obj())
    live["metadata"]["managedFields"].append({"manager": "operator", "operation": "Update", "fieldsV1": REPLICAS})
    server = ApiServer(live)
    assert apply(server, wanted=obj(replicas=3, image="a")).action == "updated"
    assert (server.held(obj()) or {})["spec"]["replicas"] == 3


EXPLICIT = Policy(explicit=(".spec.replicas",))


def test_what_is_given_explicitly_is_taken_from_a_controller_and_told() -> None:
    server = ApiServer(changed_by("operator", REPLICAS, replicas=5))
    outcome = apply(server, EXPLICIT)
    assert (outcome.action, fates(outcome)) == ("updated", {".spec.replicas": ("taken", "operator")})
    told = summary([outcome])
    assert "warnings" not in told
    assert "explicitly: .spec.replicas from operator" in told["results"][0]["message"]
    assert "explicitly: .spec.replicas from operator" in told["diff"][0]["before_header"]
    assert apply(server, EXPLICIT).action == "unchanged"


def test_check_mode_tells_what_would_be_taken() -> None:
    live = changed_by("operator", REPLICAS, replicas=5)
    assert fates(apply(ApiServer(live, check_mode=True), EXPLICIT)) == {".spec.replicas": ("taken", "operator")}


def test_what_is_not_given_is_left_beside_it() -> None:
    server = ApiServer(held_by("operator", changed_by("hpa", REPLICAS, replicas=5, image="b"), IMAGE))
    assert fates(apply(server, EXPLICIT)) == {".spec.replicas": ("taken", "hpa"), ".spec.image": ("left", "operator")}


def test_from_a_person_it_is_taken_back_and_refuse_refuses() -> None:
    server = ApiServer(changed_by("kubectl-patch", REPLICAS, replicas=5))
    assert apply(server, Policy("refuse", explicit=(".spec.replicas",))).action == "failed"
    assert fates(apply(server, EXPLICIT)) == {".spec.replicas": ("taken_back", "kubectl-patch")}


def test_an_object_that_is_adopted_gets_what_is_explicit() -> None:
    server = ApiServer(held_by("operator", obj(replicas=5, image="b"), REPLICAS))
    assert fates(apply(server, Policy(adopt=True, explicit=(".spec.replicas",))))[".spec.replicas"] == (
        "taken",
        "operator",
    )


@pytest.mark.parametrize(
    ("given", "field", "explicit"),
    [
        ({"spec": {"ha": {"enabled": False}}}, ".spec.ha.enabled", True),
        ({"spec": {"ha": {"enabled": True}}}, ".spec.ha", True),
        ({"spec": {"ha": {"enabled": True}}}, ".spec.harbour", False),
        ({"spec": {"ha": {}, "hb": None}}, ".spec.ha.enabled", False),
        ({"spec": {"parts": [{"name": "p", "size": 1}]}}, '.spec.parts[name="p"].size', True),
        ({"spec": {"config": {"a.b/c": "1"}}}, ".spec.config.a.b/c", True),
        ({}, ".spec", False),
    ],
)
def test_which_fields_are_explicit(given: Object, field: str, explicit: bool) -> None:
    assert Policy(explicit=tuple(fields_of(given))).is_explicit(field) == explicit


@pytest.mark.parametrize("manager", ["kubectl-patch", "hpa"])
def test_refuse_changes_nothing_and_names_all(manager: str) -> None:
    server = ApiServer(changed_by(manager, REPLICAS, replicas=5))
    outcome = apply(server, REFUSE)
    assert outcome.action == "failed"
    assert all(word in outcome.message for word in (".spec.replicas", manager, "seldon_conflicts=force"))
    assert (server.held(obj()) or {})["spec"]["replicas"] == 5


@pytest.mark.parametrize("manager", ["kubectl-patch", "hpa"])
def test_force_takes_all(manager: str) -> None:
    server = ApiServer(changed_by(manager, REPLICAS, replicas=5))
    assert apply(server, FORCE).action == "updated"
    assert (server.held(obj()) or {})["spec"]["replicas"] == 2


@pytest.mark.parametrize("policy", [HEAL, REFUSE])
def test_an_object_that_we_never_applied_needs_consent(policy: Policy) -> None:
    server = ApiServer(held_by("kubectl-client-side-apply", obj(replicas=5, image="a"), REPLICAS))
    outcome = apply(server, policy)
    assert (outcome.action, fates(outcome)) == ("failed", {".spec.replicas": ("refused", "kubectl-client-side-apply")})
    assert all(word in outcome.message for word in (".spec.replicas", "seldon.openshift.adopt", "seldon_adopt=true"))
    assert (server.held(obj()) or {})["spec"]["replicas"] == 5
    assert server.names("ConfigMap") == []


@pytest.mark.parametrize("policy", [ADOPT, FORCE])
def test_with_consent_it_is_changed_and_what_it_was_is_kept(policy: Policy) -> None:
    theirs = held_by("kubectl-client-side-apply", obj(replicas=5, image="a", more="kept"), REPLICAS)
    server = ApiServer(theirs)
    outcome = apply(server, policy)
    assert (outcome.action, outcome.changed) == ("updated", True)
    assert (server.held(obj()) or {})["spec"] == {"replicas": 2, "image": "a", "more": "kept"}
    assert server.names("ConfigMap") == ["deployment-x-before-seldon"]
    copy = server.held(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "deployment-x-before-seldon", "namespace": "n"}}
    )
    assert "replicas: 5" in (copy or {})["data"]["object.yaml"]
    assert apply(server).action == "unchanged"


def test_a_controllers_fields_are_left_to_it_when_an_object_is_adopted() -> None:
    server = ApiServer(held_by("hpa", obj(replicas=5, image="b"), REPLICAS))
    outcome = apply(server, ADOPT)
    assert fates(outcome)[".spec.replicas"] == ("left", "hpa")
    assert (server.held(obj()) or {})["spec"] == {"replicas": 5, "image": "a"}


def test_check_mode_tells_of_consent_and_writes_nothing() -> None:
    theirs = held_by("kubectl-client-side-apply", obj(replicas=5, image="a"), REPLICAS)
    server = ApiServer(theirs, check_mode=True)
    assert apply(server).action == "failed"
    assert apply(server, ADOPT).action == "updated"
    assert (server.held(obj()) or {})["spec"]["replicas"] == 5
    assert server.names("ConfigMap") == []


def test_adding_labels_and_annotations_needs_no_consent() -> None:
    server = ApiServer(obj())
    wanted = obj()
    wanted["metadata"]["labels"] = {"a": "b"}
    assert apply(server, wanted=wanted).action == "updated"
    assert (server.held(obj()) or {})["metadata"]["labels"] == {"a": "b"}
    assert server.names("ConfigMap") == []


def test_a_label_of_others_with_another_value_needs_consent() -> None:
    theirs, wanted = obj(), obj()
    theirs["metadata"]["labels"], wanted["metadata"]["labels"] = {"a": "theirs"}, {"a": "ours"}
    assert apply(ApiServer(theirs), wanted=wanted).action == "failed"


def test_the_same_in_other_words_is_no_conflict() -> None:
    limits = {"f:spec": {"f:limits": {"f:cpu": {}}}}
    theirs = held_by("kubectl-client-side-apply", obj(limits={"cpu": "1000m"}), limits)
    server = ApiServer(theirs)
    wanted = obj(limits={"cpu": 1})
    assert apply(server, wanted=wanted).action == "unchanged"
    assert apply(server, wanted=wanted).action == "unchanged"
    assert len(server.writes) == 2  # the first one: a dry run, and the apply
    assert (server.held(obj()) or {})["spec"] == {"limits": {"cpu": "1000m"}}


def test_an_object_of_others_is_not_made_anew_without_consent() -> None:
    server = ApiServer(obj())
    outcome = apply_set(server, [obj()], HEAL, time.monotonic() + 60, [].append, lambda _live: "it is lost")[0]
    assert outcome.action == "unchanged"
    assert "DELETE" not in [method for method, _path in server.requests]
