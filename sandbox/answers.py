"""`python -m sandbox.answers`: what answers behind the ports of a sandbox's pods when somebody forwards one.

Who asks for another host than localhost is taken for a client outside, at the router (sandbox/ingress.py).
Elasticsearch at 9200: as version 7 does, it wants the password that its operator has put into a Secret. Thanos at 9091
and Alertmanager at 9095: the proxies in front of them want a token that the API server knows, with a right of its own.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import http.server
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox.ingress import Request, reply
from sandbox.kube import Kube
from sandbox.simulator.settings import Faults
from sandbox.tracks import Tracks

VERSION = "7.12.1"
# The host of a request through a port-forward.
INSIDE = ("", "localhost", "127.0.0.1")
# What the proxies of OpenShift 4.11's monitoring ask for, by the path that says which of them was asked.
RIGHTS = {
    "/api/v1/query": {"verb": "get", "resource": "namespaces"},
    "/api/v1/alerts": {
        "verb": "patch",
        "group": "monitoring.coreos.com",
        "resource": "alertmanagers",
        "namespace": "openshift-monitoring",
        "name": "non-existant",
    },
}


def answer(kube: Kube, tracks: Tracks, path: str, authorization: str, method: str = "GET") -> tuple[int, Any]:
    """Return HTTP status and JSON for `method` and `path` with this Authorization header."""
    asked, _, query = path.partition("?")
    if right := RIGHTS.get(asked):
        status = admitted(kube, right, authorization)
        number = tracks.counted(query) if status == 200 else 0
        result = [{"metric": {}, "value": [0, str(number)]}] if number else []
        return status, {"status": "success" if status == 200 else "error", "data": {"result": result}}
    if login(authorization) not in users(kube):
        reason = "missing authentication credentials" if not authorization else "unable to authenticate user"
        return 401, {"error": {"type": "security_exception", "reason": reason}, "status": 401}
    if method == "DELETE":
        return (
            (200, {"acknowledged": True}) if tracks.delete(asked[1:]) else (404, {"error": "index_not_found_exception"})
        )
    if asked.startswith("/_cat/indices"):
        pattern = asked.removeprefix("/_cat/indices").strip("/") or "*"
        return 200, [{"index": name} for name in tracks.indices(pattern)]
    if asked.endswith("/_search"):
        hits = [{"_index": name} for name in tracks.indices(asked.split("/")[1])]
        return 200, {"hits": {"hits": hits}}
    return 200, {"cluster_name": "elasticsearch-seldon", "version": {"number": VERSION}}


def admitted(kube: Kube, right: dict[str, str], authorization: str) -> int:
    """Return the HTTP status with which a proxy of the monitoring answers: 200, 401 or 403."""
    kind, _, token = authorization.partition(" ")
    known = kube.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", _review("TokenReview", token=token))
    if kind != "Bearer" or not known["status"].get("authenticated"):
        return 401
    user = known["status"]["user"]
    who = {"user": user["username"], "groups": user.get("groups", [])}
    access = _review("SubjectAccessReview", resourceAttributes=right, **who)
    allowed = kube.request("POST", "/apis/authorization.k8s.io/v1/subjectaccessreviews", access)["status"]["allowed"]
    return 200 if allowed else 403


def _review(kind: str, **spec: Any) -> dict[str, Any]:
    group = "authentication" if kind == "TokenReview" else "authorization"
    return {"apiVersion": f"{group}.k8s.io/v1", "kind": kind, "spec": spec}


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


def serve(kube: Kube, port: int, pki: Path, faults: Faults) -> http.server.ThreadingHTTPServer:
    """Return the server, at a port of loopback and with the certificate server.crt of the folder `pki`."""
    tracks = Tracks(kube, faults)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = self.headers.get("Host", "").partition(":")[0]
            if host in INSIDE:
                status, content = answer(kube, tracks, self.path, self.headers.get("Authorization", ""), self.command)
                self._send(status, content, {})
                return
            headers = {key.lower(): value for key, value in self.headers.items()}
            found = reply(kube, Request(host, self.path, headers), faults)
            if found.model:
                tracks.add(found.model)
            self._send(found.status, found.content, found.headers)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.do_GET()

        def do_DELETE(self) -> None:
            self.do_GET()

        def _send(self, status: int, content: Any, headers: Mapping[str, str]) -> None:
            text = isinstance(content, str)
            data = content.encode() if text else json.dumps(content).encode()
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "text/plain" if text else "application/json")
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
    parser.add_argument("--kubeconfig", required=True, help="the API server that knows passwords and tokens")
    parser.add_argument("--port", required=True, type=int, help="where to listen, on 127.0.0.1")
    parser.add_argument("--pki", required=True, type=Path, help="the folder of server.crt and server.key")
    parser.add_argument("--fault", action="append", default=[], metavar="FILE", help="a file of faults")
    options = parser.parse_args()
    serve(Kube(options.kubeconfig), options.port, options.pki, Faults.load(options.fault)).serve_forever()


if __name__ == "__main__":
    main()
