# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""SSH host keys in the list that a running Argo CD reads, beside those of others: pure functions.

The operator makes the ConfigMap once, with the hosts that everybody uses, and never changes it (argocd-operator 0.5).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..kube.kinds import CONFIG_MAP
from ..kube.objects import Object, section

NAME, KEY = "argocd-ssh-known-hosts-cm", "ssh_known_hosts"
# Holds our lines: Argo CD drops comments when somebody adds a host by its command line.
OURS = "seldon.openshift/ssh-known-hosts"


def config_map(namespace: str) -> Object:
    """Return the ConfigMap of the Argo CD in a namespace, without content."""
    return CONFIG_MAP.named(NAME, namespace).bare()


def entries(text: str) -> list[str]:
    """Return the lines of a known_hosts file that name a key, without comments, each once."""
    lines = (line.strip() for line in text.split("\n"))
    return list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))


def missing(obj: Object | None, hosts: str) -> list[str]:
    """Return the lines of `hosts` that do not count in the ConfigMap: it lacks them, or another key comes first."""
    return _untrusted(entries(hosts), entries(_text(obj)))


def trusting(hosts: str) -> Callable[[Object], Object]:
    """Return the function that makes `hosts` our part of the ConfigMap; empty: none."""

    def mutate(obj: Object) -> Object:
        rest = _without(_text(obj), entries(section(obj["metadata"], "annotations").get(OURS, "")))
        ours = _untrusted(entries(hosts), entries(rest))
        # First, because of several keys of a host and type Argo CD heeds only the first.
        text = "\n".join([*ours, rest] if rest else ours)
        return _with(obj, text, "\n".join(ours))

    return mutate


@dataclass(frozen=True)
class HostKey:
    """A line of a known_hosts file: its hosts (with a marker such as @revoked), the type of its key, and the key."""

    hosts: tuple[str, ...]
    type: str
    key: str

    @classmethod
    def of(cls, line: str) -> HostKey:
        """Read a line; one that is none stands for itself."""
        fields = line.split()
        marker = f"{fields.pop(0)} " if line.startswith("@") else ""
        if len(fields) < 3:
            return cls((line,), "", "")
        return cls(tuple(f"{marker}{host}" for host in fields[0].split(",")), fields[1], fields[2])


def _untrusted(wanted: Iterable[str], there: Iterable[str]) -> list[str]:
    """Return the lines of `wanted` that do not count where the lines `there` are; several of them may share a host."""
    asked, seen = {line: HostKey.of(line) for line in wanted}, [HostKey.of(line) for line in there]
    keys = {each.key for each in asked.values()}
    return [line for line, each in asked.items() if not all(_counts(each, host, seen, keys) for host in each.hosts)]


def _counts(wanted: HostKey, host: str, there: list[HostKey], keys: set[str]) -> bool:
    """Tell whether the key is there for the host, with none before it but those of `keys`."""
    for each in there:
        if host not in each.hosts or each.type != wanted.type:
            continue
        if each.key == wanted.key or each.key not in keys:
            return each.key == wanted.key
    return False


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
