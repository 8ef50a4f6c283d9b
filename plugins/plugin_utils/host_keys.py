# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether a text is a list of SSH host keys with one of a host, as ssh reads it (sshd(8), known_hosts)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from binascii import Error
from fnmatch import fnmatchcase

from ansible_collections.seldon.openshift.plugins.module_utils.shared.git_address import Host
from ansible_collections.seldon.openshift.plugins.module_utils.shared.known_hosts import HostKey, entries

_KEY = re.compile(r"[A-Za-z0-9+/]+=*")


def malformed(text: str) -> list[int]:
    """Return the numbers (from 1) of the lines that hold no host key, of those that should."""
    return [
        number
        for number, line in enumerate(map(str.strip, text.split("\n")), start=1)
        if line and not line.startswith("#") and not _KEY.fullmatch(HostKey.of(line).key)
    ]


def has_key_of(place: Host, text: str) -> bool:
    """Say whether a line is about the host; one that is hashed tells no name, but is known by it."""
    name = f"[{place.name}]:{place.port}" if place.port and place.port != "22" else place.name
    keys = [HostKey.of(line) for line in entries(text) if not line.startswith("@revoked")]
    return any(_is_about(key.hosts, name.lower()) for key in keys)


def _is_about(patterns: tuple[str, ...], name: str) -> bool:
    plain = [pattern.lower() if not pattern.startswith("|") else pattern for pattern in patterns]
    if any(each.startswith("!") and fnmatchcase(name, _escaped(each[1:])) for each in plain):
        return False
    return any(_hashed(each, name) if each.startswith("|1|") else fnmatchcase(name, _escaped(each)) for each in plain)


def _escaped(pattern: str) -> str:
    """Return the pattern for fnmatch, where a bracket means something else."""
    return pattern.rpartition(" ")[2].replace("[", "[[]")


def _hashed(entry: str, name: str) -> bool:
    try:
        salt, seen = (base64.b64decode(part, validate=True) for part in entry.split("|")[2:4])
    except (Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(salt, name.encode(), hashlib.sha1).digest(), seen)
