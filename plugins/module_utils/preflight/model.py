# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What preflight observes and wants, and what it calls a problem: plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..kube.objects import Object, Objects, Reference
from ..kube.rights import Right
from ..shared.embedded import Settings
from ..shared.registry_logins import Logins
from .helm import HelmCluster
from .pins import Pin

CHECKS = (
    "input",
    "variables",
    "version",
    "upgrade",
    "rights",
    "catalogs",
    "operators",
    "storage",
    "mesh",
    "argocd",
    "alertmanager",
    "monitoring",
    "pull_secret",
    "adoption",
    "overrides",
    "token",
    "helm",
    "client",
)
# The variables alone tell these, so that nothing has to be read from a cluster.
OFFLINE = ("input", "variables")
# Nothing that a run could do would make up for it.
NEVER_IGNORED = ("input", "pull_secret")
ONLY_WARNED = ("variables",)


@dataclass(frozen=True)
class Problem:
    """Something in the way: the check's name (one of CHECKS), what was seen, what to type, and whether it stops us."""

    check: str
    seen: str
    do: str
    stops: bool = True


@dataclass(frozen=True)
class Unread:
    """A look that was refused: the check that needed it, and why (`you may not list pods`)."""

    check: str
    refusal: str


@dataclass(frozen=True)
class Observation:
    """What was observed; None (or nothing) where there is none, or where it may not be read, which `unread` tells.

    input: what is wrong with the values that were given; the first line of each says what, the others what to type.
    misspelt: variables with a role's prefix that are none of it, each with name, role, and the nearest name or nothing.
    offers: the catalogues that offer each wanted package, read only where a wanted catalogue is missing.
    kubernetes: the API server's version (major and minor), read only where the classes' meaning depends on it.
    denied: rights that we lack. token_seconds: how long our token is
    still accepted. foreign: what is there of the wanted objects, and was not applied by this collection. address: of
    the API server. misfits: what the CRDs that are there do not take of the overrides, as sentences. helm, client:
    versions; empty when missing.
    """

    input: tuple[str, ...] = ()
    misspelt: tuple[Mapping[str, str], ...] = ()
    unread: tuple[Unread, ...] = ()
    cluster_version: Object | None = None
    denied: tuple[Right, ...] = ()
    catalogs: Objects = field(default_factory=list)
    offers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    classes: Objects = field(default_factory=list)
    kubernetes: tuple[int, ...] = ()
    control_planes: Objects = field(default_factory=list)
    rolls: Objects = field(default_factory=list)
    members: Objects = field(default_factory=list)
    namespaces: Objects = field(default_factory=list)
    argocds: Objects = field(default_factory=list)
    alertmanager: Object | None = None
    monitoring: Objects = field(default_factory=list)
    pull_secret: Object | None = None
    foreign: tuple[Reference, ...] = ()
    misfits: tuple[str, ...] = ()
    token_seconds: float | None = None
    address: str = ""
    helm: str = ""
    helm_cluster: HelmCluster = field(default_factory=HelmCluster)
    pins: tuple[Pin, ...] = ()
    client: str = ""


@dataclass(frozen=True)
class Wanted:
    """What the installation needs. An empty name, or nothing, means that the check has nothing to look at.

    playbook: which one asks for rights.
    oldest, tested, newest: versions such as 4.11. control_plane: name of the one that will be applied; empty when
    an existing one is used. packages: those that each catalogue is to offer, by its name. catalog_variables: which
    variable names each. argocd: the same for the Argo CD. managed: namespaces that it will manage. monitoring:
    settings that will be merged, by the name of their ConfigMap. logins: what the cluster's pull secret will get.
    registry: from where images will come. adopt: whether objects of others may be changed.
    token_seconds: how long a run takes.
    """

    playbook: str = "site"
    oldest: str = "4.8"
    tested: str = "4.11"
    newest: str = "4.11"
    catalogs: tuple[str, ...] = ()
    catalogs_namespace: str = "openshift-marketplace"
    packages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    catalog_variables: Mapping[str, str] = field(default_factory=dict)
    storage: bool = True
    mesh_namespace: str = "istio-system"
    control_plane: str = ""
    mesh_members: tuple[str, ...] = ()
    argocd_namespace: str = "seldon-argocd"
    argocd: str = ""
    managed: tuple[str, ...] = ()
    alertmanager: bool = True
    monitoring: Mapping[str, Settings] = field(default_factory=dict)
    logins: Logins = field(default_factory=dict)
    registry: str = ""
    adopt: bool = False
    token_seconds: int = 0
    helm_oldest: str = ""
    helm_newest: str = ""
    client_oldest: str = ""
