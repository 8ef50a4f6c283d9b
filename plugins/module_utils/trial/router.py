# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""One HTTPS request to a Route, from where the play runs, as the guide's curl makes it."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http.client import HTTPSConnection
from typing import Any

SECONDS = 15.0
LONGEST = 100_000  # bytes of an answer that are read


@dataclass(frozen=True)
class Way:
    """How a host is reached.

    router: ADDRESS:PORT in place of what DNS says of the host; empty: as DNS and the environment's proxies say.
    verify: whether its certificate is verified, by the system's authorities and by `authorities` (PEM, may be empty).
    """

    router: str = ""
    verify: bool = True
    authorities: str = ""


@dataclass(frozen=True)
class Reply:
    """An HTTP answer. server: who gave it. upstream: whether it came from behind the gateway. body: its beginning."""

    status: int
    body: str = ""
    server: str = ""
    upstream: bool = False


def send(url: str, headers: Mapping[str, str], payload: Mapping[str, Any], way: Way) -> Reply:
    """POST a payload as JSON. Raises OSError (ssl.SSLError, socket.gaierror), HTTPException, ValueError."""
    given = {"Content-Type": "application/json", "User-Agent": "seldon.openshift", **headers}
    request = urllib.request.Request(url, json.dumps(payload).encode(), given, method="POST")  # noqa: S310  # https only
    try:
        with _opener(way).open(request, timeout=SECONDS) as response:
            return _reply(response.status, response)
    except urllib.error.HTTPError as error:
        return _reply(error.code, error)
    except urllib.error.URLError as error:
        raise (error.reason if isinstance(error.reason, OSError) else error) from None


def _reply(status: int, response: Any) -> Reply:
    said = response.headers
    body = response.read(LONGEST).decode("utf-8", "replace")
    return Reply(status, body, said.get("Server") or "", "x-envoy-upstream-service-time" in said)


def _opener(way: Way) -> urllib.request.OpenerDirector:
    context = _context(way)
    if not way.router:
        return urllib.request.build_opener(urllib.request.HTTPSHandler(context=context), _Staying())
    no_proxies = urllib.request.ProxyHandler({})
    return urllib.request.build_opener(no_proxies, _Led(context, way.router), _Staying())


def _context(way: Way) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if not way.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif way.authorities:
        context.load_verify_locations(cadata=way.authorities)
    return context


class _Led(urllib.request.HTTPSHandler):
    """Connects to one address, whatever the host; the certificate has to be the host's."""

    def __init__(self, context: ssl.SSLContext, router: str) -> None:
        super().__init__(context=context)
        self._connect = partial(_connected, router, context)

    def https_open(self, req: urllib.request.Request) -> Any:
        return self.do_open(self._connect, req)


def _connected(router: str, context: ssl.SSLContext, host: str, timeout: float = SECONDS) -> HTTPSConnection:
    address, _colon, port = router.rpartition(":")
    connection = HTTPSConnection(host, timeout=timeout, context=context)
    plain = socket.create_connection((address.strip("[]"), int(port)), timeout)
    try:
        connection.sock = context.wrap_socket(plain, server_hostname=connection.host)
    except OSError:
        plain.close()
        raise
    return connection


class _Staying(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer: to a login, for instance."""

    def redirect_request(self, *arguments: Any) -> None:
        return None
