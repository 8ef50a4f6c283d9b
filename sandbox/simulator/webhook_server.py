"""A small HTTPS server that answers the API server's AdmissionReviews on loopback."""

from __future__ import annotations

import base64
import datetime
import ipaddress
import json
import logging
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.certificates import Pair
from sandbox.kube import Object

logger = logging.getLogger("simulator")

LOOPBACK = "127.0.0.1"
# Takes the AdmissionReview's request; returns the object as it shall be (None: as it is). Raises Denied.
Handler = Callable[[Object], Object | None]


class Denied(Exception):
    """The webhook refuses the request, with this message, HTTP code and Status reason (some webhooks give none)."""

    def __init__(self, message: str, code: int = 400, reason: str = "BadRequest") -> None:
        """Take what the API server's answer carries."""
        super().__init__(message)
        self.status: Object = {"message": message, "code": code} | ({"reason": reason} if reason else {})


class Server:
    """Answers at the handlers' paths, at a free port; connections are kept, but none outlives the server."""

    def __init__(self, handlers: dict[str, Handler], pair: Pair) -> None:
        """Start to answer with this certificate."""
        self._http = _Listener((LOOPBACK, 0), _request_handler(handlers))
        self._http.socket = _context(pair).wrap_socket(
            self._http.socket, server_side=True, do_handshake_on_connect=False
        )
        threading.Thread(target=self._http.serve_forever, name="admission", daemon=True).start()

    @property
    def port(self) -> int:
        """The port of loopback."""
        return int(self._http.server_address[1])

    def close(self) -> None:
        """Stop: connections end, further ones are refused."""
        self._http.shutdown()
        self._http.server_close()
        self._http.close_connections()


class _Listener(ThreadingHTTPServer):
    """Knows its connections."""

    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._connections: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        for connection in list(self._connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # it has just ended by itself


def review(handlers: dict[str, Handler], path: str, body: Object) -> Object:
    """Return the AdmissionReview that answers `body`."""
    request = body["request"]
    response: Object = {"uid": request["uid"], "allowed": True}
    try:
        changed = handlers[path](request)
    except Denied as denied:
        response |= {"allowed": False, "status": denied.status}
    else:
        if changed is not None and changed != request["object"]:
            patch = json.dumps(_patch(request["object"], changed)).encode()
            response |= {"patchType": "JSONPatch", "patch": base64.b64encode(patch).decode()}
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], "response": response}


def _patch(before: Object, after: Object) -> list[Object]:
    """Return a JSON patch that replaces the top-level fields that differ."""
    keys = sorted({*before, *after})
    return [
        {"op": "add", "path": f"/{key}", "value": after[key]} if key in after else {"op": "remove", "path": f"/{key}"}
        for key in keys
        if before.get(key) != after.get(key)
    ]


def _request_handler(handlers: dict[str, Handler]) -> type[BaseHTTPRequestHandler]:
    class Handling(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Header and body leave together: apart, on a connection that is kept, the second waits 40 ms for the first.
        wbufsize = -1

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                answer = json.dumps(review(handlers, self.path.partition("?")[0], body)).encode()
            except Exception:
                logger.exception("webhook %s", self.path)
                self.send_error(500)
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is http.server's
            logger.debug(format, *args)

    return Handling


def self_signed(hosts: Sequence[str]) -> Pair:
    """Return a throw-away certificate for these host names and for loopback, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sandbox-admission")])
    today = datetime.datetime.now(datetime.UTC)
    names = [x509.IPAddress(ipaddress.ip_address(LOOPBACK)), *(x509.DNSName(host) for host in hosts)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(hours=1))
        .not_valid_after(today + datetime.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(certificate, private)


def _context(pair: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads keys from files only; the folder is 0700
        file = Path(folder) / "server.pem"
        file.write_bytes(pair.key + pair.certificate)
        context.load_cert_chain(file)
    return context
