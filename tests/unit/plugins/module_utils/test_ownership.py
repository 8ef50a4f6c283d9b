"""The managedFields here are what a kube-apiserver 1.24 wrote for these objects."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.ownership import (
    is_current,
    ours,
    owned_fields,
    union,
)

Object = dict[str, Any]


def live(desired: Object, fields: Object, defaults: Object | None = None) -> Object:
    """What the server holds after `desired` was applied: ownership and defaults added."""
    obj = copy.deepcopy(desired)
    obj["metadata"]["managedFields"] = [
        {"manager": "kubectl-edit", "operation": "Update", "apiVersion": obj["apiVersion"], "fieldsV1": {"f:spec": {}}},
        {
            "manager": "seldon.openshift",
            "operation": "Apply",
            "apiVersion": obj["apiVersion"],
            "fieldsType": "FieldsV1",
            "fieldsV1": fields,
        },
    ]
    obj["metadata"].update(uid="1", resourceVersion="7")
    return {**obj, **(defaults or {})}


SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "a", "namespace": "n", "labels": {"a": "b"}, "finalizers": ["x/y"]},
    "spec": {
        "ports": [{"port": 80, "name": "t"}, {"port": 80, "protocol": "UDP", "name": "u"}],
        "selector": {"a": "b"},
    },
}
SERVICE_FIELDS = {
    "f:metadata": {"f:finalizers": {'v:"x/y"': {}}, "f:labels": {"f:a": {}}},
    "f:spec": {
        "f:ports": {
            'k:{"port":80,"protocol":"TCP"}': {".": {}, "f:name": {}, "f:port": {}},
            'k:{"port":80,"protocol":"UDP"}': {".": {}, "f:name": {}, "f:port": {}, "f:protocol": {}},
        },
        "f:selector": {},
    },
}
LIVE_SERVICE = live(
    SERVICE,
    SERVICE_FIELDS,
    {
        "spec": {
            "ports": [
                {"name": "t", "protocol": "TCP", "port": 80, "targetPort": 80},
                {"name": "u", "protocol": "UDP", "port": 80, "targetPort": 80},
                {"name": "foreign", "protocol": "TCP", "port": 81, "targetPort": 81},
            ],
            "selector": {"a": "b"},
            "clusterIP": "10.0.0.32",
            "type": "ClusterIP",
        }
    },
)
POLICY = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "NetworkPolicy",
    "metadata": {"name": "a", "namespace": "n"},
    "spec": {"podSelector": {}, "ingress": [{"ports": [{"port": 80}]}]},
}
LIVE_POLICY = live(
    POLICY,
    {"f:spec": {"f:ingress": {}, "f:podSelector": {}}},
    {
        "spec": {
            "podSelector": {},
            "ingress": [{"ports": [{"protocol": "TCP", "port": 80}]}],
            "policyTypes": ["Ingress"],
        }
    },
)
NAMESPACE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n", "labels": {"a": "b"}}}
LIVE_NAMESPACE = live(NAMESPACE, {"f:metadata": {"f:labels": {"f:a": {}}}})


def changed(obj: Object, path: list[Any], value: Any) -> Object:
    """A copy of an object with one field set, or removed (value None)."""
    copied = copy.deepcopy(obj)
    at = copied
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return copied


@pytest.mark.parametrize(
    ("desired", "found"),
    [(SERVICE, LIVE_SERVICE), (POLICY, LIVE_POLICY), (NAMESPACE, LIVE_NAMESPACE)],
    ids=["defaulted list keys, a foreign item", "defaults inside a value owned as a whole", "metadata only"],
)
def test_what_was_applied_is_current(desired: Object, found: Object) -> None:
    assert is_current(desired, found)


@pytest.mark.parametrize(
    ("desired", "found"),
    [
        (changed(SERVICE, ["spec", "ports", 0, "name"], "other"), LIVE_SERVICE),
        (changed(SERVICE, ["spec", "ports", 0, "targetPort"], 80), LIVE_SERVICE),
        (changed(SERVICE, ["spec", "ports", 1], None), LIVE_SERVICE),
        (changed(SERVICE, ["spec", "selector", "a"], None), LIVE_SERVICE),
        (changed(SERVICE, ["metadata", "labels"], None), LIVE_SERVICE),
        (changed(SERVICE, ["metadata", "labels", "new"], "x"), LIVE_SERVICE),
        (changed(SERVICE, ["metadata", "finalizers"], ["x/z"]), LIVE_SERVICE),
        (SERVICE, changed(LIVE_SERVICE, ["spec", "ports", 0, "name"], "edited")),
        (SERVICE, changed(LIVE_SERVICE, ["spec", "selector"], {"a": "b", "c": "d"})),
        (SERVICE, changed(LIVE_SERVICE, ["metadata", "managedFields"], [])),
        (changed(POLICY, ["spec", "ingress", 0, "ports", 0, "protocol"], "UDP"), LIVE_POLICY),
        (changed(POLICY, ["spec", "ingress"], []), LIVE_POLICY),
        (POLICY, changed(LIVE_POLICY, ["spec", "ingress", 0, "ports", 0, "protocol"], "UDP")),
        (POLICY, changed(LIVE_POLICY, ["spec", "podSelector"], {"matchLabels": {"a": "b"}})),
        ({**POLICY, "apiVersion": "networking.k8s.io/v2"}, LIVE_POLICY),
        (changed(NAMESPACE, ["metadata", "labels"], None), LIVE_NAMESPACE),
        (
            changed(NAMESPACE, ["metadata", "labels", "a"], True),
            changed(LIVE_NAMESPACE, ["metadata", "labels", "a"], 1),
        ),
    ],
)
def test_every_difference_is_seen(desired: Object, found: Object) -> None:
    assert not is_current(desired, found)


def test_only_what_we_own_is_shown() -> None:
    fields = owned_fields(LIVE_SERVICE)
    assert fields == SERVICE_FIELDS
    shown = ours(LIVE_SERVICE, fields)
    assert shown["spec"] == {
        "ports": [{"name": "t", "port": 80}, {"name": "u", "protocol": "UDP", "port": 80}],
        "selector": {"a": "b"},
    }
    assert "uid" not in shown["metadata"]


def test_what_we_owned_before_counts_when_fields_go_away() -> None:
    before, after = {"f:data": {"f:a": {}}}, {"f:data": {"f:b": {}}, "f:type": {}}
    assert union(before, after) == {"f:data": {"f:a": {}, "f:b": {}}, "f:type": {}}


BARE = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}
# The server keeps no entry for a manager that owns nothing.
LIVE_BARE: Object = {**BARE, "metadata": {"name": "a", "uid": "1", "managedFields": []}, "spec": {"finalizers": ["k"]}}


def test_an_object_of_which_nothing_is_wanted_but_its_being_is_current() -> None:
    assert is_current(BARE, LIVE_BARE)
    assert not is_current({**BARE, "metadata": {"name": "a", "labels": {"l": "v"}}}, LIVE_BARE)


def test_a_field_that_went_away_is_not_current() -> None:
    labelled = live(
        {**BARE, "metadata": {"name": "a", "labels": {"l": "v"}}}, {"f:metadata": {"f:labels": {"f:l": {}}}}
    )
    assert not is_current(BARE, labelled)


def test_the_diff_of_a_bare_object_shows_nothing_that_the_server_added() -> None:
    diff = Outcome(BARE, "created", after=LIVE_BARE).diff()
    assert diff
    assert diff["after"] == "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n"
