# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The OperatorGroup of a namespace: adopt the one that is there, make one where there is none, never a second."""

from __future__ import annotations

from ..kube.kinds import OPERATOR_GROUP
from ..kube.objects import Object, section
from ..readiness.state import Failed
from .catalog import channel, manifest
from .model import Operator, Snapshot, Write, labelled

_LABEL = 63  # characters of a label's value, in which OLM names the group


def group_name(namespace: str) -> str:
    """Return the name of the group that is made in a namespace.

    Each has its own: OLM keeps ClusterRoles by it (`NAME-admin` and so on), and those of two groups would be one.
    """
    return f"seldon-openshift-{namespace}"[:_LABEL].rstrip("-")


def group_step(operator: Operator, snapshot: Snapshot) -> Write | Failed | None:
    """Return the group to create, why the operator cannot live in this namespace, or None when all is well."""
    if len(snapshot.groups) > 1:
        names = ", ".join(sorted(g["metadata"]["name"] for g in snapshot.groups))
        return Failed(
            f"namespace {operator.namespace} has {len(snapshot.groups)} OperatorGroups ({names}), so OLM serves none: "
            f"keep one, delete the others with: oc delete operatorgroup NAME -n {operator.namespace}"
        )
    wanted = operator.target_namespaces
    if not snapshot.groups:
        return _mode_refused(operator, snapshot, wanted or ()) or _create(operator)
    group = snapshot.groups[0]
    name, targets = group["metadata"]["name"], targets_of(group)
    if wanted is not None and set(wanted) != set(targets):
        return Failed(
            f"OperatorGroup {name} in {operator.namespace} targets {_say(targets)}, wanted is {_say(wanted)}; "
            "a namespace holds only one group: change target_namespaces, or install into another namespace"
        )
    return _mode_refused(operator, snapshot, targets)


def targets_of(group: Object) -> tuple[str, ...]:
    """Return the namespaces that an OperatorGroup targets; () stands for all."""
    spec = section(group, "spec")
    if spec.get("selector"):
        return tuple(n for n in section(group, "status").get("namespaces") or [] if n)
    return tuple(n for n in spec.get("targetNamespaces") or [] if n)


def install_mode(namespace: str, targets: tuple[str, ...]) -> str:
    """Return OLM's name for what a group in `namespace` with these `targets` asks of an operator."""
    if not targets:
        return "AllNamespaces"
    if len(targets) > 1:
        return "MultiNamespace"
    return "OwnNamespace" if targets[0] == namespace else "SingleNamespace"


def _mode_refused(operator: Operator, snapshot: Snapshot, targets: tuple[str, ...]) -> Failed | None:
    """Return Failed when the package says that it cannot be installed this way (OLM would say so only afterwards)."""
    package = manifest(operator, snapshot)
    found = channel(package, operator.channel) if package else None
    modes = section(found, "currentCSVDesc").get("installModes") or []
    supported = [mode["type"] for mode in modes if mode.get("supported")]
    mode = install_mode(operator.namespace, targets)
    if not modes or mode in supported:
        return None
    return Failed(
        f"it would be installed as {mode} (its OperatorGroup targets {_say(targets)}), "
        f"but it supports only: {', '.join(supported)}; set target_namespaces, or choose another namespace"
    )


def _create(operator: Operator) -> Write:
    targets = sorted(operator.target_namespaces or ())
    reference = OPERATOR_GROUP.named(group_name(operator.namespace), operator.namespace)
    obj = {**labelled(reference), "spec": {"targetNamespaces": targets} if targets else {}}
    return Write("create", obj, f"create {reference} for {_say(tuple(targets))}")


def _say(targets: tuple[str, ...]) -> str:
    return ", ".join(sorted(targets)) if targets else "all namespaces"
