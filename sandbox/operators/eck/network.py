"""Whether NetworkPolicies let a connection in: a pure function of the policies in the pods' namespace.

The API's rules (networking.k8s.io/v1): pods that no policy selects are open; policies add up; a rule without `from`
admits everybody, one without `ports` every port.
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.kube import Object
from sandbox.simulator.objects import Labels


@dataclass(frozen=True)
class Source:
    """The pod that connects: its namespace, the namespace's labels and its own."""

    namespace: str
    namespace_labels: Labels
    labels: Labels


def admits(policies: list[Object], namespace: str, pod_labels: Labels, port: int, source: Source) -> bool:
    """Tell whether pods with these labels in `namespace`, where the policies are, can be reached at the TCP port."""
    applying = [
        policy["spec"]
        for policy in policies
        if "Ingress" in policy["spec"].get("policyTypes", ["Ingress"])
        and selects(policy["spec"].get("podSelector"), pod_labels)
    ]
    rules = [rule for spec in applying for rule in spec.get("ingress") or []]
    return not applying or any(_port(rule, port) and _from(rule, namespace, source) for rule in rules)


def selects(selector: Object | None, labels: Labels) -> bool:
    """Tell whether a label selector matches; an empty one matches everything."""
    selector = selector or {}
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(entry, labels) for entry in selector.get("matchExpressions") or [])


def _expression(entry: Object, labels: Labels) -> bool:
    key, values = entry["key"], entry.get("values") or []
    return {
        "In": labels.get(key) in values,
        "NotIn": labels.get(key) not in values,
        "Exists": key in labels,
        "DoesNotExist": key not in labels,
    }[entry["operator"]]


def _port(rule: Object, port: int) -> bool:
    entries = rule.get("ports") or []
    return not entries or any(
        entry.get("protocol", "TCP") == "TCP" and _covers(entry.get("port"), entry.get("endPort"), port)
        for entry in entries
    )


def _covers(first: int | str | None, last: int | None, port: int) -> bool:
    if first is None:
        return True
    if isinstance(first, str):
        return first == "https"  # how ECK names the port
    return first <= port <= (last or first)


def _from(rule: Object, namespace: str, source: Source) -> bool:
    peers = rule.get("from") or []
    return not peers or any(_peer(peer, namespace, source) for peer in peers)


def _peer(peer: Object, namespace: str, source: Source) -> bool:
    if "ipBlock" in peer:
        return False  # on OpenShift these are for addresses outside the cluster
    if peer.get("namespaceSelector") is None:
        near = namespace == source.namespace
    else:
        near = selects(peer["namespaceSelector"], source.namespace_labels)
    return near and selects(peer.get("podSelector"), source.labels)
