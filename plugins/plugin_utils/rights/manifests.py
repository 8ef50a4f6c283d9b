# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Roles that allow what rows say, and bindings that give them to one user or account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .rows import CLUSTER, INSTALLATION, MODELS, OPERATORS, Places, Row

Object = dict[str, Any]
GROUP = "rbac.authorization.k8s.io"
_VERSION = f"{GROUP}/v1"


@dataclass(frozen=True)
class Subject:
    """Who gets the rights: a user, or with `namespace` the ServiceAccount of that namespace."""

    name: str
    namespace: str = ""

    def manifest(self) -> Object:
        """Return it as a binding holds it."""
        if self.namespace:
            return {"kind": "ServiceAccount", "name": self.name, "namespace": self.namespace}
        return {"apiGroup": GROUP, "kind": "User", "name": self.name}

    def account(self) -> list[Object]:
        """Return the ServiceAccount and its namespace; nothing for a user."""
        if not self.namespace:
            return []
        home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        metadata = {"name": self.name, "namespace": self.namespace}
        return [home, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}]


def manifests(playbook: str, rows: Iterable[Row], subject: Subject, places: Places) -> list[Object]:
    """Return the roles that the rows need, and the bindings of `subject` to them."""
    name = f"seldon-openshift-{playbook.replace('_', '-')}"
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.where].append(row)
    made = subject.account()
    for where, rules in sorted(found.items(), key=lambda each: (_ORDER.get(each[0], len(_ORDER)), each[0])):
        made += _of(name, where, rules, subject, places)
    return made


_SEVERAL = (CLUSTER, INSTALLATION, OPERATORS, MODELS)
_ORDER = {where: position for position, where in enumerate(_SEVERAL)}


def _of(name: str, where: str, rows: list[Row], subject: Subject, places: Places) -> list[Object]:
    namespaces = places.of(where)
    if where not in _SEVERAL:
        home = (namespaces or [where])[0]
        return [_role("Role", name, home, rows), _binding("Role", name, home, subject)]
    part = name if where == CLUSTER else f"{name}-{where}"
    role = _role("ClusterRole", part, "", rows)
    bound = [""] if namespaces is None else namespaces
    return [role, *(_binding("ClusterRole", part, each, subject) for each in bound)]


def _role(kind: str, name: str, namespace: str, rows: list[Row]) -> Object:
    return {"apiVersion": _VERSION, "kind": kind, "metadata": _metadata(name, namespace), "rules": rules(rows)}


def _binding(kind: str, role: str, namespace: str, subject: Subject) -> Object:
    return {
        "apiVersion": _VERSION,
        "kind": "RoleBinding" if namespace else "ClusterRoleBinding",
        "metadata": _metadata(role, namespace),
        "roleRef": {"apiGroup": GROUP, "kind": kind, "name": role},
        "subjects": [subject.manifest()],
    }


def _metadata(name: str, namespace: str) -> Object:
    return {"name": name, "namespace": namespace} if namespace else {"name": name}


def rules(rows: Iterable[Row]) -> list[Object]:
    """Return the rules of RBAC that allow what the rows say, as few as there can be."""
    verbs: dict[tuple[str, str, tuple[str, ...]], set[str]] = defaultdict(set)
    for row in rows:
        verbs[row.group, row.resource, tuple(sorted(row.names))].update(row.verbs)
    resources: dict[tuple[str, tuple[str, ...], tuple[str, ...]], list[str]] = defaultdict(list)
    for (group, resource, names), allowed in sorted(verbs.items()):
        unnamed = verbs.get((group, resource, ()), set()) if names else set()
        if left := allowed - unnamed:
            resources[group, names, tuple(sorted(left))].append(resource)
    return [
        {
            "apiGroups": [group],
            "resources": found,
            **({"resourceNames": list(names)} if names else {}),
            "verbs": list(allowed),
        }
        for (group, names, allowed), found in resources.items()
    ]
