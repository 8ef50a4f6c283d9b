# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Taking an operator away: Subscription first (or OLM installs it again), its versions, then what we made for it."""

from __future__ import annotations

from collections.abc import Sequence

from ..kube.kinds import CLUSTER_SERVICE_VERSION, NAMESPACE, OPERATOR_GROUP, ROLE_BINDING, SUBSCRIPTION
from ..kube.objects import Kind, Object, is_ours, section
from .model import Operator, Snapshot, Write
from .subscription import orphans

# The labels by which OLM finds what it made for a version in other namespaces, where nothing can own it.
OWNER, OWNER_NAMESPACE = "olm.owner", "olm.owner.namespace"


def remove(operators: Sequence[Operator], snapshot: Snapshot, force: bool = False) -> list[Write]:
    """Return the deletions, in order, that remove `operators` from one namespace; CRDs and custom resources stay.

    A Subscription that others made goes only with `force`; OperatorGroup and namespace only if we made them and
    no other Subscription or version needs them. What OLM granted the webhooks of a version in kube-system goes with the
    version, or when the whole namespace is gone: OLM leaves it.
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
    gone = {v["metadata"]["name"] for v in versions}
    writes += [_delete(ROLE_BINDING, r) for r in snapshot.readers if not snapshot.namespace or _owner(r) in gone]
    needed = len(subscriptions) < len(snapshot.subscriptions) or len(versions) < len(list(snapshot.own_versions()))
    if needed:
        return writes
    writes += [_delete(OPERATOR_GROUP, group) for group in snapshot.groups if is_ours(group)]
    if snapshot.ours:
        home = NAMESPACE.named(operators[0].namespace)
        writes.append(Write("delete", home.bare(), f"delete {home}"))
    return writes


def _owner(binding: Object) -> str:
    return str(section(binding, "metadata", "labels").get(OWNER))


def _delete(kind: Kind, obj: Object) -> Write:
    reference = kind.named(obj["metadata"]["name"], obj["metadata"]["namespace"])
    return Write("delete", reference.bare(), f"delete {reference}")
