# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Addresses of Git repositories: how Git opens them, and which must be neither stored nor shown: pure functions."""

from __future__ import annotations

import re
from dataclasses import dataclass

SSH, HTTPS, UNKNOWN = "ssh", "https", ""

_TRANSPORTS = {SSH: re.compile(r"(?i)ssh://.|[^/@]+@[^/:]+:."), HTTPS: re.compile(r"(?i)https?://.")}
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.S)
# As Git reads git@host:path. A user with a colon, plain or encoded, is none: it is a password in the wrong place.
_SCP_LIKE = re.compile(r"[^/@:%]+@(?P<host>[^/:@]+):.", re.S)
_PLACE = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:%\[\]]+)(:(?P<port>[0-9]+))?")
# What code hosts give out: GitHub, GitLab, Bitbucket.
_TOKEN = re.compile(
    r"(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|gl[a-z]{0,6}pat-[\w-]{15,}|AT(BB|CTT|ATT)[\w=-]{20,})"
)
# In a text, the first part of a URL up to an @, whatever stands there: user:pa/ss@ is no authority by the RFC.
_USER_INFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)(?!git@)[^\s\"'<>@]*@")


@dataclass(frozen=True)
class Host:
    """Where a repository is. port: empty for the usual one."""

    name: str
    port: str = ""


def transport(address: str) -> str:
    """Return how Git opens a repository: SSH, HTTPS (also for http://), or UNKNOWN."""
    return next((name for name, pattern in _TRANSPORTS.items() if pattern.match(address)), UNKNOWN)


def leaks(address: str) -> bool:
    """Tell whether an address holds, or may hold, a password or token: then it is neither stored nor shown."""
    dense = re.sub(r"[\s\x00-\x1f]", "", address)
    if _TOKEN.search(dense):
        return True
    url = _URL.match(dense)
    if not url:
        return bool(re.search("@|%40", dense)) and not _SCP_LIKE.match(dense)
    # In a path, an @ is written %40: what stands before one may be the rest of a password with a slash.
    if "%" in url["authority"] or "@" in url["rest"] or re.search(r"[?#].*=", url["rest"]):
        return True
    if url["scheme"].lower() == "ssh":
        return bool(re.search("[:@]", url["authority"].rpartition("@")[0]))
    return "@" in url["authority"]


def flaw(address: str) -> str:
    """Return what is wrong with the form of a URL that leaks nothing; empty when Git and Argo CD read it alike."""
    if re.search(r"[\s\x00-\x1f\x7f]", address):
        return "holds white space"
    url = _URL.match(address)
    if not url or transport(address) == UNKNOWN:
        return ""
    if url["scheme"] != url["scheme"].lower():
        return f"begins with {url['scheme']}://: Git knows only {url['scheme'].lower()}://"
    if not _PLACE.fullmatch(url["authority"].rpartition("@")[2]):
        return "names no host, or a port that is no number"
    return "has a query or a fragment (? or #)" if re.search(r"[?#]", url["rest"]) else ""


def host(address: str) -> Host:
    """Return the host and port of an address; what is no address is its own host."""
    if at_host := _SCP_LIKE.match(address):
        return Host(at_host["host"])
    url = _URL.match(address)
    place = _PLACE.fullmatch(url["authority"].rpartition("@")[2]) if url else None
    return Host(place["host"].strip("[]"), place["port"] or "") if place else Host(address)


def keyscan(address: str) -> str:
    """Return the command that prints the host keys of an address."""
    place = host(address)
    return f"ssh-keyscan -p {place.port} {place.name}" if place.port else f"ssh-keyscan {place.name}"


def without_user_info(text: str) -> str:
    """Return a text without what stands before the @ of a URL in it, but for the user git of ssh."""
    return _USER_INFO.sub(r"\1...@", text)
