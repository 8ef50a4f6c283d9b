"""What a fresh OpenShift 4.11 cluster holds before anyone installs anything on it.

`platform/*.yaml` are the objects, written for the default domain and version; the long lists of one shape (namespaces,
ClusterOperators, nodes, rules for pods) are tables there and get their shape here. Whatever exists is left as it is, so
that running again completes a cluster and undoes nothing that its users changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.definitions import PLATFORM, Definitions, establish
from sandbox.kube import ApiError, Kube, Object, load_objects

FOLDER = Path(__file__).with_suffix("")
DOMAIN = "apps.sandbox.example.com"
VERSION = "4.11.20"
INSTALLED = "2022-12-01T08:00:00Z"


@dataclass(frozen=True)
class Options:
    """How this cluster differs from the default one."""

    domain: str = DOMAIN
    """The domain of its applications, beginning with `apps.`."""
    version: str = VERSION
    load_balancers: bool = True
    """Whether its infrastructure can give addresses to Services (AWS) or not (bare metal)."""
    templates: bool = True
    """Whether the Samples operator has brought its templates and image streams."""
    extra: tuple[Object, ...] = ()
    """What others have installed before (`catalog.strangers`)."""


def install(kube: Kube, definitions: Definitions, options: Options) -> None:
    """Create what is missing: definitions, then namespaces, then everything else.

    Raises ApiError when the API server refuses an object, TimeoutError when it does not serve a definition.
    """
    establish(kube, definitions.load(*PLATFORM))
    everything = objects(options)
    namespaces = [obj for obj in everything if obj["kind"] == "Namespace"]
    create_missing(kube, namespaces)
    create_missing(kube, (obj for obj in everything if obj["kind"] != "Namespace"))


def create_missing(kube: Kube, wanted: Iterable[Object]) -> None:
    """Create each object, with its status, unless it exists. Raises ApiError when one is refused."""
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda obj: _create(kube, obj), wanted))


def _create(kube: Kube, obj: Object) -> None:
    try:
        live = kube.create(obj)
    except ApiError as error:
        if error.reason != "AlreadyExists":
            raise ApiError(error.status, f"{obj['kind']} {obj['metadata']['name']}: {error.message}") from error
        return
    if "status" in obj and live.get("status") != obj["status"]:
        kube.set_status(live, obj["status"])


def objects(options: Options) -> list[Object]:
    """Return all objects of the cluster described by `options`, without definitions."""
    found = [namespace(name, metadata or {}) for name, metadata in _table("namespaces", options).items()]
    found += [cluster_operator(name, options.version) for name in _table("cluster-operators", options)]
    found += [node(name, labels) for name, labels in _table("nodes", options).items()]
    found += [obj for name, rules in _table("constraints", options).items() for obj in constraints(name, rules)]
    names = ["cluster", "ingress", "monitoring", "olm", "rights", "storage"]
    names += ["infrastructure-aws" if options.load_balancers else "infrastructure-none"]
    names += ["samples"] if options.templates else []
    found += [obj for name in names for obj in _objects(name, options)]
    return [*found, *options.extra]


def namespace(name: str, metadata: Object) -> Object:
    """Return a Namespace; `metadata` may have labels and annotations."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, **metadata}}


def cluster_operator(name: str, version: str) -> Object:
    """Return a ClusterOperator as it looks when all is well."""
    states = {"Available": "True", "Progressing": "False", "Degraded": "False", "Upgradeable": "True"}
    conditions = [
        {"type": kind, "status": status, "reason": "AsExpected", "lastTransitionTime": INSTALLED}
        for kind, status in states.items()
    ]
    return {
        "apiVersion": "config.openshift.io/v1",
        "kind": "ClusterOperator",
        "metadata": {"name": name},
        "spec": {},
        "status": {"conditions": conditions, "versions": [{"name": "operator", "version": version}]},
    }


def node(name: str, labels: dict[str, str]) -> Object:
    """Return a Node with room for everything that the guide installs; KWOK keeps it ready."""
    room = {"cpu": "64", "memory": "256Gi", "pods": "500", "ephemeral-storage": "1Ti"}
    own = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": {**own, **labels}},
        "status": {
            "capacity": room,
            "allocatable": room,
            # Kubernetes 1.24 is what OpenShift 4.11 is made of.
            "nodeInfo": {
                "kubeletVersion": "v1.24.6",
                "kubeProxyVersion": "v1.24.6",
                "osImage": "Red Hat Enterprise Linux CoreOS 411",
            },
        },
    }


def constraints(name: str, rules: Object) -> list[Object]:
    """Return the SecurityContextConstraints of this name and the ClusterRole to use them; `rules` are what differs."""
    strict = name.endswith("-v2")
    rights = "rbac.authorization.k8s.io/v1"
    use = {
        "apiGroups": ["security.openshift.io"],
        "resources": ["securitycontextconstraints"],
        "resourceNames": [name],
        "verbs": ["use"],
    }
    role = f"system:openshift:scc:{name.removesuffix('-anyuid')}"
    return [
        {
            "apiVersion": "security.openshift.io/v1",
            "kind": "SecurityContextConstraints",
            "metadata": {"name": name},
            "allowHostDirVolumePlugin": False,
            "allowHostIPC": False,
            "allowHostNetwork": False,
            "allowHostPID": False,
            "allowHostPorts": False,
            "allowPrivilegeEscalation": not strict,
            "allowPrivilegedContainer": False,
            "allowedCapabilities": ["NET_BIND_SERVICE"] if strict else None,
            "defaultAddCapabilities": None,
            "fsGroup": {"type": "MustRunAs"},
            "groups": [],
            "priority": None,
            "readOnlyRootFilesystem": False,
            "requiredDropCapabilities": ["ALL"] if strict else ["KILL", "MKNOD", "SETUID", "SETGID"],
            "runAsUser": {"type": "MustRunAsRange"},
            "seLinuxContext": {"type": "MustRunAs"},
            "seccompProfiles": ["runtime/default"] if strict else None,
            "supplementalGroups": {"type": "RunAsAny"},
            "users": [],
            "volumes": ["configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret"],
            **rules,
        },
        {"apiVersion": rights, "kind": "ClusterRole", "metadata": {"name": role}, "rules": [use]},
    ]


def _text(name: str, options: Options) -> str:
    text = (FOLDER / f"{name}.yaml").read_text()
    for default, wanted in (
        (DOMAIN, options.domain),
        (DOMAIN.removeprefix("apps."), options.domain.removeprefix("apps.")),
        (VERSION, options.version),
    ):
        text = text.replace(default, wanted)
    return text


def _table(name: str, options: Options) -> Any:
    return yaml.safe_load(_text(name, options))


def _objects(name: str, options: Options) -> Iterator[Object]:
    yield from load_objects(_text(name, options))
