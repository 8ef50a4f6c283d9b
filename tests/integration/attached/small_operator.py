"""A small operator: its webhook refuses ConfigMaps without data, its loop answers each ConfigMap that wishes something.

It takes what every operator takes: KUBECONFIG, its environment, certificates below the folder for temporary files, and
the sign to end. What it was given, it tells in the ConfigMap `seen`.
"""

from __future__ import annotations

import json
import os
import ssl
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from sandbox.kube import ApiError, Kube

CERTIFICATES = Path(tempfile.gettempdir()) / "k8s-webhook-server" / "serving-certs"
NAMESPACE = os.environ["POD_NAMESPACE"]


class Webhook(BaseHTTPRequestHandler):
    """Denies what has no data."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["request"]
        response = {"uid": request["uid"], "allowed": bool(request["object"].get("data"))}
        if not response["allowed"]:
            response["status"] = {"message": f"{os.environ['GREETING']}, a ConfigMap needs data", "code": 403}
        review = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
        answer = json.dumps(review).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


def serve(port: int) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "tls.crt", CERTIFICATES / "tls.key")
    server = ThreadingHTTPServer(("127.0.0.1", port), Webhook)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def config_map(name: str, data: dict[str, str]) -> dict[str, object]:
    meta = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}


def answer_to(kube: Kube, wish: dict[str, object]) -> None:
    """Create what is wished for."""
    kube.apply(config_map(f"{wish['metadata']['name']}-answer", {"greeting": os.environ["GREETING"]}))  # type: ignore[index]


def forbidden(kube: Kube) -> str:
    """Return what the API server says to a request that is not the ServiceAccount's right."""
    try:
        kube.list("v1", "Secret", NAMESPACE)
    except ApiError as error:
        return error.reason
    return "allowed"


def main() -> None:
    kube = Kube(os.environ["KUBECONFIG"])
    serve(int(sys.argv[1]))
    seen = {key: os.environ[key] for key in ("GREETING", "POD_NAME", "FROM_SECRET", "JOINED")}
    seen |= {"secrets": forbidden(kube), "pid": str(os.getpid())}
    seen["file"] = (Path(os.environ["SANDBOX_ROOT"]) / "etc" / "settings" / "colour").read_text()
    kube.apply(config_map("seen", seen))
    while True:
        for _, found in kube.watch("v1", "ConfigMap", NAMESPACE):
            if found["metadata"]["name"].startswith("wish") and not found["metadata"]["name"].endswith("-answer"):
                answer_to(kube, found)


if __name__ == "__main__":
    main()
