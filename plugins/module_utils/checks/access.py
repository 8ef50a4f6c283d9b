# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a service account may do, by the roles that are bound to it: RBAC over plain objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..kube.objects import Object
from .observed import Observed

RIGHTS = "rbac.authorization.k8s.io/v1"


@dataclass(frozen=True)
class Right:
    """A verb on a resource of an API group; `namespace` empty means in the whole cluster, `name` empty any object."""

    verb: str
    resource: str
    group: str = ""
    namespace: str = ""
    name: str = ""


def granting(cluster: Observed, namespace: str, account: str, right: Right) -> str | None:
    """Return the binding that gives the account the right (`ClusterRoleBinding a`), None when none does."""
    for binding in _bindings(cluster, right.namespace):
        reference = binding["roleRef"]
        if not _is_for(binding, namespace, account):
            continue
        home = None if reference["kind"] == "ClusterRole" else binding["metadata"].get("namespace")
        role = cluster.get(RIGHTS, reference["kind"], reference["name"], home)
        if any(_gives(rule, right) for rule in (role or {}).get("rules") or []):
            return f"{binding['kind']} {binding['metadata']['name']}"
    return None


def _bindings(cluster: Observed, namespace: str) -> Iterator[Object]:
    for kind, where in (("RoleBinding", namespace), ("ClusterRoleBinding", None)):
        if where != "":
            for binding in cluster.list(RIGHTS, kind, where):
                yield {**binding, "kind": kind}


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


def _gives(rule: Object, right: Right) -> bool:
    wanted = {"verbs": right.verb, "apiGroups": right.group, "resources": right.resource}
    names = rule.get("resourceNames") or []
    return (not names or right.name in names) and all(
        value in (rule.get(field) or []) or "*" in (rule.get(field) or []) for field, value in wanted.items()
    )
