# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Taking an operator away: Subscription first (or OLM installs it again), its versions, then what we made for it."""

from __future__ import annotations

from collections.abc import Sequence

from ..kube.kinds import (
    CLUSTER_ROLE,
    CLUSTER_SERVICE_VERSION,
    NAMESPACE,
    OPERATOR_GROUP,
    ROLE_BINDING,
    SUBSCRIPTION,
)
from ..kube.objects import Kind, Object, is_ours, section
from .model import Operator, Snapshot, Write
from .subscription import orphans

# What OLM lets the account of a webhook read in kube-system, by a RoleBinding that nothing can own there.
READER = "extension-apiserver-authentication-reader"


def remove(operators: Sequence[Operator], snapshot: Snapshot, force: bool = False) -> list[Write]:
    """Return the deletions, in order, that remove `operators` from one namespace; CRDs and custom resources stay.

    A Subscription that others made goes only with `force`; OperatorGroup and namespace only if we made them and
    no other Subscription or version needs them. What OLM lets the webhooks of a version read in kube-system goes with
    the version, or when the whole namespace is gone: OLM leaves it.
    """
    packages = {operator.name for operator in operators}
    subscriptions = [
        s for s in snapshot.subscriptions if section(s, "spec").get("name") in packages and (force or is_ours(s))
    ]
    doomed = {section(s, "status").get(key) for s in subscriptions for key in ("installedCSV", "currentCSV")}
    doomed.update(name for operator in operators for name in orphans(operator, snapshot))
    versions = [v for v in snapshot.own_versions() if v["metadata"]["name"] in doomed]
    writes = [_delete(SUBSCRIPTION, s) for s in subscriptions]
    writes += [_delete(CLUSTER_SERVICE_VERSION, v) for v in versions]
    writes += [_delete(ROLE_BINDING, r) for r in _left_readers(operators[0].namespace, snapshot, versions)]
    needed = len(subscriptions) < len(snapshot.subscriptions) or len(versions) < len(list(snapshot.own_versions()))
    if needed:
        return writes
    writes += [_delete(OPERATOR_GROUP, group) for group in snapshot.groups if is_ours(group)]
    if snapshot.ours:
        home = NAMESPACE.named(operators[0].namespace)
        writes.append(Write("delete", home.bare(), f"delete {home}"))
    return writes


def roles_of_groups(namespace: str) -> str:
    """Return the label selector of the ClusterRoles that OLM keeps for the OperatorGroups of a namespace."""
    return f"olm.owner.kind=OperatorGroup,olm.owner.namespace={namespace}"


def left_roles(roles: Sequence[Object], groups: Sequence[Object]) -> list[Write]:
    """Return the deletions of those of `roles` whose OperatorGroup is not among `groups`, all of one namespace.

    OLM deletes them with their group, and makes some anew when it comes round to a group that has just gone.
    """
    names = {group["metadata"]["name"] for group in groups}
    return [_delete(CLUSTER_ROLE, role) for role in roles if role["metadata"]["labels"]["olm.owner"] not in names]


def _left_readers(namespace: str, snapshot: Snapshot, gone: list[Object]) -> list[Object]:
    """Return the RoleBindings for accounts of the versions `gone` alone, or of a namespace that is gone."""
    accounts = {account for version in gone for account in _accounts(version)}
    kept = {account for version in snapshot.own_versions() if version not in gone for account in _accounts(version)}
    return [
        binding
        for binding in snapshot.readers
        if (subjects := binding.get("subjects"))
        and binding["roleRef"]["name"] == READER
        and all(each.get("namespace") == namespace for each in subjects)
        and (not snapshot.namespace or {each["name"] for each in subjects} <= accounts - kept)
    ]


def _accounts(version: Object) -> list[str]:
    """Return the ServiceAccounts of a version's Deployments."""
    deployments = section(version, "spec", "install", "spec").get("deployments") or []
    return [section(each, "spec", "template", "spec").get("serviceAccountName", "default") for each in deployments]


def _delete(kind: Kind, obj: Object) -> Write:
    reference = kind.named(obj["metadata"]["name"], obj["metadata"].get("namespace"))
    return Write("delete", reference.bare(), f"delete {reference}")
