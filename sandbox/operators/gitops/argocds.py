"""How argocd-operator 0.5 carries out an ArgoCD: in passes over all fields, each field written by itself.

The phase is written twice in a pass, from the components and from the Route. While the two disagree every write brings
another pass, and the phase flips some times a second.
"""

from __future__ import annotations

import base64
import secrets
import time
from typing import Any

from sandbox.kube import Object
from sandbox.operators.gitops import managed, objects, status
from sandbox.simulator import Cluster

FINALIZER = "argoproj.io/finalizer"
DISABLED: Object = {"enabled": False, "ingress": {"enabled": False}, "route": {"enabled": False}}
# The operator writes these into the specification where it says nothing.
DEFAULTS: Object = {
    "controller": {"processors": {}, "sharding": {}},
    "grafana": DISABLED,
    "ha": {"enabled": False},
    "initialSSHKnownHosts": {},
    "notifications": {"enabled": False},
    "prometheus": DISABLED,
    "rbac": {},
    "redis": {},
    "repo": {},
    "server": {
        "autoscale": {"enabled": False},
        "grpc": {"ingress": {"enabled": False}},
        "ingress": {"enabled": False},
        "route": {"enabled": False},
        "service": {"type": ""},
    },
    "tls": {"ca": {}},
}
# What the definition requires is written even where it says nothing; the values of maps are the user's.
REQUIRED = ("content", "enabled", "kind", "maxReplicas", "name", "scaleTargetRef", "termination", "type")
MAPS = ("annotations", "extraConfig", "labels", "limits", "nodeSelector", "requests")
DEPRECATED = (
    "`.spec.dex` is deprecated, and support will be removed in Argo CD Operator v0.6.0/OpenShift GitOps v1.9.0. Dex"
    " configuration can be managed through `.spec.sso.dex`"
)


def reconcile(cluster: Cluster, argocd: Object) -> float | None:
    """Make one pass, unless the last one was just now."""
    if argocd["metadata"].get("deletionTimestamp"):
        cluster.set_finalizer(argocd, FINALIZER, present=False)
        return None
    notes = cluster.memory(argocd)
    argocd = _adopt(cluster, argocd)
    if (wait := notes.get("next pass", 0.0) - time.monotonic()) > 0:
        return wait
    if not argocd.get("status"):
        argocd = _first_look(cluster, argocd)
    if not notes.get("created") and (wait := cluster.pause(argocd, "gitops.create")):
        return wait
    verdict = status.sso_config(argocd["spec"])
    argocd = _write(cluster, argocd, ssoConfig=verdict)
    if verdict == "Failed":
        return None  # nothing else is looked at until the specification changes
    _warn(cluster, argocd)
    _create(cluster, argocd)
    _write_all(cluster, argocd)
    notes["next pass"] = time.monotonic() + cluster.latency("gitops.pass")
    return None


def _adopt(cluster: Cluster, argocd: Object) -> Object:
    """Add the finalizer and complete the specification, in one write of the whole object as Go marshals it."""
    meta, spec = argocd["metadata"], _merged(DEFAULTS, argocd["spec"])
    if FINALIZER in meta.get("finalizers", []) and spec == argocd["spec"]:
        return argocd
    finalizers = sorted({*meta.get("finalizers", []), FINALIZER})
    return cluster.kube.replace({**argocd, "metadata": {**meta, "finalizers": finalizers}, "spec": marshalled(spec)})


def marshalled(value: Any) -> Any:
    """Return a part of the specification without the zero values that Go omits (omitempty): all but required ones."""
    if isinstance(value, list):
        return [marshalled(item) for item in value]
    if not isinstance(value, dict):
        return value
    kept = {key: each for key, each in value.items() if key in REQUIRED or each not in ("", False, 0, [], None)}
    return {key: each if key in MAPS else marshalled(each) for key, each in kept.items()}


def _merged(defaults: Any, given: Any) -> Any:
    if not isinstance(defaults, dict) or not isinstance(given, dict):
        return given
    return {key: _merged(defaults[key], given.get(key, defaults[key])) for key in defaults} | {
        key: value for key, value in given.items() if key not in defaults
    }


def _first_look(cluster: Cluster, argocd: Object) -> Object:
    """Write the status of an Argo CD of which nothing is there yet: it ends with the phase Available."""
    spec = argocd["spec"]
    verdict = status.sso_config(spec)
    argocd = _write(cluster, argocd, dex="Pending" if spec.get("dex") else "Unknown")
    argocd = _write(cluster, argocd, ssoConfig=verdict)
    if verdict != "Failed" and status.wants_dex(spec):
        cluster.apply(*objects.dex(argocd))
    return argocd if verdict == "Failed" else _write_all(cluster, argocd)


def _write_all(cluster: Cluster, argocd: Object) -> Object:
    meta = argocd["metadata"]
    for field, (kind, suffix) in status.COMPONENTS.items():
        workload = cluster.kube.get("apps/v1", kind, f"{meta['name']}-{suffix}", meta["namespace"])
        argocd = _write(cluster, argocd, **{field: status.component(workload)})
        if field == "dex":
            argocd = _write(cluster, argocd, phase=status.phase(argocd["status"]))
    route = cluster.kube.get("route.openshift.io/v1", "Route", f"{meta['name']}-server", meta["namespace"])
    host, phase = status.host_and_phase(route)
    return _write(cluster, argocd, host=host, phase=phase)


def _write(cluster: Cluster, argocd: Object, **fields: str) -> Object:
    wanted = {key: value for key, value in (argocd.get("status", {}) | fields).items() if value}
    return cluster.set_status(argocd, wanted)


def _warn(cluster: Cluster, argocd: Object) -> None:
    notes = cluster.memory(argocd)
    if argocd["spec"].get("dex") and not notes.get("warned"):
        notes["warned"] = True
        cluster.event(argocd, "Warning", "DeprecationNotice", DEPRECATED)


def _create(cluster: Cluster, argocd: Object) -> None:
    """Create or complete the objects when the specification changed or a workload is missing."""
    meta, spec, notes = argocd["metadata"], argocd["spec"], cluster.memory(argocd)
    missing = "Unknown" in (argocd["status"].get(field) for field in status.COMPONENTS if field != "dex")
    if notes.get("created") == meta["generation"] and not missing:
        return
    _create_once(cluster, argocd)
    managed.list_namespaces(cluster, argocd)
    cluster.apply(*objects.instance(argocd))
    if status.wants_dex(spec):
        cluster.apply(*objects.dex(argocd))
    else:
        for obj in objects.dex(argocd):
            cluster.kube.delete(obj)
    managed.take_up(cluster, argocd)
    notes["created"] = meta["generation"]


def _create_once(cluster: Cluster, argocd: Object) -> None:
    """Create what is made when it is missing, and never changed."""
    namespace = argocd["metadata"]["namespace"]
    for name, (type_, keys) in objects.secrets(argocd).items():
        if cluster.kube.get("v1", "Secret", name, namespace) is None:
            cluster.kube.create(objects.secret(argocd, name, type_, {key: _random() for key in keys}))
    for made in (objects.known_hosts(argocd), objects.certificates(argocd)):
        if cluster.kube.get("v1", "ConfigMap", made["metadata"]["name"], namespace) is None:
            cluster.kube.create(made)


def _random() -> str:
    return base64.b64encode(secrets.token_urlsafe(24).encode()).decode()
