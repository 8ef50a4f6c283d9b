"""How metrics, the token for them, and the way of alerts break."""

from __future__ import annotations

import base64
from contextlib import suppress
from typing import Any

import yaml

from sandbox.kube import ApiError, Kube, Object
from sandbox.simulator.objects import make
from tests.integration.breakages import Breakage, patched, removed, unready_pods
from tests.integration.helpers import until

MONITORING, PLATFORM, USERS = "monitoring.coreos.com/v1", "openshift-monitoring", "openshift-user-workload-monitoring"
SYSTEM, RIGHTS = "seldon-system", "rbac.authorization.k8s.io/v1"
ALERTMANAGER = ("v1", "Secret", "alertmanager-main", PLATFORM)
WEBHOOK = ("admissionregistration.k8s.io/v1", "ValidatingWebhookConfiguration", "prometheusrules.openshift.io")
BAD = make(MONITORING, "PrometheusRule", "unreadable", "default")
BAD["spec"] = {"groups": [{"name": "g", "rules": [{"alert": "A", "expr": "sum("}]}]}
LATER = {"name": "later", "rules": [{"alert": "Later", "expr": "up == 0"}]}


def _hold_rules_up(kube: Kube) -> tuple[Object, Object]:
    """Slip a rule that can't be read past the webhook, then change one of ours."""
    webhook, ours = kube.get(*WEBHOOK), kube.get(MONITORING, "PrometheusRule", "deploy-user-alerts", SYSTEM)
    assert webhook
    assert ours
    kube.delete(webhook)
    until(lambda: _created(kube, BAD))
    kube.patch(ours, {"spec": {"groups": [*ours["spec"]["groups"], LATER]}})
    return webhook, ours


def _let_rules_pass(kube: Kube, before: tuple[Object, Object]) -> None:
    webhook, ours = before
    kube.delete(BAD)
    kube.patch(ours, {"spec": ours["spec"]})
    kube.create({**make(*WEBHOOK), "webhooks": webhook["webhooks"]})


def _created(kube: Kube, obj: Object) -> bool:
    """Create an object; the API server asks a webhook that was deleted for some moments more."""
    with suppress(ApiError):
        kube.create(obj)
        return True
    return False


def _routes(kube: Kube, change: Any) -> Object:
    """Let `change` edit the routes of Alertmanager; return its Secret as it was."""
    secret = kube.get(*ALERTMANAGER)
    assert secret
    config = yaml.safe_load(base64.b64decode(secret["data"]["alertmanager.yaml"]))
    change(config["route"]["routes"])
    text = base64.b64encode(yaml.safe_dump(config).encode()).decode()
    kube.patch(secret, {"data": {"alertmanager.yaml": text}})
    return secret


def _swallow(kube: Kube) -> Object:
    return _routes(kube, lambda routes: routes.insert(0, {"receiver": "null", "matchers": ["severity = critical"]}))


def _keep(kube: Kube) -> Object:
    return _routes(kube, lambda routes: routes[0].pop("continue"))


def _catch_the_watchdog(kube: Kube) -> Object:
    return _routes(kube, lambda routes: routes.insert(0, {"receiver": "null", "matchers": ["alertname = Watchdog"]}))


def _as_before(kube: Kube, secret: Object) -> None:
    kube.patch(secret, {"data": secret["data"]})


BREAKAGES = [
    patched(
        "monitoring.enabled",
        "v1",
        "ConfigMap",
        "cluster-monitoring-config",
        PLATFORM,
        {"data": {"config.yaml": "enableUserWorkload: ["}},
        subject="cluster-monitoring-config",
    ),
    unready_pods("monitoring.workloads", USERS, "prometheus=user-workload", subject="prometheus-user-workload"),
    removed("monitoring.token", "v1", "Secret", "seldon-monitoring-token", SYSTEM),
    removed("monitoring.rights", RIGHTS, "RoleBinding", f"{SYSTEM}-seldon-monitoring", PLATFORM, subject="alerts"),
    removed("monitoring.rights", RIGHTS, "ClusterRoleBinding", f"{SYSTEM}-seldon-monitoring", subject="metrics"),
    removed("monitoring.network", "networking.k8s.io/v1", "NetworkPolicy", "seldon-alertmanager", SYSTEM),
    removed("monitoring.network", "networking.k8s.io/v1", "NetworkPolicy", "user-workload-monitoring", SYSTEM),
    removed("monitoring.monitors", MONITORING, "PodMonitor", "seldon-deploy-monitor", SYSTEM),
    patched(
        "monitoring.monitors",
        "v1",
        "Namespace",
        SYSTEM,
        None,
        {"metadata": {"labels": {"openshift.io/user-monitoring": "false"}}},
        subject=f"Namespace {SYSTEM}",
    ),
    patched(
        "monitoring.monitors",
        MONITORING,
        "PodMonitor",
        "seldon-deploy-monitor",
        SYSTEM,
        {"spec": {"podMetricsEndpoints": [{"port": "http", "path": "/metrics"}]}},
    ),
    removed("monitoring.rules", MONITORING, "PrometheusRule", "deploy-infra-alerts", SYSTEM),
    patched(
        "monitoring.rules",
        MONITORING,
        "PrometheusRule",
        "deploy-infra-alerts",
        SYSTEM,
        {"spec": {"groups": [{"name": "mine", "rules": [{"alert": "Other", "expr": "vector(0) > 1"}]}]}},
        subject="PrometheusRules of",
    ),
    Breakage(
        "monitoring.rules",
        "a rule elsewhere that can't be read",
        _hold_rules_up,
        _let_rules_pass,
        subject="deploy-user-alerts",
    ),
    Breakage("monitoring.receiver", "a route before it swallows critical alerts", _swallow, _as_before),
    Breakage(
        "monitoring.receiver",
        "its route keeps alerts from the others",
        _keep,
        _as_before,
        status="warn",
        subject="models in seldon",
    ),
    Breakage(
        "monitoring.receiver",
        "the dead man's switch goes nowhere",
        _catch_the_watchdog,
        _as_before,
        status="warn",
        subject="Watchdog",
    ),
]
