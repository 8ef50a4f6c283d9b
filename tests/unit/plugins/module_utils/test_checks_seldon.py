"""Checks of Seldon Core v1 and Seldon Deploy where no sandbox can show them; no value is ever told."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks import seldon_core_v1, seldon_deploy
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import Check, rows

from tests.unit.observed import observed

Object = dict[str, Any]
SECRET = {"secret": {"name": "metadata-postgres", "namespace": "seldon-system"}, "keys": ["user", "password"]}
DEPLOY: Object = {
    "namespace": "seldon-system",
    "logs_namespace": "seldon-logs",
    "mesh_namespace": "istio-system",
    "argocd_namespace": "",
    "request_logger": False,
    "secrets": [{**SECRET, "tag": "postgresql"}],
}
CORE: Object = {
    "operators": [{"name": "seldon-operator", "namespace": "ours", "alternatives": ["seldon-operator-certified"]}],
    "environment": {"ISTIO_ENABLED": "true"},
}
EARLY, LATE = "2022-12-01T10:00:00Z", "2022-12-01T10:00:05Z"


def obj(api_version: str, kind: str, name: str, namespace: str | None = None, **content: Any) -> Object:
    metadata = {"name": name, "namespace": namespace, "creationTimestamp": EARLY, **content.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **content}


def secret(**values: str) -> Object:
    data = {key: base64.b64encode(value.encode()).decode() for key, value in values.items()}
    return obj("v1", "Secret", "metadata-postgres", "seldon-system", data=data)


def deployment(name: str, namespace: str, environment: Any = (), **content: Any) -> Object:
    template = {"spec": {"containers": [{"name": "c", "env": list(environment)}]}}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return obj("apps/v1", "Deployment", name, namespace, spec=spec, **content)


def said(checks: tuple[Check, ...], name: str, cluster: Any, settings: Object) -> list[tuple[str, str]]:
    """Return status and words of one check's rows."""
    found = rows([check for check in checks if check.name == name], "chapter", cluster, settings)
    return [(row["status"], row["seen"]) for row in found]


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([], ("fail", "does not exist")),
        ([secret(user="u")], ("fail", "has no key password")),
        ([secret(user="u", password=" \n")], ("fail", "password is empty")),
        ([secret(password="")], ("fail", "has no key user; password is empty")),
        ([secret(user="u", password="p")], ("pass", "exists")),
    ],
)
def test_every_key_that_a_container_takes_is_there_and_not_empty(found: list[Object], told: tuple[str, str]) -> None:
    cluster = observed(*found)
    assert said(seldon_deploy.CHECKS, "seldon_deploy.prerequisites", cluster, DEPLOY)[-1] == told


@pytest.mark.parametrize(
    ("environment", "status"),
    [
        ({}, "warn"),
        ({"ENABLE_APP_AUTH": "false", "OIDC_PROVIDER": "https://sso"}, "warn"),
        ({"ENABLE_APP_AUTH": "true", "OIDC_PROVIDER": "https://sso"}, "pass"),
        ({"ENABLE_APP_AUTH": "true", "OIDC_PROVIDER": ""}, "fail"),
    ],
)
def test_a_login_needs_somebody_who_knows_the_users(environment: dict[str, str], status: str) -> None:
    entries = [{"name": name, "value": value} for name, value in environment.items()]
    cluster = observed(deployment("seldon-deploy", "seldon-system", entries))
    assert [row[0] for row in said(seldon_deploy.CHECKS, "seldon_deploy.login", cluster, DEPLOY)] == [status]


@pytest.mark.parametrize(("started", "status"), [(EARLY, "fail"), (LATE, "pass")])
def test_who_was_started_before_a_credential_changed_runs_with_the_earlier_one(started: str, status: str) -> None:
    reads = {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "metadata-postgres", "key": "password"}}}
    pod = obj("v1", "Pod", "p", "seldon-system", metadata={"creationTimestamp": started, "labels": {"app": "d"}})
    cluster = observed(secret(password="p"), deployment("d", "seldon-system", [reads]), pod)
    assert [row[0] for row in said(seldon_deploy.CHECKS, "seldon_deploy.credentials", cluster, DEPLOY)] == [status]


def test_seldon_core_is_found_where_somebody_else_has_installed_it() -> None:
    manager = deployment("seldon-controller-manager", "theirs", [{"name": "ISTIO_ENABLED", "value": "true"}])
    spec = {"name": "seldon-operator-certified"}
    subscription = obj("operators.coreos.com/v1alpha1", "Subscription", "any", "theirs", spec=spec)
    routes = seldon_core_v1.ROUTES.bare()
    cluster = observed(manager, subscription, routes)
    assert said(seldon_core_v1.CHECKS, "seldon_core_v1.environment", cluster, CORE) == [
        ("pass", "ISTIO_ENABLED is true")
    ]
    # Without the CRD, the operator restarts repeatedly.
    ((status, seen), _) = said(
        seldon_core_v1.CHECKS, "seldon_core_v1.environment", observed(manager, subscription), CORE
    )
    assert status == "fail"
    assert "the CRD of VirtualService does not exist" in seen
