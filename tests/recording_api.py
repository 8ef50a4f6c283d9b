"""An API server that holds nothing and writes down who asked it for what: over TLS, by certificate, name and proxy."""

from __future__ import annotations

import http.server
import json
import socketserver
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.certificates import write_pki
from tests.web import HOST, leading_to

Object = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """One request: its path, its headers, the name of the client's certificate, and the name that TLS was asked for."""

    path: str
    headers: dict[str, list[str]]
    certificate: str
    server_name: str

    @property
    def namespace(self) -> str:
        """The namespace that the request is about; empty for none."""
        return self.path.partition("/namespaces/")[2].partition("/")[0].partition("?")[0]


@dataclass
class RecordingApi:
    """The server, and a proxy that leads every name to it. Both live from `with` to its end."""

    folder: Path
    asked: list[Asked] = field(default_factory=list)
    through: list[str] = field(default_factory=list)
    answers: tuple[int, str] | None = None

    def __enter__(self) -> RecordingApi:
        write_pki(self.folder)
        self._names: dict[int, str] = {}
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.crt", self.folder / "server.key")
        context.load_verify_locations(self.folder / "ca.crt")
        context.verify_mode = ssl.CERT_OPTIONAL
        context.sni_callback = self._named
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), leading_to(self.port, self.through))
        for server in (self._server, self._proxy):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *details: object) -> None:
        for server in (self._proxy, self._server):
            server.shutdown()
            server.server_close()

    @property
    def port(self) -> int:
        """The port on loopback."""
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        """The address, which the certificate is valid for."""
        return f"https://127.0.0.1:{self.port}"

    @property
    def far_url(self) -> str:
        """An address that only the proxy knows."""
        return f"https://{HOST}:{self.port}"

    @property
    def proxy(self) -> str:
        """Host and port of the proxy."""
        return f"127.0.0.1:{self._proxy.server_address[1]}"

    def _named(self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        self._names[id(connection)] = name or ""

    def note(self, path: str, headers: dict[str, list[str]], connection: ssl.SSLSocket) -> None:
        """Write a request down."""
        subject = dict(pair for part in (connection.getpeercert() or {}).get("subject", ()) for pair in part)
        self.asked.append(Asked(path, headers, subject.get("commonName", ""), self._names.get(id(connection), "")))


def _answering(api: RecordingApi) -> type[http.server.BaseHTTPRequestHandler]:
    class Answering(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = {name.lower(): self.headers.get_all(name, []) for name in self.headers}
            api.note(self.path, headers, self.connection)  # type: ignore[arg-type]  # it is wrapped
            status, body = api.answers or _answer(urlsplit(self.path).path)
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_POST = do_PATCH = do_GET  # noqa: N815

        def log_message(self, *arguments: object) -> None:
            pass

    return Answering


def _answer(path: str) -> tuple[int, str]:
    """Return the answer of a server without objects."""
    if path == "/version":
        return 200, json.dumps({"major": "1", "minor": "24", "gitVersion": "v1.24.0"})
    if path.endswith(("/configmaps", "/secrets")):
        return 200, json.dumps({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": []})
    return 404, json.dumps(
        {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
    )
