# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Would the NetworkPolicies of two namespaces let a flow pass: Kubernetes' rules, over plain objects.

What policies do not say stays out: mesh rules, services, whether anything listens.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..kube.objects import Object, section

Labels = Mapping[str, str]
EVERYWHERE = ("0.0.0.0/0", "::/0")


@dataclass(frozen=True)
class Pod:
    """One end of a flow: the pod's labels, its namespace and that one's labels, and its ports' names and numbers."""

    namespace: str
    labels: Labels = field(default_factory=dict, hash=False)
    namespace_labels: Labels = field(default_factory=dict, hash=False)
    ports: Mapping[str, int] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Verdict:
    """Whether one side lets the flow pass. by: the policies that say so; none when none selects the pod."""

    allowed: bool
    by: tuple[str, ...] = ()


def ingress(policies: Iterable[Object], source: Pod, target: Pod, port: int, protocol: str = "TCP") -> Verdict:
    """Judge by the policies of the target's namespace whether `target` accepts `source` on its pod port `port`."""
    return _side(policies, "Ingress", target, source, port, target.ports, protocol)


def egress(policies: Iterable[Object], source: Pod, target: Pod, port: int, protocol: str = "TCP") -> Verdict:
    """Judge by the policies of the source's namespace whether `source` may reach `target`."""
    return _side(policies, "Egress", source, target, port, target.ports, protocol)


def matches(selector: Object, labels: Labels) -> bool:
    """Tell whether a label selector (matchLabels and matchExpressions) selects `labels`; an empty one does."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_holds(expression, labels) for expression in selector.get("matchExpressions") or [])


def _holds(expression: Object, labels: Labels) -> bool:
    key, operator, values = expression["key"], expression["operator"], expression.get("values") or []
    if operator in ("Exists", "DoesNotExist"):
        return (key in labels) == (operator == "Exists")
    return (labels.get(key) in values) == (operator == "In")


def _side(
    policies: Iterable[Object],
    direction: str,
    own: Pod,
    other: Pod,
    port: int,
    names: Mapping[str, int],
    protocol: str,
) -> Verdict:
    rules, peers = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    isolating = [
        p for p in policies if direction in _types(p) and matches(section(p, "spec", "podSelector"), own.labels)
    ]
    allowing = tuple(
        policy["metadata"]["name"]
        for policy in isolating
        if any(
            _admits_port(rule.get("ports") or [], port, names, protocol)
            and _admits_peer(rule.get(peers) or [], own.namespace, other)
            for rule in section(policy, "spec").get(rules) or []
        )
    )
    if allowing or not isolating:
        return Verdict(True, allowing)
    return Verdict(False, tuple(policy["metadata"]["name"] for policy in isolating))


def _types(policy: Object) -> Sequence[str]:
    """Return the directions that a policy isolates; the server fills them in, a manifest need not."""
    spec = section(policy, "spec")
    return spec.get("policyTypes") or ["Ingress", *(["Egress"] if spec.get("egress") else [])]


def _admits_port(ports: Sequence[Any], port: int, names: Mapping[str, int], protocol: str) -> bool:
    def admits(entry: Object) -> bool:
        if (entry.get("protocol") or "TCP") != protocol:
            return False
        wanted = entry.get("port")
        if wanted is None:
            return True
        first = names.get(wanted) if isinstance(wanted, str) else wanted
        return first is not None and first <= port <= (entry.get("endPort") or first)

    return not ports or any(admits(entry) for entry in ports)


def _admits_peer(peers: Sequence[Any], namespace: str, other: Pod) -> bool:
    return not peers or any(_is_peer(peer, namespace, other) for peer in peers)


def _is_peer(peer: Object, namespace: str, other: Pod) -> bool:
    block = peer.get("ipBlock")
    if block is not None:  # which address a pod has is not known here
        return block.get("cidr") in EVERYWHERE and not block.get("except")
    spaces, pods = peer.get("namespaceSelector"), peer.get("podSelector")
    if spaces is None and other.namespace != namespace:
        return False
    if spaces is not None and not matches(spaces, other.namespace_labels):
        return False
    return pods is None or matches(pods, other.labels)
