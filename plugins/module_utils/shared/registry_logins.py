# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Logins for registries as somebody gives them, in the form of `podman login --authfile` (dockerconfigjson)."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..kube.objects import Object

Logins = dict[str, Object]  # the entries of `auths`, by the host of the registry
# Host and port alone: CRI-O looks for the name of an image, which has no protocol, and others hold their paths apart.
_HOST = re.compile(r"(\[[0-9a-fA-F:]+\]|[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?)(:[0-9]{1,5})?")


class NoLogins(ValueError):
    """What was given holds no logins; the message says why and quotes no value."""


def logins(given: Any) -> Logins:
    """Return the entries of `auths` of a text or mapping; none when nothing is given. Raises NoLogins."""
    problems = [*login_problems(given)]
    if problems:
        raise NoLogins("; ".join(problems))
    return {str(host): dict(entry) for host, entry in _auths(given).items()} if given else {}


def login_problems(given: Any) -> Iterator[str]:
    """Yield what is wrong with a text or mapping of logins, as sentences without a dot that quote no value."""
    if not given:
        return
    try:
        auths = _auths(given)
    except NoLogins as error:
        yield str(error)
        return
    for host, entry in auths.items():
        if problem := _of_host(str(host)) or _of_entry(entry):
            yield f"auths[{host}] {problem}"


def host_of(registry: str) -> str:
    """Return host and port of the name of an image, a prefix of names, or an entry of `auths`."""
    return registry.rpartition("://")[2].partition("/")[0]


def read_json(text: str) -> Any:
    """Return what a text of JSON holds. Raises NoLogins, which says where it is none and quotes nothing of it."""

    def refuse(_constant: str) -> Any:
        raise NoLogins("is no JSON: it has a number that JSON does not know")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise NoLogins(f"is no JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None


def _auths(given: Any) -> Mapping[Any, Any]:
    found = read_json(given) if isinstance(given, str) else given
    if not isinstance(found, Mapping):
        raise NoLogins("is neither a mapping nor the JSON of one")
    auths = found.get("auths")
    if not isinstance(auths, Mapping) or not auths:
        raise NoLogins("has no entries in auths")
    return auths


def _of_host(host: str) -> str:
    if _HOST.fullmatch(host):
        return ""
    if "/" in host:
        return f"has a protocol or a path; entries are for a host, and its port: {host_of(host) or 'HOST'}"
    return "is no host of a registry, with or without a port"


def _of_entry(entry: Any) -> str:
    auth = entry.get("auth") if isinstance(entry, Mapping) else None
    if not isinstance(auth, str) or not auth:
        return "has no auth, the base64 of user:password"
    try:
        user, colon, password = base64.b64decode(auth, validate=True).partition(b":")
    except ValueError:
        return "has an auth that is no base64"
    if not (user and colon and password):
        return "has an auth that is not the base64 of user:password"
    if any(byte < ord(" ") for byte in user + password):
        return "has an auth with a line break or another control character in it, as `echo` without -n leaves one"
    return ""
