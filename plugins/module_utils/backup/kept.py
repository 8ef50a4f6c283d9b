# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What of the cluster's objects only this installation holds: pure functions over one object.

Left out is what comes again by itself, each time with the reason, so that a backup can tell it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..apply.diff import content
from ..kube.objects import MANAGED_BY, Object, section

AGAIN = "what site.yml makes again"
# Types of Secrets that somebody makes again (Kubernetes, OpenShift, Helm, Istio).
_TYPES = {
    "kubernetes.io/service-account-token": "tokens of ServiceAccounts",
    "kubernetes.io/dockercfg": "pull secrets that OpenShift makes for ServiceAccounts",
    "helm.sh/release.v1": "records of Helm",
    "istio.io/key-and-cert": "certificates of the mesh",
    "istio.io/ca-root": "certificates of the mesh",
}
# Prefixes of labels and annotations that operators put on what they make.
_MAKERS = (
    "common.k8s.elastic.co/",
    "eck.k8s.elastic.co/",
    "elasticsearch.k8s.elastic.co/",
    "strimzi.io/",
    "service.alpha.openshift.io/",
    "service.beta.openshift.io/",
    "olm.",
)
# What every namespace gets (Kubernetes, OpenShift, the mesh).
_EVERYWHERE = ("kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert")
_MANAGER = "app.kubernetes.io/managed-by"
# Argo CD's marks of what it has taken from Git: a label, or since 2.x optionally an annotation.
_TRACKED = ("argocd.argoproj.io/tracking-id", "app.kubernetes.io/instance")
GITOPS = {"seldon.gitops": "enabled"}
ARGOCD_LABEL = "argocd.argoproj.io/secret-type"
DATABASE_LABEL = "seldon.openshift/database"

# Labels of namespaces that the roles or the platform write again.
_WRITTEN_LABELS = ("seldon.restricted", "seldon.gitops", "argocdapp", "istio-injection")
_WRITTEN_DOMAINS = ("kubernetes.io/", "openshift.io/", "argoproj.io/", "maistra.io/", "olm.operatorgroup.uid/")


def reason_against(obj: Object) -> str:
    """Return why a backup leaves an object out; empty when it is kept."""
    metadata = obj["metadata"]
    marks = {**section(metadata, "labels"), **section(metadata, "annotations")}
    if metadata.get("ownerReferences"):
        return "what belongs to other objects"
    if metadata.get("deletionTimestamp"):
        return "what is being deleted"
    if obj["kind"] == "Secret" and (told := _TYPES.get(obj.get("type", ""))):
        return told
    if metadata["name"] in _EVERYWHERE:
        return "what every namespace gets"
    if marks.get(_MANAGER) == "Helm":
        return "what Helm makes again"
    if MANAGED_BY.items() <= marks.items():
        return AGAIN
    if any(mark.startswith(_MAKERS) for mark in marks):
        return "what operators make again"
    return ""


def is_of_git(obj: Object, namespace: Object | None) -> bool:
    """Tell whether Argo CD has taken the object from Git, which has it still."""
    if not GITOPS.items() <= section(namespace, "metadata", "labels").items():
        return False
    metadata = obj["metadata"]
    return any(mark in {**section(metadata, "labels"), **section(metadata, "annotations")} for mark in _TRACKED)


def is_argocds(secret: Object) -> bool:
    """Tell whether Argo CD reads the Secret: a repository, its credentials, or a cluster."""
    return ARGOCD_LABEL in section(secret, "metadata", "labels")


def is_of_a_database_here(secret: Object) -> bool:
    """Tell whether the login is that of a database in the cluster, which gets a new one with a new database."""
    return section(secret, "metadata", "labels").get(DATABASE_LABEL) in ("template", "manifest")


def clean(obj: Object) -> Object:
    """Return the object as it is created again: without status, and without what only the server or clients write."""
    kept: Object = content(obj) or {}
    metadata = {key: value for key, value in kept["metadata"].items() if key not in ("ownerReferences", "finalizers")}
    return {**kept, "metadata": metadata}


def entry_of(namespace: Object, with_v2: bool) -> dict[str, Any]:
    """Return a model namespace as an entry of `seldon_model_namespaces`."""
    labels = section(namespace, "metadata", "labels")
    entry: dict[str, Any] = {"name": namespace["metadata"]["name"]}
    # What is not said is left as it is; `false` would end it.
    entry.update({"gitops": True} if GITOPS.items() <= labels.items() else {})
    entry.update({"v2": True} if with_v2 else {})
    if "argocdapp" in labels:
        entry["argocd_app"] = labels["argocdapp"]
    own = {label: value for label, value in labels.items() if not _is_written(label)}
    return {**entry, "labels": own} if own else entry


def _is_written(label: str) -> bool:
    domain = label[: label.find("/") + 1]
    return label in _WRITTEN_LABELS or domain.endswith(_WRITTEN_DOMAINS)


def united(live: Object, saved: Object) -> Object:
    """Return an object that others write as well, with what of ours it lacks: entries of lists, lines of text.

    For Argo CD's project and its ConfigMap of SSH host keys, of which nothing is taken away.
    """
    return {**live, **{part: _joined(live.get(part), saved[part]) for part in ("spec", "data") if part in saved}}


def _joined(live: Any, saved: Any) -> Any:
    if isinstance(live, dict) and isinstance(saved, dict):
        return {**live, **{key: _joined(live.get(key), value) for key, value in saved.items()}}
    if isinstance(live, list) and isinstance(saved, list):
        known = {each["name"] for each in live if isinstance(each, dict) and "name" in each and "namespace" not in each}
        return live + [each for each in saved if each not in live and not _named(each, known)]
    if isinstance(live, str) and isinstance(saved, str) and "\n" in live + saved:
        lacking = "".join(_lacking(live.splitlines(), saved.splitlines()))
        return (f"{live.rstrip()}\n{lacking}" if live else lacking) if lacking else live
    return saved if live is None else live


def _named(each: Any, known: set[str]) -> bool:
    return isinstance(each, dict) and "namespace" not in each and each.get("name") in known


def _lacking(live: list[str], saved: list[str]) -> Iterator[str]:
    return (f"{line}\n" for line in saved if line and line not in live)
