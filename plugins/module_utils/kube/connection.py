# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The connection with one API server: authentication, retries, warnings. Only this file knows the kubernetes library.

Authentication is kubernetes.core's own code, so that kubeconfig (path or content), context, token, certificates, proxy,
impersonation and `K8S_AUTH_*` mean here what they mean there. Requests go as JSON through the library's connection
pool: one keep-alive session, shared by threads.
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
from pathlib import Path
from typing import Any, Optional
from urllib.parse import urlencode

from .dependencies import create_auth_spec, create_configuration, create_headers, require_collection, require_libraries
from .errors import ApiError, Unreachable
from .jsontext import encode
from .retry import is_idempotent, is_race, is_transient, pause

try:
    import kubernetes
    import urllib3
    from kubernetes.config import kube_config
    from kubernetes.stream import portforward
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
_WARNING = re.compile(r'\d{3} \S+ "((?:[^"\\]|\\.)*)"')
_configuring = threading.Lock()


class Connection:
    """A thread-safe HTTP session with one API server."""

    def __init__(self, params: dict[str, Any]) -> None:
        """Prepare a session; nothing is sent yet.

        `params` holds kubernetes.core's authentication options (others are ignored). Raises MissingLibrary, and
        Unreachable without a configuration.
        """
        require_collection()
        require_libraries()
        self.warnings: list[str] = []
        self._contacted = False
        self._lock = threading.Lock()
        given = {name: value for name, value in params.items() if value is not None}
        try:
            self._configuration, self._key_files = _configure(given)
        except Exception as error:  # the library raises whatever it meets in a file
            raise Unreachable(
                f"no usable connection settings for a cluster: {str(error).rstrip('.')}. "
                "Give kubeconfig (or host and api_key), set K8S_AUTH_KUBECONFIG, or log in with `oc login`.",
                permanent=True,
            ) from error
        self._configuration.connection_pool_maxsize = THREADS
        self._headers = create_headers(**given)
        self._pool = kubernetes.client.ApiClient(self._configuration).rest_client.pool_manager
        self.host: str = self._configuration.host
        if not self._configuration.verify_ssl and self.host.startswith("https:"):
            # The library's own warning comes with each request, straight to standard error.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
            self.warnings.append(UNVERIFIED.format(host=self.host))

    @property
    def token(self) -> str:
        """The bearer token of our requests; empty when we come with a certificate or a password."""
        with self._lock:
            settings = self._configuration.auth_settings().values()
        bearers = [
            str(each["value"]).partition("Bearer ") for each in settings if each["key"].lower() == "authorization"
        ]
        return next((token.strip() for _head, bearer, token in bearers if bearer), "")

    @property
    def library_version(self) -> str:
        """The version of the kubernetes library."""
        return str(kubernetes.__version__)

    def close(self) -> None:
        """Close the connections and remove the key files that the library wrote.

        The library leaves that to an exit hook, which a forked worker of Ansible never runs.
        """
        self._pool.clear()
        for path in self._key_files:
            path.unlink(missing_ok=True)

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
            for chunk in response.stream(65536):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from map(json.loads, lines)
        except (urllib3.exceptions.HTTPError, OSError, ValueError):
            return
        finally:
            response.close()

    def forward(self, namespace: str, pod: str, port: int) -> Any:
        """Return a socket that ends at a pod's port, as `oc port-forward` opens it. Raises Unreachable."""
        api = kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(self._configuration))
        try:
            forwarded = portforward(api.connect_get_namespaced_pod_portforward, pod, namespace, ports=str(port))
        except kubernetes.client.ApiException as error:
            # The library appends the answer's headers and body.
            said = str(error.reason).partition(" -+-+-")[0]
            raise Unreachable(f"no port-forward to pod {namespace}/{pod}: {said}", permanent=True) from error
        return forwarded.socket(port)

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
        with self._lock:  # an exec plugin or a token file may be read again here
            for setting in self._configuration.auth_settings().values():
                headers[setting["key"]] = setting["value"]
        for name, value in self._headers.items():
            for each in value if isinstance(value, list) else [value]:
                headers.add(name, each)
        return headers

    def _open(
        self, method: str, url: str, body: Any = None, content_type: str = JSON, stream_seconds: float | None = None
    ) -> Any:
        try:
            response = self._pool.request(
                method,
                url,
                body=None if body is None else encode(body),
                headers=self._request_headers(None if body is None else content_type),
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=stream_seconds or READ_SECONDS),
                retries=False,
                preload_content=False,
            )
            if stream_seconds is None or response.status >= 400:
                response.read(cache_content=True)
                response.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise _unreachable(self.host, error) from error
        self._contacted = True
        self._collect_warnings(response.headers.getlist("Warning"))
        if response.status == 401:
            raise Unreachable(
                f"the API server at {self.host} does not accept these credentials (401 Unauthorized): the token or "
                "certificate is wrong or has expired. Check api_key, kubeconfig and K8S_AUTH_*, or `oc login` again.",
                permanent=True,
            )
        if response.status >= 400:
            raise ApiError.parse(response.status, response.data, response.headers.get("Retry-After"))
        return response

    def _collect_warnings(self, headers: Iterable[str]) -> None:
        for text in itertools.chain.from_iterable(_WARNING.findall(header) for header in headers):
            with self._lock:
                if text not in self.warnings:
                    self.warnings.append(text)


def _configure(given: dict[str, Any]) -> tuple[Any, list[Path]]:
    """Return the library's configuration, and the files that it wrote for certificates and keys in a kubeconfig.

    The library keeps both in global variables, which a fork inherits: neither an earlier configuration nor files of
    another process are ours.
    """
    with _configuring:
        inherited, kube_config._temp_files = kube_config._temp_files, {}
        kubernetes.client.Configuration.set_default(None)
        try:
            configuration = create_configuration(create_auth_spec(**given))
            # Version 35 of the library reads it and then forgets it.
            configuration.no_proxy = configuration.no_proxy or os.getenv("no_proxy") or os.getenv("NO_PROXY")
        finally:
            written, kube_config._temp_files = kube_config._temp_files, inherited
    return configuration, [Path(path) for path in written.values()]


def _unreachable(host: str, error: Exception) -> Unreachable:
    problems = urllib3.exceptions
    # A handshake that is cut short is a server that restarts, no refusal.
    cut = isinstance(error, problems.SSLError) and isinstance(error.args[0], (ssl.SSLEOFError, ssl.SSLZeroReturnError))
    if isinstance(error, problems.SSLError) and not cut:
        advice = "Check ca_cert / K8S_AUTH_SSL_CA_CERT (the whole chain), or validate_certs."
        return Unreachable(
            f"the TLS connection to the API server at {host} failed: {error}. {advice}", sent=False, permanent=True
        )
    refused = isinstance(error, (problems.NewConnectionError, problems.ConnectTimeoutError, problems.ProxyError))
    return Unreachable(
        f"the API server at {host} can't be reached: {error}. "
        "Check the address (host, kubeconfig, context), the network and the proxy.",
        sent=not refused,
    )
