# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which addresses of HTTP Go parses: stricter than Python's urllib. Source: Go's net/url/url.go."""

from __future__ import annotations

import ipaddress
import re

_PARTS = re.compile(
    r"(?i:https?)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)(?:\?[^#]*)?(?:#(?P<fragment>.*))?", re.DOTALL
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*")
_IN_BRACKETS = re.compile(r"\[(?P<address>[^\[\]%]*)(?:%25[^\[\]%]+)?\](?::[0-9]*)?")
# Of ASCII; of what is escaped, only what is beyond ASCII.
_NAME = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:\]<>\"\x80-\U0010ffff]|%25|%[89A-Fa-f][0-9A-Fa-f])*?(?::[0-9]*)?")


def problem(url: str) -> str:
    """Return why Go or a client could not use an address, empty when they can. It is not quoted: it may be secret."""
    if _CONTROL.search(url):
        return "it holds a line break or another control character"
    parts = _PARTS.fullmatch(url)
    if not parts:
        return "it does not begin with http:// or https://"
    if any(_BAD_ESCAPE.search(parts[part] or "") for part in ("authority", "path", "fragment")):
        return "a % is not followed by two hexadecimal digits"
    user, _at, host = parts["authority"].rpartition("@")
    if not _USER.fullmatch(user):
        return "its user or password holds a character that has to be escaped, such as %2F for /"
    return _host_problem(host)


def _host_problem(host: str) -> str:
    if not host or host.startswith(":"):
        return "it has no host (a / in a password has to be %2F)"
    if host.startswith("["):
        inside = _IN_BRACKETS.fullmatch(host)
        return "" if inside and _is_ipv6(inside["address"]) else "its host in brackets is no IPv6 address"
    if ":" in host and not re.fullmatch("[0-9]*", host.rpartition(":")[2]):
        return "its port is no number (a / in a password has to be %2F)"
    return "" if _NAME.fullmatch(host) else "its host holds a character that no host has"


def _is_ipv6(text: str) -> bool:
    try:
        return bool(ipaddress.IPv6Address(text))
    except ValueError:
        return False
