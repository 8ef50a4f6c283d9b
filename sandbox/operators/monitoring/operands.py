"""prometheus-operator 0.57 for user workloads: what it makes of a Prometheus, a ThanosRuler and an Alertmanager."""

from __future__ import annotations

import base64
import gzip
import logging
from pathlib import Path

import yaml

from sandbox.kube import Object
from sandbox.operators._templates import complete, load
from sandbox.operators.monitoring import receivers, rules, scraping
from sandbox.simulator import Cluster
from sandbox.simulator.objects import conditions, make, owner

OBJECTS = Path(__file__).parent / "objects"
MONITORING = "monitoring.coreos.com/v1"
MANAGED = {"managed-by": "prometheus-operator"}
SCOPE = "openshift.io/prometheus-rule-evaluation-scope"
# A namespace with one of these labels is not a user's.
EXCLUDED = {("openshift.io/cluster-monitoring", "true"), ("openshift.io/user-monitoring", "false")}

logger = logging.getLogger("simulator")


def reconcile_prometheus(cluster: Cluster, prometheus: Object) -> float | None:
    """Bring the pods, their configuration made of PodMonitors and leaf rules, and the status."""
    if prometheus["metadata"].get("deletionTimestamp"):
        return None
    spec = prometheus["spec"]
    values = {"version": spec["version"], "account": spec["serviceAccountName"]}
    _bring(cluster, prometheus, "prometheus", **values)
    _write_configuration(cluster, prometheus)
    _write_rules(cluster, prometheus, leaf=True)
    workload = _workload(cluster, prometheus, "prometheus")
    cluster.set_status(prometheus, prometheus_status(prometheus, workload))
    return None


def reconcile_thanos_ruler(cluster: Cluster, ruler: Object) -> float | None:
    """Bring the pods and the rules; there is no status."""
    if not ruler["metadata"].get("deletionTimestamp"):
        _bring(cluster, ruler, "thanos_ruler", account=ruler["spec"]["serviceAccountName"])
        _write_rules(cluster, ruler, leaf=False)
    return None


def reconcile_alertmanager(cluster: Cluster, alertmanager: Object) -> float | None:
    """Bring the pods and the Secret that they read; there is no status."""
    meta = alertmanager["metadata"]
    if meta.get("deletionTimestamp"):
        return None
    _bring(cluster, alertmanager, "alertmanager")
    name = f"alertmanager-{meta['name']}"
    secret = cluster.kube.get("v1", "Secret", name, meta["namespace"])
    selected = None
    if "alertmanagerConfigSelector" in alertmanager["spec"]:
        selected = _of_users(cluster, "monitoring.coreos.com/v1alpha1", "AlertmanagerConfig")
    try:
        content = receivers.generated(secret, selected)
    except ValueError as error:
        logger.warning("provision alertmanager configuration: %s", error)  # the last good one stays
        return None
    _write_secret(cluster, alertmanager, f"{name}-generated", receivers.KEY, content)
    return None


def prometheus_status(prometheus: Object, workload: Object | None) -> Object:
    """Return the status; it is Available without any pod, and has a value of its own for a few pods too few."""
    seen = (workload or {}).get("status", {})
    replicas, ready = seen.get("replicas", 0), seen.get("readyReplicas", 0)
    available = ("Available", "True", "", "")
    if replicas and not ready:
        available = ("Available", "False", "NoPodReady", "")
    elif ready < replicas:
        available = ("Available", "Degraded", "SomePodsNotReady", "")
    counts = {
        "replicas": replicas,
        "updatedReplicas": seen.get("updatedReplicas", 0),
        "availableReplicas": ready,
        "unavailableReplicas": replicas - ready,
    }
    return {
        "paused": prometheus["spec"].get("paused", False),
        **counts,
        "shardStatuses": [counts | {"shardID": "0"}],
        "conditions": conditions(prometheus, available, ("Reconciled", "True", "", "")),
    }


def _bring(cluster: Cluster, obj: Object, file: str, **values: object) -> None:
    """Create or complete the operand's objects when its specification changed or its workload is missing."""
    meta, notes = obj["metadata"], cluster.memory(obj)
    if notes.get("brought") == meta["generation"] and _workload(cluster, obj, file.replace("_", "-")):
        return
    found = load(OBJECTS / f"{file}.yaml", name=meta["name"], replicas=obj["spec"]["replicas"], **values)
    cluster.apply(*(complete(part, meta["namespace"], {}, owner(obj)) for part in found))
    notes["brought"] = meta["generation"]


def _workload(cluster: Cluster, obj: Object, prefix: str) -> Object | None:
    meta = obj["metadata"]
    return cluster.kube.get("apps/v1", "StatefulSet", f"{prefix}-{meta['name']}", meta["namespace"])


def _write_configuration(cluster: Cluster, prometheus: Object) -> None:
    meta = prometheus["metadata"]
    monitors = []
    for monitor in _of_users(cluster, MONITORING, "PodMonitor"):
        if reason := scraping.refused(monitor):
            logger.warning("skipping podmonitor %s: %s", monitor["metadata"]["name"], reason)
        else:
            monitors.append(monitor)
    config = scraping.configuration(f"{meta['namespace']}/{meta['name']}", monitors)
    content = gzip.compress(yaml.safe_dump(config, sort_keys=False).encode(), mtime=0)
    _write_secret(cluster, prometheus, f"prometheus-{meta['name']}", "prometheus.yaml.gz", content)


def _write_rules(cluster: Cluster, obj: Object, *, leaf: bool) -> None:
    """Write all rules into one ConfigMap, which is made anew each time; one bad rule and it stays as it is."""
    meta = obj["metadata"]
    files = {}
    for rule in _of_users(cluster, MONITORING, "PrometheusRule"):
        own = rule["metadata"]
        if (own.get("labels", {}).get(SCOPE) == "leaf-prometheus") != leaf:
            continue
        key = f"{own['namespace']}-{own['name']}" + (f"-{own['uid']}" if leaf else "")
        try:
            files[f"{key}.yaml"] = rules.rule_file(rule["spec"], own["namespace"])
        except ValueError as error:
            logger.warning("sync %s/%s failed: %s", meta["namespace"], meta["name"], error)
            return
    kind, prefix = ("prometheus-name", "prometheus") if leaf else ("thanos-ruler-name", "thanos-ruler")
    name = f"{prefix}-{meta['name']}-rulefiles-0"
    found = cluster.kube.get("v1", "ConfigMap", name, meta["namespace"])
    if found and found.get("data", {}) == files:
        return
    labels = MANAGED | {kind: meta["name"]}
    wanted = make("v1", "ConfigMap", name, meta["namespace"], labels=labels, owned_by=obj, data=files)
    cluster.kube.delete(wanted)
    cluster.kube.create(wanted)


def _write_secret(cluster: Cluster, owner_: Object, name: str, key: str, content: bytes) -> None:
    namespace, data = owner_["metadata"]["namespace"], {key: base64.b64encode(content).decode()}
    found = cluster.kube.get("v1", "Secret", name, namespace)
    if (found or {}).get("data") != data:
        cluster.apply(make("v1", "Secret", name, namespace, labels=MANAGED, owned_by=owner_, data=data))


def _of_users(cluster: Cluster, api_version: str, kind: str) -> list[Object]:
    """Return the objects of a kind that are in users' namespaces."""
    found = cluster.kube.list(api_version, kind)
    if not found:
        return []
    users = {
        namespace["metadata"]["name"]
        for namespace in cluster.kube.list("v1", "Namespace")
        if not EXCLUDED & namespace["metadata"].get("labels", {}).items()
    }
    return [obj for obj in found if obj["metadata"]["namespace"] in users]
