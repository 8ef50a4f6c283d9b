# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Reading what a backup keeps, in four groups, which a restore writes one after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from ..kube.client import Client
from ..kube.errors import KindNotServed
from ..kube.kinds import (
    APP_PROJECT,
    APPLICATION,
    CLUSTER_VERSION,
    CONFIG_MAP,
    EXPERIMENT,
    MODEL,
    NAMESPACE,
    PIPELINE,
    SECRET,
    SELDON_DEPLOYMENT,
    SERVER,
)
from ..kube.objects import Kind, Object, Objects, Reference, section
from . import kept

# In the order in which they are made again: a Model needs its Server, a Pipeline its Models.
MODELS = (SERVER, SELDON_DEPLOYMENT, MODEL, PIPELINE, EXPERIMENT)
GROUPS = ("secrets", "argocd", "models")
KNOWN_HOSTS = "argocd-ssh-known-hosts-cm"
DEFAULT_PROJECT = "default"  # Argo CD makes it itself
# Secrets that the roles make again: the token for Thanos, what the template's database is made with.
RENEWED = ("jwt-seldon", "metadata", "metadata-postgres-parameters")
# Copies in the namespaces of Kafka's clients: on a new cluster its operator, or a variable, has another password.
KAFKA_COPIES = ("seldon-kafka-user", "seldon-kafka-ca")
LOGIN_OF_LOGS = "elastic-credentials"
GIT = "what Argo CD takes from Git"


@dataclass(frozen=True)
class Places:
    """The namespaces of the installation. external_logs: whether Elasticsearch, and thus its login, is elsewhere."""

    system: str
    logs: str
    argocd: str
    external_logs: bool = False


@dataclass
class Content:
    """What a backup keeps. namespaces: entries of `seldon_model_namespaces`; left_out: how many objects, by reason."""

    namespaces: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, Objects] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def cluster_of(client: Client) -> dict[str, str]:
    """Return what tells this cluster from others: `server`, and OpenShift's `id` where that can be read."""
    version = client.get(Reference(CLUSTER_VERSION, "version"))
    return {"server": client.host, "id": str(section(version, "spec").get("clusterID") or "")}


def gather(client: Client, places: Places) -> Content:
    """Read what is kept. Raises ApiError for what may not be read: half a backup is none."""
    found = Content()
    namespaces = {each["metadata"]["name"]: each for each in client.list(NAMESPACE, label_selector="seldon.restricted")}
    models = [obj for kind in MODELS for obj in _listed(client, kind)]
    runtimes = {obj["metadata"]["namespace"] for obj in models if obj["kind"] == SERVER.name}
    found.namespaces = [kept.entry_of(each, name in runtimes) for name, each in sorted(namespaces.items())]
    found.groups["secrets"] = _kept(found, _own(client, namespaces, places), lambda each: is_renewed(each, places))
    found.groups["argocd"] = _kept(found, _argocds(client, places.argocd, namespaces))
    ours = [obj for obj in models if obj["metadata"]["namespace"] in namespaces]
    of_git = [obj for obj in ours if kept.is_of_git(obj, namespaces[obj["metadata"]["namespace"]])]
    found.left_out.update({GIT: len(of_git)} if of_git else {})
    found.groups["models"] = _kept(found, (obj for obj in ours if obj not in of_git))
    return found


def _listed(client: Client, kind: Kind, namespace: str | None = None) -> Objects:
    try:
        return client.list(kind, namespace)
    except KindNotServed:
        return []


def _own(client: Client, namespaces: Iterable[str], places: Places) -> Iterator[Object]:
    """Yield Secrets of the installation and of models, and what else models read."""
    for namespace in (places.system, places.logs):
        yield from client.list(SECRET, namespace)
    for namespace in namespaces:
        yield from client.list(SECRET, namespace)
        yield from client.list(CONFIG_MAP, namespace)


def is_renewed(secret: Object, places: Places) -> bool:
    """Tell whether the roles make the Secret again, or copy it from what an operator or a database here has made."""
    name, namespace = secret["metadata"]["name"], secret["metadata"]["namespace"]
    if name in KAFKA_COPIES:
        return True
    if namespace == places.system and (name in RENEWED or kept.is_of_a_database_here(secret)):
        return True
    return namespace in (places.system, places.logs) and name == LOGIN_OF_LOGS and not places.external_logs


def _argocds(client: Client, namespace: str, gitops: Iterable[str]) -> Iterator[Object]:
    """Yield Argo CD's repositories, projects, Applications and SSH host keys."""
    yield from filter(kept.is_argocds, client.list(SECRET, namespace))
    hosts = client.get(Reference(CONFIG_MAP, KNOWN_HOSTS, namespace))
    if hosts:
        # Its operator makes it, and keeps what is added.
        yield {**hosts, "metadata": {"name": KNOWN_HOSTS, "namespace": namespace}}
    projects = _listed(client, APP_PROJECT, namespace)
    yield from (each for each in projects if each["metadata"]["name"] != DEFAULT_PROJECT)
    own = {f"seldon-gitops-{name}" for name in gitops}
    yield from (each for each in _listed(client, APPLICATION, namespace) if each["metadata"]["name"] not in own)


def _kept(found: Content, objects: Iterable[Object], renewed: Callable[[Object], bool] | None = None) -> Objects:
    chosen = []
    for obj in objects:
        reason = kept.AGAIN if renewed and renewed(obj) else kept.reason_against(obj)
        if reason:
            found.left_out[reason] += 1
        else:
            chosen.append(kept.clean(obj))
    return chosen
