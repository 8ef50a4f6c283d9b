"""The monitoring of OpenShift 4.11: its operator, and prometheus-operator 0.57 for the users' workloads."""

from __future__ import annotations

from sandbox.kube import Object
from sandbox.operators.monitoring import admission, configuration, operands
from sandbox.simulator import Operator

API, BETA = "monitoring.coreos.com/v1", "monitoring.coreos.com/v1alpha1"
STATEFUL_SET = ("apps/v1", "StatefulSet")

operator = Operator("monitoring", manager="operator", platform=True)
operator.starts(admission.serve)


def _any(_watched: Object, _operand: Object) -> bool:
    return True


def _in_user_namespaces(operand: Object) -> bool:
    """Tell whether the users' prometheus-operator looks after it."""
    return bool(operand["metadata"]["namespace"] == configuration.USER)


def _is_alertmanager_main(secret: Object, alertmanager: Object) -> bool:
    """Tell whether the Secret is the Alertmanager's configuration."""
    meta, own = secret["metadata"], alertmanager["metadata"]
    return (meta["namespace"], meta["name"]) == (own["namespace"], f"alertmanager-{own['name']}")


RULES, NAMESPACES = (API, "PrometheusRule", _any), ("v1", "Namespace", _any)

operator.reconciles(
    "config.openshift.io/v1",
    "ClusterOperator",
    where=configuration.is_monitoring,
    watches=[("v1", "ConfigMap", configuration.is_configuration)],
)(configuration.reconcile)
operator.reconciles(
    API, "Prometheus", where=_in_user_namespaces, watches=[STATEFUL_SET, (API, "PodMonitor", _any), RULES, NAMESPACES]
)(operands.reconcile_prometheus)
operator.reconciles(API, "ThanosRuler", where=_in_user_namespaces, watches=[STATEFUL_SET, RULES, NAMESPACES])(
    operands.reconcile_thanos_ruler
)
operator.reconciles(
    API, "Alertmanager", watches=[("v1", "Secret", _is_alertmanager_main), (BETA, "AlertmanagerConfig", _any)]
)(operands.reconcile_alertmanager)
