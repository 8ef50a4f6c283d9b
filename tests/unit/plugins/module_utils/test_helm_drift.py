"""What became of the objects that Helm wrote: what differs, who did it, and the patch that mends it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.helm.drift import as_helm_writes, drift, is_sure, mended

Object = dict[str, Any]
LABELS = {"app.kubernetes.io/managed-by": "Helm"}
OWNER = {"meta.helm.sh/release-name": "r", "meta.helm.sh/release-namespace": "n"}


def deployment(**spec: Any) -> Object:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "n"}, "spec": spec}


def live(obj: Object, **managers: Object) -> Object:
    """Return an object as the server holds it; managers: name with `__` for `-`, and what it holds."""
    written = as_helm_writes(copy.deepcopy(obj), "r", "n")
    entries = [
        {"manager": name.replace("__", "-"), "operation": "Update", "fieldsV1": fields}
        for name, fields in managers.items()
    ]
    written["metadata"] |= {"uid": "u", "resourceVersion": "1", "managedFields": entries}
    return written


def found(wanted: Object, there: Object) -> list[tuple[str, str, str]]:
    """Return path, manager and fate of each difference."""
    return [(each.field, each.manager, each.fate) for each in drift(as_helm_writes(wanted, "r", "n"), there)]


def spec(**fields: Any) -> Object:
    return {"f:spec": {f"f:{name}": each for name, each in fields.items()}}


@pytest.mark.parametrize(
    ("manager", "fate"),
    [
        ("kubectl__patch", "taken_back"),
        ("oc", "taken_back"),
        ("Mozilla", "taken_back"),
        ("OpenAPI__Generator", "taken_back"),
        ("kube__controller__manager", "left"),
        ("keda__operator", "left"),
        ("helm__controller", "left"),
    ],
)
def test_who_changed_a_field_decides_its_fate(manager: str, fate: str) -> None:
    there = live(deployment(replicas=3), helm=spec(paused={}), **{manager: spec(replicas={})})
    assert found(deployment(replicas=1), there) == [(".spec.replicas", manager.replace("__", "-"), fate)]


@pytest.mark.parametrize("manager", ["helm", "helm3", "Helm", "helm__v3.14", "helm.exe", "seldon.openshift"])
def test_what_helm_still_holds_is_as_helm_wrote_it(manager: str) -> None:
    """In the words of the server, or of a webhook."""
    there = live(deployment(strategy="Recreate", replicas=2), **{manager: spec(strategy={}, replicas={})})
    assert found(deployment(strategy="recreate", replicas="2"), there) == []


def test_who_holds_a_mapping_without_its_keys_does_not_hold_these() -> None:
    """So the server writes it once others have taken all keys."""
    there = live(deployment(limits={"cpu": "2"}), helm=spec(limits={}), kubectl__set=spec(limits={"f:cpu": {}}))
    assert found(deployment(limits={"cpu": "1"}), there) == [(".spec.limits.cpu", "kubectl-set", "taken_back")]


def test_the_replicas_that_kubectl_scaled_are_held_through_a_subresource() -> None:
    there = live(deployment(replicas=3), kubectl=spec(replicas={}))
    there["metadata"]["managedFields"][0]["subresource"] = "scale"
    assert found(deployment(replicas=1), there) == [(".spec.replicas", "kubectl", "taken_back")]


@pytest.mark.parametrize(
    "wanted",
    [
        {"nodeSelector": {}},
        {"command": None},
        {"tolerations": []},
        {"serviceName": ""},
        {"affinity": {"nodeAffinity": {}}},
        {"resources": {"limits": {"cpu": "1000m", "memory": "4096Mi"}}},
    ],
)
def test_what_says_nothing_or_the_same_is_no_difference(wanted: Object) -> None:
    there = live(deployment(resources={"limits": {"cpu": "1", "memory": "4Gi"}}), kubectl={})
    assert found(deployment(**wanted), there) == []


def test_what_the_cluster_adds_is_no_difference() -> None:
    there = live(deployment(replicas=1, progressDeadlineSeconds=600), helm=spec(replicas={}))
    there["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "3"
    there["status"] = {"replicas": 1}
    wanted = {**deployment(replicas=1), "status": {"replicas": 9}}
    wanted["metadata"] = {**wanted["metadata"], "creationTimestamp": None}
    assert found(wanted, there) == []


@pytest.mark.parametrize(
    ("path", "where"),
    [("labels", LABELS), ("annotations", OWNER)],
    ids=["the label of Helm", "the owner of the release"],
)
def test_what_helm_puts_on_all_objects_counts(path: str, where: Object) -> None:
    there = live(deployment())
    del there["metadata"][path]
    # All of it is gone, so that it is one field.
    assert found(deployment(), there) == [(f".metadata.{path}", "", "added")]
    assert where


def containers(*env: Object, **more: Any) -> Object:
    return deployment(containers=[{"name": "c", "env": list(env), **more}])


A, B = {"name": "A", "value": "1"}, {"name": "B", "value": "2"}
ITEM = 'k:{"name":"c"}'


def env(*names: str) -> Object:
    items = {f'k:{{"name":"{name}"}}': {".": {}, "f:name": {}, "f:value": {}} for name in names}
    return spec(containers={ITEM: {"f:env": items}})


def test_an_environment_is_compared_by_names_and_its_order_is_nobodys() -> None:
    assert found(containers(A, B), live(containers(B, A), kubectl=env())) == []
    there = live(containers(B, {"name": "A", "value": "9"}), kubectl__set=env("A"))
    assert found(containers(A, B), there) == [
        ('.spec.containers[name="c"].env[name="A"].value', "kubectl-set", "taken_back")
    ]
    assert found(containers(A, B), live(containers(A))) == [('.spec.containers[name="c"].env[name="B"]', "", "added")]


def test_what_people_add_to_a_list_is_told_and_what_controllers_add_is_not() -> None:
    there = containers(A, B)
    assert found(containers(A), live(there, helm=env("A"), kubectl__set=env("B"))) == [
        ('.spec.containers[name="c"].env[name="B"]', "kubectl-set", "left")
    ]
    assert found(containers(A), live(there, helm=env("A"), istiod=env("B"))) == []


def test_lists_without_names_are_compared_by_their_keys_or_as_a_whole() -> None:
    ports = [{"containerPort": 80}, {"containerPort": 443}]
    there = live(
        containers(ports=[{"containerPort": 443, "protocol": "TCP"}, {"containerPort": 80, "protocol": "TCP"}])
    )
    assert found(containers(ports=ports), there) == []
    wanted, other = deployment(rules=[{"verbs": ["get"]}]), deployment(rules=[{"verbs": ["get"]}, {"verbs": ["list"]}])
    assert found(wanted, live(other, kubectl=spec(rules={}))) == [(".spec.rules", "kubectl", "taken_back")]
    assert found(wanted, live(deployment(rules=[{"verbs": ["list"]}]), kubectl=spec(rules={}))) == [
        (".spec.rules[0].verbs", "kubectl", "taken_back")
    ]


def test_what_may_never_have_been_kept_is_not_sure() -> None:
    gone = drift(as_helm_writes(deployment(unknown="x"), "r", "n"), live(deployment(), helm={}))
    assert [is_sure(each, live(deployment(), helm={})) for each in gone] == [False]
    assert [is_sure(each, live(deployment(), kubectl__edit={})) for each in gone] == [True]
    label = as_helm_writes(deployment(), "r", "n")
    label["metadata"]["labels"]["a"] = "b"
    assert [is_sure(each, live(deployment())) for each in drift(label, live(deployment()))] == [True]


def patch(wanted: Object, there: Object, *paths: str) -> Object:
    return mended(as_helm_writes(wanted, "r", "n"), there, paths)


def test_the_patch_holds_what_is_taken_and_nothing_else() -> None:
    there = live(deployment(replicas=3, paused=True, minReadySeconds=5))
    assert patch(deployment(replicas=1, paused=False, minReadySeconds=0), there, ".spec.replicas") == {
        "spec": {"replicas": 1}
    }
    assert patch(deployment(paused=False), live(deployment(paused=0)), ".spec.paused") == {"spec": {"paused": False}}
    assert patch(deployment(replicas=1), there) == {}


def test_a_list_keeps_what_others_put_there_and_its_order() -> None:
    new = {"name": "NEW", "value": "x"}
    there = live(containers(new, {"name": "B", "value": "9"}))
    base = '.spec.containers[name="c"].env'
    ((container,),) = (patch(containers(A, B), there, f'{base}[name="A"]', f'{base}[name="B"].value')["spec"].values(),)
    assert container[0]["env"] == [A, new, B]
    assert patch(containers(A, B), live(containers(B, A)), f'{base}[name="A"].value') == {}


def test_a_secret_is_compared_as_the_server_keeps_it() -> None:
    wanted = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "n"},
        "stringData": {"k": "v"},
    }
    held = {key: value for key, value in wanted.items() if key != "stringData"} | {"data": {"k": "dg=="}}
    assert found(wanted, live(held)) == []
