# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Logins in the cluster's pull secret, beside those of others: pure functions.

The machine config operator brings the Secret to every node, where it serves the pods of all namespaces.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..kube.errors import EngineError
from ..kube.kinds import SECRET
from ..kube.objects import Object, Reference, section
from ..kube.redaction import HIDDEN, HIDDEN_CHANGED
from ..kube.secrets import encoded
from .managed import manager
from .registry_logins import Logins, NoLogins, host_of, read_json

NAME, NAMESPACE, KEY = "pull-secret", "openshift-config", ".dockerconfigjson"
# Which entries are ours: a fingerprint for each host. It tells an entry that somebody has put in its place since.
OURS = "seldon.openshift/pull-secret"
# Slow, because annotations are copied to more places than the values of Secrets (must-gather).
_ROUNDS = 100_000
_BYTES = 16


class Refused(EngineError):
    """The pull secret can't take the logins: what was seen, and what to do."""

    def __init__(self, seen: str, do: str) -> None:
        super().__init__(f"{seen}. It is unchanged. {do}")
        self.seen = seen
        self.do = do


def pull_secret(name: str = NAME, namespace: str = NAMESPACE) -> Object:
    """Return the Secret without content."""
    return SECRET.named(name, namespace).bare()


def admitting(wanted: Logins) -> Callable[[Object], Object]:
    """Return the function that makes `wanted` our part of the Secret; without any, we have none.

    An entry of others with the same login stays theirs. The function raises Refused for one with another login, and
    for a Secret that does not exist, can't be read, or is managed by something that would undo the change.
    """

    def mutate(obj: Object) -> Object:
        if not wanted and not _marks(obj):
            return obj
        if "uid" not in obj["metadata"]:
            raise Refused(f"{Reference.of(obj)} does not exist", _MAKE.format(**obj["metadata"]))
        document = _document(obj)
        there = _entries(document)
        ours = _ours(obj, there)
        if taken := [host for host in wanted if host in there and host not in ours and not _same(there, wanted, host)]:
            raise Refused(f"{Reference.of(obj)} has another login for {', '.join(taken)}", _LEAVE + _how(obj))
        kept = {host: entry for host, entry in there.items() if host not in ours or host in wanted}
        given = {host: entry for host, entry in wanted.items() if not _same(there, wanted, host)}
        marked = [host for host in wanted if host in ours or host not in there]
        changed = _with(obj, document, {**kept, **given}, marked)
        if changed != obj and (owner := manager(obj)):
            raise Refused(f"{Reference.of(obj)} is managed by {owner}, which would undo the change", _MANAGED)
        return changed

    return mutate


def our_hosts(obj: Object | None) -> list[str]:
    """Return the hosts whose entries are ours. Raises Refused."""
    return sorted(_ours(obj, _entries(_document(obj)))) if obj and _marks(obj) else []


def other_than(obj: Object, wanted: Logins) -> dict[str, str]:
    """Return what is the matter with each host of `wanted` whose entry is not as given. Raises Refused."""
    there = _entries(_document(obj))
    return {
        host: "has another login" if host in there else "has no login"
        for host in wanted
        if not _same(there, wanted, host)
    }


def knows(obj: Object | None, registry: str) -> bool:
    """Tell whether the Secret has any entry for the host of a registry. Raises Refused."""
    return bool(obj) and host_of(registry) in map(host_of, _entries(_document(obj or {})))


def shown(obj: Object | None, earlier: Object | None = None) -> Object:
    """Return which hosts the Secret has entries for, without any login; one that differs from `earlier` says so."""
    there, before = (_entries(_document(each)) if each and "uid" in each["metadata"] else {} for each in (obj, earlier))
    auths = {host: HIDDEN if before.get(host, there[host]) == there[host] else HIDDEN_CHANGED for host in there}
    return {"auths": auths}


_LEAVE = "Give the same login, leave the entry out of seldon_image_pull_secret, or take it out there: "
_MANAGED = "Give the login where that manager takes the pull secret from, and leave seldon_image_pull_secret empty."
_MAKE = (
    "Make it: oc create secret generic {name} -n {namespace} --type=kubernetes.io/dockerconfigjson "
    "--from-file=.dockerconfigjson=FILE, where FILE holds the pull secret of the cluster's installation"
)


def _how(obj: Object) -> str:
    where = f"oc -n {obj['metadata']['namespace']}"
    secret = f"secret/{obj['metadata']['name']}"
    return (
        f"{where} extract {secret} --to=FOLDER, edit FOLDER/{KEY}, {where} set data {secret} --from-file=FOLDER/{KEY}"
    )


def _document(obj: Object) -> Object:
    """Return what the Secret holds under its key."""
    held = section(obj, "data").get(KEY)
    try:
        if not held:
            raise NoLogins("is missing or empty")
        document = read_json(base64.b64decode(held).decode())
        if not isinstance(document, dict) or not isinstance(document.get("auths") or {}, dict):
            raise NoLogins("is no mapping with a mapping auths")
    except NoLogins as error:
        raise Refused(f"{Reference.of(obj)}: its {KEY} {error}", f"Repair it: {_how(obj)}") from None
    except ValueError:
        raise Refused(f"{Reference.of(obj)}: its {KEY} is not UTF-8 text", f"Repair it: {_how(obj)}") from None
    return document


def _entries(document: Object) -> dict[str, Any]:
    return document.get("auths") or {}


def _auth(entry: Any) -> str:
    return str(entry.get("auth") or "") if isinstance(entry, Mapping) else ""


def _same(there: Mapping[str, Any], wanted: Logins, host: str) -> bool:
    return host in there and _auth(there[host]) == _auth(wanted[host])


def _marks(obj: Object) -> dict[str, str]:
    try:
        found = json.loads(section(obj, "metadata", "annotations").get(OURS) or "{}")
    except ValueError:  # somebody has edited it
        return {}
    return found if isinstance(found, dict) else {}


def _ours(obj: Object, there: Mapping[str, Any]) -> set[str]:
    marks = _marks(obj)
    return {host for host in marks if host in there and marks[host] == _fingerprint(obj, host, there[host])}


def _fingerprint(obj: Object, host: str, entry: Any) -> str:
    salt = f"{obj['metadata']['uid']} {host}".encode()
    return hashlib.pbkdf2_hmac("sha256", _auth(entry).encode(), salt, _ROUNDS, _BYTES).hex()


def _with(obj: Object, document: Object, entries: Mapping[str, Any], marked: list[str]) -> Object:
    """Return the Secret with these entries, `marked` as ours; its text stays where they are the same."""
    annotations = {key: value for key, value in section(obj["metadata"], "annotations").items() if key != OURS}
    if marked:
        marks = {host: _fingerprint(obj, host, entries[host]) for host in sorted(marked)}
        annotations[OURS] = json.dumps(marks)
    metadata = {**obj["metadata"], "annotations": annotations}
    if not annotations and "annotations" not in obj["metadata"]:
        del metadata["annotations"]
    text = json.dumps({**document, "auths": entries}, ensure_ascii=False, separators=(",", ":"))
    data = obj["data"] if entries == _entries(document) else {**obj["data"], KEY: encoded(text)}
    return {**obj, "metadata": metadata, "data": data}
