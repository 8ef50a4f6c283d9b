"""Namespaces labelled argocd.argoproj.io/managed-by: rights in them for the Argo CD of the named namespace.

A label that names a namespace without an Argo CD is silent, and what an Argo CD got stays when it is deleted.
"""

from __future__ import annotations

import base64

from sandbox.kube import Object
from sandbox.operators.gitops import objects
from sandbox.simulator import Cluster

LABEL = "argocd.argoproj.io/managed-by"
ARGOCD = ("argoproj.io/v1alpha1", "ArgoCD")
RBAC = "rbac.authorization.k8s.io/v1"


def labelled(namespace: Object) -> bool:
    """Tell whether the namespace asks to be managed."""
    return LABEL in namespace["metadata"].get("labels", {})


def reconcile(cluster: Cluster, namespace: Object) -> float | None:
    """Follow the label: grant, withdraw, and list the namespace in the Secret of the Argo CD."""
    name, notes = namespace["metadata"]["name"], cluster.memory(namespace)
    terminating = "deletionTimestamp" in namespace["metadata"]
    before, now = notes.get(LABEL), namespace["metadata"].get("labels", {}).get(LABEL)
    if before and before != now:
        _withdraw(cluster, name, before)
    for argocd in _instances(cluster, before, now):
        if argocd["metadata"]["namespace"] == now and not terminating:
            cluster.apply(*objects.managed(argocd, name))
        list_namespaces(cluster, argocd)
    notes[LABEL] = now
    return None


def gone(cluster: Cluster, namespace: Object) -> None:
    """Take a deleted namespace off the list."""
    for argocd in _instances(cluster, namespace["metadata"]["labels"][LABEL]):
        list_namespaces(cluster, argocd)


def take_up(cluster: Cluster, argocd: Object) -> None:
    """Grant the rights in namespaces that were labelled before the Argo CD existed."""
    own = argocd["metadata"]["namespace"]
    for namespace in _labelled_for(cluster, own):
        if namespace != own:
            cluster.apply(*objects.managed(argocd, namespace))


def list_namespaces(cluster: Cluster, argocd: Object) -> None:
    """Write the list of namespaces into the Argo CD's cluster Secret, unless it is there already."""
    own = argocd["metadata"]["namespace"]
    wanted = {
        "config": "{}",
        "name": "in-cluster",
        "namespaces": ",".join(sorted({own, *_labelled_for(cluster, own)})),
        "server": "https://kubernetes.default.svc",
    }
    data = {key: base64.b64encode(value.encode()).decode() for key, value in wanted.items()}
    obj = objects.cluster_secret(argocd, data)
    if (cluster.kube.get("v1", "Secret", obj["metadata"]["name"], own) or {}).get("data") != data:
        cluster.apply(obj)


def _labelled_for(cluster: Cluster, namespace: str) -> list[str]:
    found = cluster.kube.list("v1", "Namespace", labels=f"{LABEL}={namespace}")
    return [obj["metadata"]["name"] for obj in found if "deletionTimestamp" not in obj["metadata"]]


def _instances(cluster: Cluster, *namespaces: str | None) -> list[Object]:
    wanted = {namespace for namespace in namespaces if namespace}
    found = [argocd for namespace in sorted(wanted) for argocd in cluster.kube.list(*ARGOCD, namespace)]
    return [argocd for argocd in found if "deletionTimestamp" not in argocd["metadata"]]


def _withdraw(cluster: Cluster, namespace: str, of: str) -> None:
    """Delete the rights that the Argo CD of the namespace `of` has in `namespace`."""
    for binding in cluster.kube.list(RBAC, "RoleBinding", namespace):
        if binding["metadata"].get("annotations", {}).get(objects.OF_NAMESPACE) == of:
            cluster.kube.delete(binding)
            cluster.kube.delete({"apiVersion": RBAC, "kind": "Role", "metadata": binding["metadata"]})
