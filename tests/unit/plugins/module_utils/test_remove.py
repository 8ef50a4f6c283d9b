"""What may be deleted, and what never is: by name, by inference, and while somebody writes."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.remove import OWNER_LABEL, prune, remove_set
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError

from tests.unit.apiserver import ApiServer, managed
from tests.unit.clock import Clock

Object = dict[str, Any]
CRDS = "apiextensions.k8s.io/v1"
PROJECTS = "project.openshift.io/v1"
OWNER = "team"

pytestmark = pytest.mark.usefixtures("clock")


def obj(kind: str, name: str, namespace: str | None = "n", api_version: str = "v1", **metadata: Any) -> Object:
    where = {"namespace": namespace} if namespace else {}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, **where, **metadata},
        "data": {"a": "b"},
    }


def ours(kind: str, name: str, namespace: str | None = "n", api_version: str = "v1", **metadata: Any) -> Object:
    """Return an object that an earlier set of the same owner applied."""
    return managed(obj(kind, name, namespace, api_version, labels={OWNER_LABEL: OWNER}, **metadata))


def deadline() -> float:
    return time.monotonic() + 60


def pruned(server: ApiServer, *kept: Object) -> list[str]:
    outcomes = prune(server, OWNER, list(kept), deadline(), [].append)
    assert {outcome.action for outcome in outcomes} <= {"pruned"}
    return sorted(outcome.obj["metadata"]["name"] for outcome in outcomes)


def test_what_a_set_no_longer_holds_is_pruned() -> None:
    kept, stray, elsewhere = ours("ConfigMap", "kept"), ours("ConfigMap", "stray"), ours("Secret", "elsewhere", "other")
    server = ApiServer(kept, stray, elsewhere)
    assert pruned(server, kept) == ["elsewhere", "stray"]
    assert server.names("ConfigMap") == ["kept"]
    assert server.names("Secret") == []


@pytest.mark.parametrize(
    "never",
    [
        ours("Namespace", "whole", None),
        ours("Project", "whole", None, PROJECTS),
        ours("CustomResourceDefinition", "things.example.com", None, CRDS),
    ],
    ids=lambda each: each["kind"],
)
@pytest.mark.parametrize("also_kept", [True, False])
def test_what_holds_other_things_is_never_pruned(never: Object, also_kept: bool) -> None:
    server = ApiServer(never)
    kept = [obj(never["kind"], "another", None, never["apiVersion"])] if also_kept else []
    assert pruned(server, *kept) == []
    assert server.held(never)
    assert server.writes == []


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param(
            obj("ConfigMap", "x", labels={OWNER_LABEL: OWNER}), id="labelled by somebody who did not apply it"
        ),
        pytest.param(ours("ConfigMap", "x", ownerReferences=[{"uid": "1"}]), id="made by a controller"),
        pytest.param(managed(obj("ConfigMap", "x", labels={OWNER_LABEL: "another"})), id="of another owner"),
        pytest.param(managed(obj("ConfigMap", "x")), id="of no owner"),
        pytest.param(ours("Pod", "x"), id="a pod"),
    ],
)
def test_what_another_made_is_not_pruned(foreign: Object) -> None:
    server = ApiServer(foreign)
    assert pruned(server) == []
    assert server.held(foreign)


def test_an_object_is_the_same_in_another_version_of_its_group() -> None:
    held = ours("Gateway", "g", api_version="networking.istio.io/v1alpha3")
    server = ApiServer(held)
    assert pruned(server, obj("Gateway", "g", api_version="networking.istio.io/v1beta1")) == []
    assert server.held(held)


@pytest.mark.parametrize(
    "twin",
    [ours("Service", "kept", "other"), ours("Secret", "kept"), ours("Service", "kept", "n", "serving.knative.dev/v1")],
    ids=["namespace", "kind", "group"],
)
def test_a_namesake_of_another_namespace_kind_or_group_is_pruned(twin: Object) -> None:
    kept = ours("Service", "kept")
    server = ApiServer(kept, twin)
    assert pruned(server, kept) == ["kept"]
    assert server.held(kept)
    assert server.held(twin) is None


@pytest.mark.parametrize(("status", "ends"), [(403, False), (405, False), (500, True)])
def test_a_kind_that_may_not_be_listed_holds_nothing_of_ours(status: int, ends: bool) -> None:
    def refuse(_method: str, path: str) -> None:
        if path.endswith("/secrets"):
            raise ApiError(status)

    server = ApiServer(ours("ConfigMap", "stray"))
    server.before_request = refuse
    if ends:
        with pytest.raises(ApiError):
            pruned(server)
        assert server.names("ConfigMap") == ["stray"]
    else:
        assert pruned(server) == ["stray"]


def test_removal_goes_backwards_and_ends_when_all_are_gone() -> None:
    namespace, account, binding = (
        obj("Namespace", "n", None),
        obj("ServiceAccount", "a"),
        obj("RoleBinding", "b", api_version="rbac.authorization.k8s.io/v1"),
    )
    server = ApiServer(namespace, account, binding)
    outcomes = remove_set(server, [namespace, account, binding], deadline(), [].append)
    assert [outcome.action for outcome in outcomes] == ["deleted"] * 3
    assert [path.rpartition("/")[2] for method, path in server.requests if method == "DELETE"] == ["b", "a", "n"]
    assert not any(map(server.held, (namespace, account, binding)))


def test_what_stays_is_a_failure_that_names_its_finalizers(clock: Clock) -> None:
    stuck = obj("ConfigMap", "stuck", finalizers=["example.com/hold"])
    (outcome,) = remove_set(ApiServer(stuck), [stuck], deadline(), [].append)
    assert outcome.action == "failed"
    assert "example.com/hold" in outcome.message
    assert 55 < clock.slept < 70


def test_an_object_that_came_in_its_place_is_not_waited_for() -> None:
    first = obj("ConfigMap", "x")
    server = ApiServer(first, lingers=0)

    def come_back(method: str, _path: str) -> None:
        if method == "GET" and ("DELETE", "/api/v1/namespaces/n/configmaps/x") in server.requests:
            server.put({**first, "metadata": {**first["metadata"], "uid": "another"}})

    server.before_request = come_back
    (outcome,) = remove_set(server, [first], deadline(), [].append)
    assert outcome.action == "deleted"
    assert (server.held(first) or {})["metadata"]["uid"] == "another"


def test_what_was_made_again_between_reading_and_deleting_is_read_again() -> None:
    first, again = obj("ConfigMap", "x"), obj("ConfigMap", "x", uid="again")
    server = ApiServer(first, lingers=0)

    def swap(method: str, _path: str) -> None:
        if method == "DELETE" and len(server.writes) == 1:
            server.put(again)

    server.before_request = swap
    (outcome,) = remove_set(server, [first], deadline(), [].append)
    assert (outcome.action, (outcome.before or {})["metadata"]["uid"]) == ("deleted", "again")
    assert [method for method, _path in server.requests][:4] == ["GET", "DELETE", "GET", "DELETE"]


def test_what_was_gone_when_it_was_read_again_was_deleted() -> None:
    there = obj("ConfigMap", "x")
    server = ApiServer(there, lingers=0)

    def conflict(method: str, _path: str) -> None:
        if method == "DELETE":
            server.drop(there)
            raise ApiError(409, "Conflict")

    server.before_request = conflict
    (outcome,) = remove_set(server, [there], deadline(), [].append)
    assert (outcome.action, outcome.changed) == ("deleted", True)


def test_check_mode_foresees_a_removal_and_waits_for_nothing(clock: Clock) -> None:
    there = obj("ConfigMap", "x")
    server = ApiServer(there, check_mode=True)
    outcomes = remove_set(server, [there, obj("ConfigMap", "y")], deadline(), [].append)
    assert [outcome.action for outcome in outcomes] == ["deleted", "absent"]
    assert server.held(there)
    assert clock.slept == 0
