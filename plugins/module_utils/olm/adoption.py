# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Operators that are installed already, perhaps elsewhere: they are used as they are, never installed a second time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from ..kube.client import Client
from ..kube.errors import ApiError
from ..kube.kinds import OPERATOR_GROUP, SUBSCRIPTION
from ..kube.objects import Object, is_ours, section
from .group import targets_of
from .model import Operator


def find_installed(client: Client, operators: Sequence[Operator], deadline: float) -> list[Operator]:
    """Return `operators`, with what is installed elsewhere in their place. `deadline` in seconds of time.monotonic().

    Costs one list, and a second one only when there is something to adopt; without operators none. Raises EngineError.
    """
    if not operators:
        return []
    try:
        subscriptions = client.list(SUBSCRIPTION, deadline=deadline)
    except ApiError as error:
        if error.status not in (403, 404):
            raise
        return list(operators)  # without the right to look elsewhere, or without OLM, only the own namespace counts
    if not any(_candidates(operator, subscriptions) for operator in operators):
        return list(operators)
    groups = client.list(OPERATOR_GROUP, deadline=deadline)
    return [adopt(operator, subscriptions, groups) for operator in operators]


def adopt(operator: Operator, subscriptions: Iterable[Object], groups: Iterable[Object]) -> Operator:
    """Return the operator that serves in place of `operator`, or `operator` when none is there.

    An installation in another namespace serves when its OperatorGroup is for all namespaces: OLM refuses a second
    provider of the same kinds. Its channel, source, version and approval are its owner's.
    """
    everywhere = {group["metadata"]["namespace"] for group in groups if not targets_of(group)}
    for found in _candidates(operator, subscriptions):
        namespace = found["metadata"]["namespace"]
        if namespace == operator.namespace or namespace in everywhere:
            return replace(
                operator,
                name=section(found, "spec")["name"],
                namespace=namespace,
                channel=None,
                source=None,
                source_namespace=section(found, "spec").get("sourceNamespace", operator.source_namespace),
                starting_csv=None,
                approval=None,
                target_namespaces=None,
                adopted=True,
            )
    return operator


def _candidates(operator: Operator, subscriptions: Iterable[Object]) -> list[Object]:
    """Return the Subscriptions that could stand in, at home first; none when there is one at home that is ours."""
    found = []
    for live in subscriptions:
        name, at_home = section(live, "spec").get("name"), live["metadata"]["namespace"] == operator.namespace
        if at_home and name == operator.name and is_ours(live):
            return []
        # An operator for chosen namespaces lives there; installations elsewhere say nothing about it.
        if name in (operator.name, *operator.alternatives) and (at_home or not operator.target_namespaces):
            found.append(live)
    return sorted(found, key=lambda live: live["metadata"]["namespace"] != operator.namespace)
