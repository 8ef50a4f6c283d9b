# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The connection with one API server: requests, retries, warnings, and errors that hold no credential.

Where it is and who we are, `target` decides. Requests go as JSON through urllib3's pool: one keep-alive session, shared
by threads. The kubernetes library forwards ports.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from http.client import HTTPException
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlencode

from . import proxies
from .dependencies import require_collection, require_libraries
from .errors import ApiError, Misconfigured, Unreachable
from .jsontext import encode
from .login import Login
from .pool import open_pool, proxy_headers
from .redaction import Redaction, kubeconfig_secrets, option_secrets
from .retry import is_idempotent, is_race, is_transient, pause
from .target import Target, find_target
from .tls import certificate_files

try:
    import kubernetes
    import urllib3
    from kubernetes.stream import portforward, stream
except ImportError:
    kubernetes = None

Query = dict[str, Optional[str]]

USER_AGENT = "seldon.openshift"
JSON = "application/json"
THREADS = 16
RETRY_SECONDS = 60.0
FIRST_CONTACT_SECONDS = 5.0
CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
UNVERIFIED = (
    "The certificate of the API server at {host} is not verified: credentials can be intercepted. "
    "Give its authority instead: ca_cert, K8S_AUTH_SSL_CA_CERT or the kubeconfig's certificate-authority."
)
_PIECE_BYTES = 65536
_WARNING = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')


class Connection:
    """A thread-safe HTTP session with one API server."""

    def __init__(self, params: dict[str, Any], hide: Redaction | None = None) -> None:
        """Prepare a session; nothing is sent yet.

        `params` holds kubernetes.core's authentication options (others are ignored). `hide` learns all credentials.
        Raises MissingLibrary, and Misconfigured when nothing says where the cluster is, or who we are there.
        """
        require_collection()
        require_libraries()
        self.hide = hide or Redaction()
        self.hide.learn(option_secrets(params, os.environ))
        self._contacted = False
        self._lock = threading.Lock()
        self.target = find_target(params, os.environ, Path.cwd())
        self.hide.learn(kubeconfig_secrets(self.target.kubeconfig()))
        self.hide.learn(self.target.proxy_headers.values())
        self.warnings = list(self.target.warnings)
        self._login = Login(self.target, self.hide)
        self._identity = _impersonation(self.target)
        self._pool = open_pool(self.target, self._login.credential, THREADS)
        self.host = self.target.server
        if not self.target.verified and self.host.startswith("https:"):
            # The library's own warning comes with each request, straight to standard error.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            self.warnings.append(UNVERIFIED.format(host=self.host))

    @property
    def token(self) -> str:
        """The bearer token of our requests; empty when we come with a certificate or a password."""
        with self._lock:
            return self._login.token()

    @property
    def token_is_renewed(self) -> bool:
        """Whether the token is read anew as it ends, so that a run may take longer than one token is accepted."""
        return self._login.renewed

    @property
    def library_version(self) -> str:
        """The version of the kubernetes library."""
        return str(kubernetes.__version__)

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def request(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        body: Any = None,
        content_type: str = JSON,
        deadline: float | None = None,
        stores: bool = True,
    ) -> dict[str, Any]:
        """Send one request and return the decoded answer; query entries of None are left out.

        What is transient (429 for as long as asked, 5xx and lost connections of idempotent requests, webhooks that are
        not up yet, patches that lost a race) is repeated until `deadline`, in seconds of `time.monotonic()` (None: a
        minute from now). `stores` is False for a POST that only asks, and may be repeated. Raises ApiError and
        Unreachable.
        """
        started = time.monotonic()
        until = started + RETRY_SECONDS if deadline is None else deadline
        idempotent = not stores or is_idempotent(method, content_type)
        url = self._url(path, query)
        for attempt in itertools.count():
            failure: ApiError | Unreachable
            try:
                return self._decoded(self._open(method, url, body, content_type))
            except ApiError as error:
                if not is_transient(error, idempotent) and not is_race(method, error):
                    raise
                failure, wait = error, pause(attempt, error.retry_after)
            except Unreachable as error:
                # A server that answered before is restarting; one that never did has, most likely, another address.
                if not self._contacted:
                    until = min(until, started + FIRST_CONTACT_SECONDS)
                if error.permanent or (error.sent and not idempotent):
                    raise
                failure, wait = error, pause(attempt)
            if time.monotonic() + wait > until:
                raise failure
            time.sleep(wait)
        raise AssertionError("unreachable")

    def text(self, path: str, query: Query | None = None) -> str:
        """Return what stands at a path that answers with text, as the log of a pod. Raises ApiError and Unreachable."""
        data: bytes = self._open("GET", self._url(path, query)).data
        return data.decode("utf-8", "replace")

    def stream(self, path: str, query: Query, seconds: float) -> Iterator[dict[str, Any]]:
        """Yield the JSON lines of a watch as they come, for `seconds` at most.

        Ends silently when the connection drops or a line is damaged. Raises ApiError and Unreachable, both only at the
        start.
        """
        response = self._open("GET", self._url(path, query), stream_seconds=seconds + CONNECT_SECONDS)
        rest = b""
        try:
            for chunk in _pieces(response):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from map(json.loads, lines)
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            return
        finally:
            response.close()

    def forward(self, namespace: str, pod: str, port: int) -> Any:
        """Return a socket that ends at a pod's port, as `oc port-forward` opens it. Raises Unreachable."""
        with certificate_files(self.target, self._login.credential) as files:
            api = kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(self._configuration(files)))
            try:
                forwarded = portforward(api.connect_get_namespaced_pod_portforward, pod, namespace, ports=str(port))
            except kubernetes.client.ApiException as error:
                # The library appends the answer's headers and body.
                said = self.hide(str(error.reason).partition(" -+-+-")[0])
                raise Unreachable(f"no port-forward to pod {namespace}/{pod}: {said}", permanent=True) from None
        return forwarded.socket(port)

    def start(self, namespace: str, pod: str, container: str, command: list[str], feeds: bool) -> Any:
        """Return the WebSocket of a command in a container, as `oc exec` starts it. Raises Unreachable.

        feeds: whether the command gets a standard input.
        """
        with certificate_files(self.target, self._login.credential) as files:
            api = kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(self._configuration(files)))
            wanted = {"stdin": feeds, "stdout": True, "stderr": True, "tty": False, "_preload_content": False}
            try:
                started = stream(
                    api.connect_get_namespaced_pod_exec, pod, namespace, container=container, command=command, **wanted
                )
            except kubernetes.client.ApiException as error:
                said = self.hide(str(error.reason).partition(" -+-+-")[0])
                raise Unreachable(f"no command can be run in pod {namespace}/{pod}: {said}", permanent=True) from None
        return started.sock

    def _configuration(self, files: dict[str, str]) -> Any:
        """Return the library's configuration of the same target; `files` are those of certificates."""
        configuration = kubernetes.client.Configuration(host=self.host)
        configuration.verify_ssl = self.target.verified
        configuration.ssl_ca_cert = files.get("certificate-authority")
        configuration.cert_file, configuration.key_file = (
            files.get(f"client-{each}") for each in ("certificate", "key")
        )
        configuration.tls_server_name = self.target.cluster.get("tls-server-name")
        configuration.proxy, configuration.no_proxy = proxies.without_user(self.target.proxy) or None, None
        configuration.proxy_headers = proxy_headers(self.target) or None
        with self._lock:
            header = self._login.headers().get("Authorization")
        if header:
            configuration.api_key = {"authorization": header}
        return configuration

    def _decoded(self, response: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = json.loads(response.data or b"{}")
        except ValueError as error:
            raise Unreachable(
                f"what answers at {self.host} speaks no JSON ({response.status}, "
                f"{response.headers.get('Content-Type')}): is it the address of an API server? Check host and proxy.",
                permanent=True,
            ) from error
        return answer

    def _url(self, path: str, query: Query | None) -> str:
        given = {key: value for key, value in (query or {}).items() if value is not None}
        return f"{self.host}{path}?{urlencode(given)}" if given else f"{self.host}{path}"

    def _request_headers(self, content_type: str | None) -> Any:
        headers = urllib3.HTTPHeaderDict({"Accept": JSON, "User-Agent": USER_AGENT})
        if content_type:
            headers["Content-Type"] = content_type
        with self._lock:  # a plugin or a token file may be read again here
            headers.update(self._login.headers())
        for name, values in self._identity.items():
            for value in values:
                headers.add(name, value)
        return headers

    def _open(
        self, method: str, url: str, body: Any = None, content_type: str = JSON, stream_seconds: float | None = None
    ) -> Any:
        headers = self._request_headers(None if body is None else content_type)
        data = None if body is None else encode(body)
        try:
            response = self._pool.request(
                method,
                url,
                body=data,
                headers=headers,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=stream_seconds or READ_SECONDS),
                retries=False,
                preload_content=False,
            )
            if stream_seconds is None or response.status >= 400:
                response.read(cache_content=True)
                response.release_conn()
        except (urllib3.exceptions.HTTPError, HTTPException, OSError, ValueError) as error:
            raise _unreachable(self.host, error, self.target.proxy, self.hide) from None
        self._contacted = True
        self._collect_warnings(response.headers.getlist("Warning"))
        if response.status >= 400:
            raise self._refusal(response)
        return response

    def _refusal(self, response: Any) -> ApiError | Unreachable:
        """Return the error that an answer stands for."""
        if response.status == 401 and not self._login.anonymous:
            return Unreachable(
                f"the API server at {self.host} does not accept these credentials (401 Unauthorized): the token or "
                "certificate is wrong or has expired. Check api_key, kubeconfig and K8S_AUTH_*, or `oc login` again.",
                permanent=True,
            )
        error = ApiError.parse(
            response.status,
            self.hide(response.data.decode("utf-8", "replace")).encode(),
            response.headers.get("Retry-After"),
        )
        unknown = response.status == 401 or (response.status == 403 and "system:anonymous" in error.message)
        return _anonymous(self.target) if unknown else error

    def _collect_warnings(self, headers: Iterable[str]) -> None:
        for text in itertools.chain.from_iterable(_WARNING.findall(header) for header in headers):
            with self._lock:
                if text not in self.warnings:
                    self.warnings.append(text)


def _pieces(response: Any) -> Iterator[bytes]:
    """Yield an answer as it comes. Without chunks, as some proxies pass it on, urllib3's stream waits for 64 KiB."""
    if response.chunked:
        yield from response.stream(_PIECE_BYTES)
        return
    # urllib3 1 has no read1; what it wraps has.
    reader = response if hasattr(response, "read1") else response._fp
    while piece := reader.read1(_PIECE_BYTES):
        yield piece


def _anonymous(target: Target) -> Unreachable:
    return Unreachable(
        f"the API server at {target.server} takes us for system:anonymous, because no credentials were sent: the "
        f"context {target.context} has none. Log in: oc login {target.server} (or give api_key, or a kubeconfig of "
        "somebody who is logged in).",
        permanent=True,
    )


def _impersonation(target: Target) -> dict[str, list[str]]:
    """Return the headers, each with its values, by which we act as somebody else. Raises Misconfigured."""
    user = target.user
    names = {"as": "Impersonate-User", "as-uid": "Impersonate-Uid", "as-groups": "Impersonate-Group"}
    headers = {header: _listed(user[name]) for name, header in names.items() if user.get(name)}
    for key, values in (user.get("as-user-extra") or {}).items():
        headers[f"Impersonate-Extra-{key}"] = _listed(values)
    for name, values in headers.items():
        if not all(value.isprintable() and value.isascii() for value in values):
            raise Misconfigured(f"the impersonation ({name}) holds a character that no header can carry")
    return headers


def _listed(value: Any) -> list[str]:
    return [str(each).strip() for each in (value if isinstance(value, (list, tuple)) else [value])]


def _is_passing(cause: Any) -> bool:
    """Say whether a TLS handshake failed for once: a server that restarts cuts it short, a busy one gets it broken."""
    broken = getattr(cause, "reason", "") in ("TLSV1_ALERT_DECODE_ERROR", "TLSV1_ALERT_INTERNAL_ERROR")
    return broken or isinstance(cause, (ssl.SSLEOFError, ssl.SSLZeroReturnError))


def _unreachable(host: str, error: Exception, proxy: str = "", hide: Redaction | None = None) -> Unreachable:
    """Return the error for a request without an answer; its text holds nothing that `hide` knows."""
    problems = urllib3.exceptions
    said = (hide or Redaction())(str(error))
    through = f" through the proxy {proxies.without_user(proxy)}" if proxy else ""
    if isinstance(error, problems.SSLError) and not _is_passing(error.args[0]):
        advice = "Check ca_cert / K8S_AUTH_SSL_CA_CERT (the whole chain), or validate_certs."
        return Unreachable(
            f"the TLS connection to the API server at {host}{through} failed: {said}. {advice}",
            sent=False,
            permanent=True,
        )
    refused = isinstance(error, (problems.NewConnectionError, problems.ConnectTimeoutError, problems.ProxyError))
    return Unreachable(
        f"the API server at {host} can't be reached{through}: {said}. "
        "Check the address (host, kubeconfig, context), the network and the proxy.",
        sent=not refused,
        permanent=not isinstance(error, (problems.HTTPError, HTTPException, OSError)),
    )
