# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether a Kafka of Strimzi lets clients in as they come: pure functions over the Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..kube.objects import Object, section

PLAINTEXT = "PLAINTEXT"
SCRAM = "scram-sha-512"
_NAME = "kubernetes.io/metadata.name"


def login_problems(kafka: Object, port: int, protocol: str, namespaces: Iterable[str]) -> Iterator[str]:
    """Yield why clients in `namespaces`, which speak `protocol` (Kafka's name, such as SASL_SSL), are not let in."""
    listeners = section(kafka, "spec", "kafka").get("listeners") or []
    listener = next((each for each in listeners if isinstance(each, dict) and each.get("port") == port), None)
    if listener is None:
        yield f"no listener has port {port}"
        return
    asked = section(listener, "authentication").get("type", "")
    if protocol == PLAINTEXT and asked:
        yield f"port {port} asks for a login ({asked}), and none is given"
    if protocol.startswith("SASL") and asked != SCRAM:
        yield f"port {port} takes no login by {SCRAM}, and one is given"
    if outside := sorted(name for name in namespaces if not _admits(listener, name)):
        yield f"port {port} admits no pods of {', '.join(outside)}"


def _admits(listener: Object, namespace: str) -> bool:
    """Tell whether one of the listener's peers may mean the namespace; without peers, all are admitted."""
    peers = listener.get("networkPolicyPeers") or [{}]
    chosen = (section(each, "namespaceSelector", "matchLabels").get(_NAME, namespace) for each in peers)
    return namespace in chosen
