"""The cluster monitoring operator 4.11: from two ConfigMaps to the monitoring of user workloads, or to Degraded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from sandbox.kube import ApiError, Object
from sandbox.operators._templates import load
from sandbox.simulator import Cluster
from sandbox.simulator.objects import condition, conditions, make

PLATFORM, USER = "openshift-monitoring", "openshift-user-workload-monitoring"
CONFIGURATION = (PLATFORM, "cluster-monitoring-config")
USER_CONFIGURATION = (USER, "user-workload-monitoring-config")
KEY = "config.yaml"
OBJECTS = Path(__file__).parent / "objects" / "user_workload.yaml"
ALERTMANAGER = OBJECTS.with_name("user_alertmanager.yaml")
ACCOUNT = "prometheus-user-workload"
DEGRADED = "Rollout of the monitoring stack failed and is degraded. Please investigate the degraded status error."


class Unusable(Exception):
    """A ConfigMap cannot be used; the message is the operator's."""


def is_monitoring(cluster_operator: Object) -> bool:
    """Tell whether this is the ClusterOperator by which the operator reports."""
    return bool(cluster_operator["metadata"]["name"] == "monitoring")


def is_configuration(config_map: Object, _cluster_operator: Object) -> bool:
    """Tell whether the ConfigMap is one of the operator's two."""
    meta = config_map["metadata"]
    return (meta["namespace"], meta["name"]) in (CONFIGURATION, USER_CONFIGURATION)


def reconcile(cluster: Cluster, cluster_operator: Object) -> float | None:
    """Do what the ConfigMaps say; report as Degraded when they say nothing that can be read."""
    try:
        config, users = platform_configuration(_config_map(cluster, CONFIGURATION)), {}
        if config.get("enableUserWorkload"):
            users = user_configuration(_config_map(cluster, USER_CONFIGURATION))
    except Unusable as unusable:
        if wait := cluster.pause(cluster_operator, "monitoring.degraded", str(unusable)):
            return wait
        _report(cluster, cluster_operator, str(unusable))
        return None
    cluster.apply(_alertmanager(config))
    if config.get("enableUserWorkload"):
        if wait := cluster.pause(cluster_operator, "monitoring.user_workload"):
            return wait
        _enable(cluster)
        if wait := _give_token(cluster, cluster_operator):
            return wait
    else:
        _disable(cluster, OBJECTS)
    _bring_alertmanager(cluster, users.get("alertmanager") or {})
    _report(cluster, cluster_operator, "")
    return None


def platform_configuration(config_map: Object | None) -> Object:
    """Return the configuration of the platform's monitoring; none at all means defaults. Raises Unusable."""
    if config_map is None:
        return {}
    content = config_map.get("data", {}).get(KEY)
    if content is None:
        raise Unusable(f"the Cluster Monitoring ConfigMap doesn't contain a '{KEY}' key")
    parsed = _parsed(content, "the Cluster Monitoring ConfigMap could not be parsed")
    if not isinstance(parsed.get("enableUserWorkload", False), bool):
        field = "ClusterMonitoringConfiguration.enableUserWorkload of type bool"
        raise Unusable(
            "the Cluster Monitoring ConfigMap could not be parsed: error unmarshaling JSON: json: cannot unmarshal"
            f" string into Go struct field {field}"
        )
    return parsed


def user_configuration(config_map: Object | None) -> Object:
    """Return the configuration of the users' monitoring; a missing key means defaults. Raises Unusable."""
    content = ((config_map or {}).get("data") or {}).get(KEY, "")
    name = "/".join(USER_CONFIGURATION)
    failure = f'the User Workload Configuration from "{KEY}" key in the "{name}" ConfigMap could not be parsed'
    return _parsed(content, failure)


def _parsed(content: str, failure: str) -> dict[str, Any]:
    try:
        parsed = yaml.safe_load(content) or {}
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Unusable(f"{failure}: error converting YAML to JSON: yaml: line {line}: {error.problem}") from error
    if not isinstance(parsed, dict):
        raise Unusable(f"{failure}: error unmarshaling JSON: json: cannot unmarshal {type(parsed).__name__}")
    return parsed


def _enable(cluster: Cluster) -> None:
    namespace, name = USER_CONFIGURATION
    _create_if_missing(cluster, make("v1", "ConfigMap", name, namespace, data={}))
    cluster.apply(*load(OBJECTS))


def _bring_alertmanager(cluster: Cluster, chosen: Object) -> None:
    """Give the users' alerts an Alertmanager of their own, or take it away."""
    if not chosen.get("enabled"):
        _disable(cluster, ALERTMANAGER)
        return
    secret, alertmanager = load(ALERTMANAGER)
    if chosen.get("enableAlertmanagerConfig"):
        alertmanager["spec"]["alertmanagerConfigSelector"] = {}
    _create_if_missing(cluster, secret)
    cluster.apply(alertmanager)


def _create_if_missing(cluster: Cluster, obj: Object) -> None:
    try:
        cluster.kube.create(obj)
    except ApiError as error:
        if error.status != 409:
            raise


def _give_token(cluster: Cluster, cluster_operator: Object) -> float:
    """Make the token Secret that OpenShift 4.11 still makes for every ServiceAccount; only this one's is asked for."""
    accounts = "kubernetes.io/service-account.name"
    for secret in cluster.kube.list("v1", "Secret", USER):
        if secret["metadata"].get("annotations", {}).get(accounts) == ACCOUNT:
            return 0.0
    if wait := cluster.pause(cluster_operator, "monitoring.token"):
        return wait
    secret = make("v1", "Secret", "", USER, type="kubernetes.io/service-account-token")
    secret["metadata"] = {
        "generateName": f"{ACCOUNT}-token-",
        "namespace": USER,
        "annotations": {accounts: ACCOUNT, "kubernetes.io/created-by": "openshift.io/create-dockercfg-secrets"},
    }
    cluster.kube.create(secret)
    return 0.0


def _disable(cluster: Cluster, objects: Path) -> None:
    for obj in reversed(load(objects)):
        cluster.kube.delete(obj)


def _alertmanager(config: Object) -> Object:
    chosen = config.get("alertmanagerMain") or {}
    spec: Object = {"replicas": 2, "version": "0.24.0"}
    if chosen.get("enableUserAlertmanagerConfig"):
        spec |= {"alertmanagerConfigSelector": {}}
    return make("monitoring.coreos.com/v1", "Alertmanager", "main", PLATFORM, spec=spec)


def _report(cluster: Cluster, cluster_operator: Object, failure: str) -> None:
    """Write the state of the operator, unless it is well and was before."""
    degraded = condition(cluster_operator, "Degraded").get("status") == "True"
    if not failure and not degraded:
        return
    wanted = [
        ("Available", "True", "RollOutDone", "Successfully rolled out the stack."),
        ("Progressing", "False", "", ""),
        ("Degraded", "False", "", ""),
    ]
    if failure:
        reason = "InvalidConfiguration"
        message = f"Failed to rollout the stack. Error: {failure}"
        wanted = [(kind, "False", reason, DEGRADED) for kind in ("Available", "Progressing")]
        wanted += [("Degraded", "True", reason, message)]
    wanted += [("Upgradeable", "True", "", "")]
    status = cluster_operator["status"] | {"conditions": conditions(cluster_operator, *wanted)}
    cluster.set_status(cluster_operator, status)


def _config_map(cluster: Cluster, where: tuple[str, str]) -> Object | None:
    namespace, name = where
    return cluster.kube.get("v1", "ConfigMap", name, namespace)
