"""`python -m sandbox.answers`: what answers behind the ports of a sandbox's pods when somebody forwards one.

Elasticsearch at 9200: as version 7 does, it wants the password that its operator has put into a Secret.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import http.server
import json
import ssl
from pathlib import Path
from typing import Any

from sandbox.kube import Kube

VERSION = "7.12.1"


def answer(kube: Kube, path: str, authorization: str) -> tuple[int, Any]:
    """Return HTTP status and JSON of Elasticsearch for GET `path` with this Authorization header."""
    if login(authorization) not in users(kube):
        reason = "missing authentication credentials" if not authorization else "unable to authenticate user"
        return 401, {"error": {"type": "security_exception", "reason": reason}, "status": 401}
    if path.startswith("/_cat/"):
        return 200, []
    return 200, {"cluster_name": "elasticsearch-seldon", "version": {"number": VERSION}}


def login(authorization: str) -> tuple[str, str]:
    """Return name and password of a Basic Authorization header; empty ones when it is none."""
    kind, _, encoded = authorization.partition(" ")
    try:
        name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, password) if kind == "Basic" else ("", "")


def users(kube: Kube) -> set[tuple[str, str]]:
    """Return the names and passwords of all Elasticsearch clusters; which one was asked can't be told here."""
    secrets = [s for s in kube.list("v1", "Secret") if s["metadata"]["name"].endswith("-es-elastic-user")]
    return {(name, base64.b64decode(value).decode()) for s in secrets for name, value in (s.get("data") or {}).items()}


def serve(kube: Kube, port: int, pki: Path) -> http.server.ThreadingHTTPServer:
    """Return the server, at a port of loopback and with the certificate server.crt of the folder `pki`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, content = answer(kube, self.path, self.headers.get("Authorization", ""))
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pki / "server.crt", pki / "server.key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    return server


def main() -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.answers", description="Answer behind the ports of pods.")
    parser.add_argument("--kubeconfig", required=True, help="the API server whose Secrets hold the passwords")
    parser.add_argument("--port", required=True, type=int, help="where to listen, on 127.0.0.1")
    parser.add_argument("--pki", required=True, type=Path, help="the folder of server.crt and server.key")
    options = parser.parse_args()
    serve(Kube(options.kubeconfig), options.port, options.pki).serve_forever()


if __name__ == "__main__":
    main()
