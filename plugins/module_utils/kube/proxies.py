# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which proxy leads to an API server: pure functions over addresses."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
SCHEMES = ("http", "https", "socks5", "socks5h")


def from_environment(server: str, environ: Mapping[str, str]) -> str:
    """Return the proxy that the environment names for an address, as oc and Helm choose it; empty for none.

    As in Go, no variable leads to this machine itself by a proxy.
    """
    if _is_here(urlsplit(server).hostname or ""):
        return ""
    names = ("HTTPS_PROXY", "https_proxy") if server.startswith("https:") else ("HTTP_PROXY", "http_proxy")
    return next((environ[name] for name in names if environ.get(name)), "")


def passed_by(environ: Mapping[str, str]) -> str:
    """Return the hosts that the environment wants to be reached without a proxy, as in NO_PROXY."""
    return environ.get("NO_PROXY") or environ.get("no_proxy") or ""


def past(server: str, proxy: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables by which a program asks a server as decided: directly when `proxy` is empty.

    A proxy is named by the kubeconfig that it is given; HTTPS_PROXY is for what else it asks.
    """
    if proxy or not any(environ.get(name) for name in _VARIABLES):
        return {}
    hosts = ",".join(filter(None, (passed_by(environ), urlsplit(server).hostname)))
    return {"NO_PROXY": hosts, "no_proxy": hosts}


def is_passed_by(server: str, no_proxy: str) -> bool:
    """Say whether a list as in NO_PROXY (hosts, domains, addresses, networks, `*`) names the host of an address."""
    address = urlsplit(server)
    host = address.hostname or ""
    listed = [each.strip().lower() for each in no_proxy.split(",") if each.strip()]
    return any(
        entry == "*" or _holds(entry, host) or _names(entry, host) or _names(entry, f"{host}:{address.port or ''}")
        for entry in listed
    )


def with_scheme(address: str, usual: str = "http") -> str:
    """Return an address with its scheme in lower case; without one it has the usual, as curl, oc and Helm take it."""
    scheme, mark, rest = address.strip().partition("://")
    if not mark:
        return f"{usual}://{scheme}" if scheme else ""
    return f"{scheme.lower()}://{rest}"


def with_user(proxy: str, user: str) -> str:
    """Return the address of a proxy with `name:password` in it, if it has none yet."""
    scheme, _mark, rest = proxy.partition("://")
    if not user or "@" in rest:
        return proxy
    name, _colon, password = user.partition(":")
    return f"{scheme}://{quote(name, safe='')}:{quote(password, safe='')}@{rest}"


def without_user(proxy: str) -> str:
    """Return the address of a proxy without name and password."""
    scheme, mark, rest = proxy.partition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"


def _is_here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _names(entry: str, host: str) -> bool:
    domain = entry.lstrip("*").lstrip(".")
    return host == domain or host.endswith(f".{domain}")


def _holds(network: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
