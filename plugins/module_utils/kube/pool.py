# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The pool of connections with a target, through its proxy if it has one.

It is urllib3's own: the kubernetes library's knows tls-server-name only since its version 27, and each version reads
other variables for the proxy.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import unquote, urlsplit

from . import proxies
from .errors import Misconfigured
from .login import Credential
from .target import Target
from .tls import context

try:
    import urllib3
except ImportError:  # the connection reports what is missing
    urllib3 = None  # type: ignore[assignment]


def open_pool(target: Target, credential: Credential, connections: int) -> Any:
    """Return a pool that keeps up to so many connections. Raises Misconfigured for files that are not usable."""
    settings: dict[str, Any] = {
        "num_pools": 4,
        "maxsize": connections,
        "ssl_context": context(target, credential),
        "cert_reqs": ssl.CERT_REQUIRED if target.verified else ssl.CERT_NONE,
    }
    if target.cluster.get("tls-server-name"):
        settings["server_hostname"] = target.cluster["tls-server-name"]
    if not target.proxy:
        return urllib3.PoolManager(**settings)
    if target.proxy.startswith("socks"):
        return _socks_pool(target.proxy, settings)
    return urllib3.ProxyManager(proxies.without_user(target.proxy), proxy_headers=proxy_headers(target), **settings)


def proxy_headers(target: Target) -> dict[str, str]:
    """Return the headers for the proxy: name and password in its address, and what options say."""
    user = urlsplit(target.proxy).netloc.rpartition("@")[0]
    given: dict[str, Any] = {"proxy_basic_auth": unquote(user)} if user else {}
    return dict(urllib3.util.make_headers(**{**given, **target.proxy_headers}))


def _socks_pool(proxy: str, settings: dict[str, Any]) -> Any:
    try:
        from urllib3.contrib.socks import SOCKSProxyManager
    except ImportError:
        raise Misconfigured("a SOCKS proxy needs Python's library PySocks", "Next: pip install PySocks") from None
    return SOCKSProxyManager(proxy, **settings)
