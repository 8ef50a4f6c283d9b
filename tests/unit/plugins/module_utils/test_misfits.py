"""What of an object its CRD does not take, told by the variable that gave it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.misfits import misfits, schema_of
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import Policy
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import ARGOCD

from tests.unit.apiserver import ApiServer

Object = dict[str, Any]
ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
ENABLED = {"type": "object", "properties": {"enabled": {"type": "boolean"}}}
NAMED = {"type": "object", "properties": {"name": {"type": "string"}}}
SPEC = {
    "type": "object",
    "properties": {
        "server": {"type": "object", "properties": {"insecure": {"type": "boolean"}, "route": ENABLED}},
        "ha": ENABLED,
        "replicas": {"type": "integer", "minimum": 1, "maximum": 9},
        "weight": {"type": "number"},
        "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
        "mode": {"type": "string", "enum": ["one", "two"]},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "config": ANYTHING,
        "parts": {
            "type": "array",
            "minItems": 1,
            "items": {"type": "object", "properties": {"name": {"type": "string"}}},
        },
        "empty": {"type": "object"},
        "template": {"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": ANYTHING}},
    },
}
CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "argocds.argoproj.io"},
    "spec": {
        "versions": [
            {"name": "v1", "schema": {"openAPIV3Schema": ANYTHING}},
            {"name": "v1alpha1", "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC}}}},
        ]
    },
}
GIVEN_BY = {"gitops_argocd_overrides": ".spec"}

pytestmark = pytest.mark.usefixtures("clock")


def told(spec: Object, given_by: dict[str, str] | None = None) -> list[str]:
    schema = schema_of(CRD, ARGOCD)
    assert schema
    obj = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ArgoCD", "metadata": {"name": "x"}, "spec": spec}
    return [each.told(ARGOCD, GIVEN_BY if given_by is None else given_by) for each in misfits(obj, schema)]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"server": {"insecure": False, "route": {}}, "ha": None, "replicas": 3, "weight": 1, "mode": "two"},
        {"port": 1, "labels": {"a.b/c": "x"}, "config": {"any": [{"thing": 1}]}, "parts": [{"name": "a"}, {}]},
        {"port": "http", "weight": 1.5, "replicas": 2.0, "empty": {}, "mode": None},
        {"template": {"metadata": {"labels": {}}, "kind": "x", "spec": {"y": 1}}},
    ],
)
def test_what_fits(spec: Object) -> None:
    assert told(spec) == []


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"servr": {}}, "gitops_argocd_overrides.servr (.spec.servr of ArgoCD) is no field; did you mean server?"),
        ({"server": {"Insecure": 1}}, "Insecure (.spec.server.Insecure of ArgoCD) is no field; did you mean insecure?"),
        ({"insecure": True}, "is no field; did you mean server.insecure?"),
        ({"ha": {"x": 1}}, "overrides.ha.x (.spec.ha.x of ArgoCD) is no field; there are: enabled"),
        ({"empty": {"x": 1}}, "overrides.empty.x (.spec.empty.x of ArgoCD) is no field"),
        ({"ha": {"enabled": "true"}}, "ha.enabled (.spec.ha.enabled of ArgoCD) is a text, and has to be true or false"),
        ({"ha": True}, "is true or false, and has to be a mapping"),
        ({"ha": []}, "is a list, and has to be a mapping"),
        ({"replicas": True}, "is true or false, and has to be a whole number"),
        ({"replicas": 1.5}, "is a number, and has to be a whole number"),
        ({"replicas": 0}, "is 0, and has to be 1 at least"),
        ({"replicas": 10}, "is 10, and may be 9 at most"),
        ({"mode": "three"}, 'is "three", and has to be one of "one", "two"'),
        ({"port": False}, "is true or false, and has to be a number or a text"),
        ({"labels": {"a": 1}}, "overrides.labels.a (.spec.labels.a of ArgoCD) is a whole number, and has to be a text"),
        ({"parts": []}, "has 0 items, and needs 1 at least"),
        ({"parts": [{}, {"nam": "b"}]}, "parts[1].nam (.spec.parts[1].nam of ArgoCD) is no field; did you mean name?"),
        ({"parts": {"name": "a"}}, "is a mapping, and has to be a list"),
    ],
)  # fmt: skip
def test_what_does_not_fit(spec: Object, words: str) -> None:
    (line,) = told(spec)
    assert words in line


def test_all_is_told_by_the_variable_that_is_nearest() -> None:
    lines = told({"servr": 1, "ha": {"enabld": 1}}, {"all": ".spec", "ha_alone": ".spec.ha", "other": ".spec.h"})
    assert [line.split()[0] for line in lines] == ["all.servr", "ha_alone.enabld"]
    assert told({"servr": 1}, {})[0].startswith(".spec.servr of ArgoCD is no field")


def test_without_a_schema_everything_fits() -> None:
    assert schema_of(None, ARGOCD) is None
    assert schema_of({**CRD, "spec": {"versions": [{"name": "v1alpha1"}]}}, ARGOCD) is None
    assert list(misfits({"spec": {"x": 1}}, {})) == []


@pytest.mark.parametrize("status", [400, 422, 500])
def test_a_refusal_says_which_override_is_misspelt(status: int) -> None:
    server = ApiServer(CRD)
    wanted = {"apiVersion": "argoproj.io/v1alpha1", "kind": "ArgoCD", "metadata": {"name": "x", "namespace": "n"}}

    def refuse(method: str, _path: str) -> None:
        if method == "PATCH":
            raise ApiError(status, "", "failed to create typed patch object: .spec.servr: field not declared in schema")

    server.before_request = refuse
    for spec, words in (({"servr": 1}, "gitops_argocd_overrides.servr"), ({"server": {}}, "not declared in schema")):
        obj = {**wanted, "spec": spec}
        (outcome,) = apply_set(server, [obj], Policy(given_by=GIVEN_BY), time.monotonic() + 60, [].append)
        assert outcome.action == "failed"
        assert words in outcome.message
