# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""SSH host keys in the list that a running Argo CD reads, beside those of others: pure functions.

The operator makes the ConfigMap once, with the hosts that everybody uses, and never changes it (argocd-operator 0.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..kube.errors import EngineError
from ..kube.kinds import CONFIG_MAP
from ..kube.objects import Object, section

NAME, KEY = "argocd-ssh-known-hosts-cm", "ssh_known_hosts"
# Holds our lines: Argo CD drops comments when somebody adds a host by its command line.
OURS = "seldon.openshift/ssh-known-hosts"


class NotMade(EngineError):
    """The ConfigMap does not exist: made by us, it would lack the hosts that Argo CD's operator puts there."""


def config_map(namespace: str) -> Object:
    """Return the ConfigMap of the Argo CD in a namespace, without content."""
    return CONFIG_MAP.named(NAME, namespace).bare()


def entries(text: str) -> list[str]:
    """Return the lines of a known_hosts file that name a key, without comments, each once."""
    lines = (line.strip() for line in text.split("\n"))
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def missing(obj: Object | None, hosts: str) -> list[str]:
    """Return the lines of `hosts` that the ConfigMap lacks."""
    there = entries(_text(obj))
    return [line for line in entries(hosts) if line not in there]


def trusting(hosts: str) -> Callable[[Object], Object]:
    """Return the function that makes `hosts` our part of the ConfigMap; empty: none.

    It raises NotMade for a ConfigMap that does not exist, unless there is nothing to do.
    """

    def mutate(obj: Object) -> Object:
        if "uid" not in obj["metadata"]:
            if entries(hosts):
                raise NotMade(f"{CONFIG_MAP.named(NAME, obj['metadata']['namespace'])} does not exist")
            return obj
        rest = _without(_text(obj), entries(section(obj["metadata"], "annotations").get(OURS, "")))
        ours = [line for line in entries(hosts) if line not in entries(rest)]
        # First, because of several keys of a host and type Argo CD heeds only the first.
        text = "\n".join([*ours, rest] if rest else ours)
        return _with(obj, text, "\n".join(ours))

    return mutate


def _text(obj: Object | None) -> str:
    return str(section(obj, "data").get(KEY) or "")


def _without(text: str, ours: Iterable[str]) -> str:
    lines = text.split("\n")
    for line in ours:
        found = next((number for number, each in enumerate(lines) if each.strip() == line), None)
        if found is not None:
            del lines[found]
    return "\n".join(lines)


def _with(obj: Object, text: str, ours: str) -> Object:
    annotations = {key: value for key, value in section(obj["metadata"], "annotations").items() if key != OURS}
    if ours:
        annotations[OURS] = ours
    metadata = {**obj["metadata"], "annotations": annotations}
    if not annotations and "annotations" not in obj["metadata"]:
        del metadata["annotations"]
    data = obj.get("data") if text == _text(obj) else {**section(obj, "data"), KEY: text}
    return {**obj, "metadata": metadata, **({"data": data} if data is not None else {})}
