# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a service account may do, by the roles that are bound to it: RBAC over plain objects."""

from __future__ import annotations

from collections.abc import Iterator

from ..kube.kinds import CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING
from ..kube.objects import Object, Reference
from ..kube.rights import Right, gives
from .observed import Observed


def granting(cluster: Observed, namespace: str, account: str, right: Right) -> str | None:
    """Return the binding that gives the account the right (`ClusterRoleBinding a`), None when none does."""
    for binding in _bindings(cluster, right.namespace):
        reference = binding["roleRef"]
        if not _is_for(binding, namespace, account):
            continue
        is_cluster_role = reference["kind"] == CLUSTER_ROLE.name
        kind, home = (CLUSTER_ROLE, None) if is_cluster_role else (ROLE, binding["metadata"].get("namespace"))
        role = cluster.get(Reference(kind, reference["name"], home))
        if any(gives(rule, right) for rule in (role or {}).get("rules") or []):
            return f"{binding['kind']} {binding['metadata']['name']}"
    return None


def _bindings(cluster: Observed, namespace: str) -> Iterator[Object]:
    if namespace:
        yield from cluster.list(ROLE_BINDING, namespace)
    yield from cluster.list(CLUSTER_ROLE_BINDING)


def _is_for(binding: Object, namespace: str, account: str) -> bool:
    groups = {"system:authenticated", "system:serviceaccounts", f"system:serviceaccounts:{namespace}"}
    for subject in binding.get("subjects") or []:
        kind, name = subject.get("kind"), subject.get("name")
        if kind == "ServiceAccount" and (subject.get("namespace"), name) == (namespace, account):
            return True
        if (kind == "Group" and name in groups) or (
            kind == "User" and name == f"system:serviceaccount:{namespace}:{account}"
        ):
            return True
    return False
