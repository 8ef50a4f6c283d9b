"""Kubernetes objects as operators write them: pure functions, plain dicts."""

from __future__ import annotations

import datetime
from typing import Any

from sandbox.kube import Object

Labels = dict[str, str]


def now() -> str:
    """Return the time as Kubernetes writes it."""
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def owner(obj: Object) -> Object:
    """Return the ownerReference that makes `obj` the controller of what carries it."""
    meta = obj["metadata"]
    names = {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "name": meta["name"], "uid": meta["uid"]}
    return names | {"controller": True, "blockOwnerDeletion": True}


def make(
    api_version: str,
    kind: str,
    name: str,
    namespace: str | None = None,
    *,
    labels: Labels | None = None,
    annotations: Labels | None = None,
    owned_by: Object | None = None,
    **content: Any,
) -> Object:
    """Return an object; `content` are its other top-level fields (spec, data ...)."""
    meta: Object = {"name": name}
    optional: Object = {"namespace": namespace, "labels": labels, "annotations": annotations}
    optional["ownerReferences"] = [owner(owned_by)] if owned_by else None
    meta |= {key: value for key, value in optional.items() if value}
    return {"apiVersion": api_version, "kind": kind, "metadata": meta, **content}


def deployment(name: str, namespace: str, **options: Any) -> Object:
    """Return a Deployment; the options are those of `workload` and `make`."""
    return _workload("Deployment", name, namespace, **options)


def stateful_set(name: str, namespace: str, *, service: str | None = None, **options: Any) -> Object:
    """Return a StatefulSet that starts its pods together; the options are those of `workload` and `make`."""
    obj = _workload("StatefulSet", name, namespace, **options)
    obj["spec"] |= {"serviceName": service or name, "podManagementPolicy": "Parallel"}
    return obj


def daemon_set(name: str, namespace: str, **options: Any) -> Object:
    """Return a DaemonSet; the options are those of `workload` and `make`."""
    obj = _workload("DaemonSet", name, namespace, **options)
    del obj["spec"]["replicas"]
    return obj


def _workload(
    kind: str,
    name: str,
    namespace: str,
    *,
    selector: Labels,
    containers: dict[str, list[int]],
    replicas: int = 1,
    pod_labels: Labels | None = None,
    pod_annotations: Labels | None = None,
    service_account: str | None = None,
    **options: Any,
) -> Object:
    """Return a workload whose pods have `containers` (name: ports) and carry `selector` and `pod_labels`."""
    pod: Object = {
        "containers": [
            {"name": container, "image": f"sandbox/{container}", "ports": [{"containerPort": port} for port in ports]}
            for container, ports in containers.items()
        ]
    }
    if service_account:
        pod |= {"serviceAccountName": service_account}
    meta: Object = {"labels": selector | (pod_labels or {})}
    if pod_annotations:
        meta["annotations"] = pod_annotations
    spec = {"replicas": replicas, "selector": {"matchLabels": selector}, "template": {"metadata": meta, "spec": pod}}
    return make("apps/v1", kind, name, namespace, spec=spec, **options)


def service(
    name: str, namespace: str, ports: list[tuple[str, int, int]], selector: Labels | None = None, **options: Any
) -> Object:
    """Return a ClusterIP Service with `ports` (name, port, target port); the options are those of `make`."""
    entries = [{"name": title, "port": port, "protocol": "TCP", "targetPort": target} for title, port, target in ports]
    spec = {"ports": entries} | ({"selector": selector} if selector else {})
    return make("v1", "Service", name, namespace, spec=spec, **options)


def available(obj: Object | None) -> bool:
    """Tell whether a Deployment, StatefulSet or DaemonSet runs as many ready pods as its newest spec wants."""
    if obj is None:
        return False
    status = obj.get("status", {})
    if status.get("observedGeneration", 0) < obj["metadata"]["generation"]:
        return False
    if obj["kind"] == "DaemonSet":
        return bool(status["numberReady"] == status["desiredNumberScheduled"])
    wanted = obj["spec"]["replicas"]
    return bool(status.get("readyReplicas", 0) >= wanted and status.get("updatedReplicas", 0) >= wanted)


def condition(obj: Object, type_: str) -> Object:
    """Return the object's condition of this type, {} when it has none."""
    conditions = obj.get("status", {}).get("conditions") or []
    return next((entry for entry in conditions if entry["type"] == type_), {})


def conditions(obj: Object, *wanted: tuple[str, str, str, str]) -> list[Object]:
    """Return conditions (type, status, reason, message) in this order; empty reasons and messages are left out.

    As in Kubernetes, lastTransitionTime moves only when the status does.
    """
    result = []
    for type_, status, reason, message in wanted:
        before = condition(obj, type_)
        moved = before.get("status") != status
        entry = {"type": type_, "status": status}
        entry["lastTransitionTime"] = now() if moved else before["lastTransitionTime"]
        entry |= {"reason": reason} if reason else {}
        entry |= {"message": message} if message else {}
        result.append(entry)
    return result
