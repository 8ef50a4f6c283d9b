"""Rights: what a refusal says, and the ClusterRole that ends it."""

from __future__ import annotations

import json
import shlex

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, Unreachable
from ansible_collections.seldon.openshift.plugins.module_utils.kube.rights import (
    Right,
    grant,
    is_forbidden,
    lacking,
    refusal,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.rights import row_of

WHO = 'User "system:serviceaccount:seldon:reader"'


@pytest.mark.parametrize(
    ("message", "right", "told"),
    [
        (
            f'clusterversions.config.openshift.io "version" is forbidden: {WHO} cannot get resource "clusterversions"'
            ' in API group "config.openshift.io" at the cluster scope',
            Right("get", "clusterversions", "config.openshift.io"),
            "you may not get clusterversions.config.openshift.io",
        ),
        (
            f'secrets is forbidden: {WHO} cannot list resource "secrets" in API group "" in the namespace "seldon":'
            ' RBAC: clusterrole.rbac.authorization.k8s.io "x" not found',
            Right("list", "secrets", namespace="seldon"),
            "you may not list secrets in seldon",
        ),
        (
            f'pods "p" is forbidden: {WHO} cannot create resource "pods/portforward" in API group ""'
            ' in the namespace "n"',
            Right("create", "pods/portforward", namespace="n"),
            "you may not create pods/portforward in n",
        ),
        (f'forbidden: {WHO} cannot get path "/apis"', None, f'forbidden: {WHO} cannot get path "/apis"'),
    ],
)
def test_a_refusal_names_the_right(message: str, right: Right | None, told: str) -> None:
    error = ApiError(403, "Forbidden", message)
    assert (lacking(error), refusal(error)) == (right, told)


def test_only_a_403_is_a_refusal() -> None:
    assert is_forbidden(ApiError(403))
    assert not any(map(is_forbidden, (ApiError(401), ApiError(404), Unreachable("no"))))


def test_a_cluster_role_to_paste() -> None:
    rights = [
        Right("list", "secrets", namespace="a"),
        Right("get", "secrets", namespace="b"),
        Right("list", "pods"),
        Right("get", "pods/log"),
        Right("get", "routes", "route.openshift.io"),
    ]
    echo, document, pipe, *apply = shlex.split(grant("seldon-validate", rights))
    role = json.loads(document)
    assert (echo, pipe, " ".join(apply[:4])) == ("echo", "|", "oc apply -f -")
    assert apply[-2:] == ["seldon-validate", "USER"]
    assert (role["kind"], role["metadata"]) == ("ClusterRole", {"name": "seldon-validate"})
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["get", "list"]},
        {"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get"]},
        {"apiGroups": ["route.openshift.io"], "resources": ["routes"], "verbs": ["get", "list"]},
    ]


def test_one_row_for_all_rights() -> None:
    assert row_of([]) == []
    right = Right("list", "secrets", namespace="a").as_options()
    [row] = row_of([right, right, Right("get", "routes", "route.openshift.io").as_options()])
    assert row["status"] == "warn"
    assert row["seen"] == "you may not list secrets in a; get routes.route.openshift.io"
    role = json.loads(shlex.split(row["do"])[1])
    granted = {resource: rule["verbs"] for rule in role["rules"] for resource in rule["resources"]}
    # Whoever reads a password tries it, and whoever reads a token looks up what it may do.
    both = ["get", "list"]
    bindings = dict.fromkeys(("rolebindings", "clusterrolebindings", "roles", "clusterroles"), both)
    assert granted == {"secrets": both, "routes": both, "pods/portforward": ["create", "get"], **bindings}
