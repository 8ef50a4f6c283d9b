"""Admission webhooks of simulated operators: real configurations, answered by a small TLS server on loopback."""

from __future__ import annotations

import base64
import copy
import datetime
import ipaddress
import json
import logging
import ssl
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sandbox.kube import ApiError, Kube, Object
from sandbox.simulator.settings import Faults

logger = logging.getLogger("simulator")

# Takes the AdmissionReview's request; returns the object as it shall be (None: as it is). Raises Denied.
Handler = Callable[[Object], Object | None]


class Denied(Exception):
    """The webhook refuses the request, with this message, HTTP code and Status reason (some webhooks give none)."""

    def __init__(self, message: str, code: int = 400, reason: str = "BadRequest") -> None:
        """Take what the API server's answer carries."""
        super().__init__(message)
        self.status: Object = {"message": message, "code": code} | ({"reason": reason} if reason else {})


@dataclass
class Webhook:
    """A set of webhook configurations that one process answers."""

    configurations: list[Object]
    handlers: dict[str, Handler]
    server: Server | None = None
    timer: threading.Timer | None = None


class Admission:
    """The webhooks of one operator. Those that are answered carry a loopback URL, the others name their Service.

    Let the Service's selector match no pod: then the API server itself says that there are no endpoints.
    """

    def __init__(self, kube: Kube, faults: Faults) -> None:
        """Register at the API server of `kube`."""
        self._kube = kube
        self._faults = faults
        self._webhooks: dict[str, Webhook] = {}

    def serve(self, name: str, configurations: list[Object], handlers: dict[str, Handler]) -> None:
        """Register the configurations and answer them: `handlers` by the path of `clientConfig.service`.

        The fault `webhook-no-endpoints` (`webhook`: the name here, `seconds`) delays the answering. Raises ApiError.
        """
        if name in self._webhooks:
            return
        webhook = self._webhooks[name] = Webhook(configurations, handlers)
        fault = next((entry for entry in self._faults.named("webhook-no-endpoints") if entry["webhook"] == name), None)
        if fault is None:
            self._answer(webhook)
            return
        self._register(webhook)
        webhook.timer = threading.Timer(fault["seconds"], self._answer, [webhook])
        webhook.timer.daemon = True
        webhook.timer.start()

    def serves(self, name: str) -> bool:
        """Tell whether the webhooks called `name` are answered now, or will be."""
        return name in self._webhooks

    def withdraw(self, name: str, configurations: list[Object]) -> None:
        """Register the configurations but answer no longer, or not yet: calls fail. Raises ApiError."""
        self._register(Webhook(configurations, {}))
        webhook = self._webhooks.pop(name, None)
        if webhook:
            _stop(webhook)

    def remove(self, name: str, configurations: list[Object]) -> None:
        """Delete the configurations and stop answering. Raises ApiError."""
        for configuration in configurations:
            self._kube.delete(configuration)
        webhook = self._webhooks.pop(name, None)
        if webhook:
            _stop(webhook)

    def close(self) -> None:
        """Stop answering as a killed process does: nothing changes in the cluster."""
        for webhook in self._webhooks.values():
            _stop(webhook)

    def _answer(self, webhook: Webhook) -> None:
        webhook.server = Server(webhook.handlers)
        self._register(webhook)

    def _register(self, webhook: Webhook) -> None:
        for configuration in webhook.configurations:
            wanted = copy.deepcopy(configuration)
            if webhook.server:
                for entry in wanted["webhooks"]:
                    entry["clientConfig"] = webhook.server.client_config(entry["clientConfig"]["service"]["path"])
            try:
                self._kube.create(wanted)
            except ApiError as error:
                if error.status != 409:
                    raise
                self._kube.patch(wanted, {"webhooks": wanted["webhooks"]})


def _stop(webhook: Webhook) -> None:
    if webhook.timer:
        webhook.timer.cancel()
    if webhook.server:
        webhook.server.close()
        webhook.server = None


class Server:
    """An HTTPS server on a free loopback port; each request has a connection of its own, so that stopping is sharp."""

    def __init__(self, handlers: dict[str, Handler]) -> None:
        """Start to answer AdmissionReviews at the handlers' paths."""
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _request_handler(handlers))
        context, self._certificate = _tls()
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._http.serve_forever, name="admission", daemon=True).start()

    def client_config(self, path: str) -> Object:
        """Return the clientConfig by which the API server reaches the handler at `path`."""
        port = self._http.server_address[1]
        return {"url": f"https://127.0.0.1:{port}{path}", "caBundle": base64.b64encode(self._certificate).decode()}

    def close(self) -> None:
        """Stop: further connections are refused."""
        self._http.shutdown()
        self._http.server_close()


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


def _tls() -> tuple[ssl.SSLContext, bytes]:
    """Return a server context with a throw-away certificate for 127.0.0.1, and the certificate in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sandbox-admission")])
    today = datetime.datetime.now(datetime.UTC)
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(hours=1))
        .not_valid_after(today + datetime.timedelta(days=365))
        .add_extension(addresses, critical=False)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:  # the ssl module reads keys from files only; the folder is 0700
        file = Path(folder) / "server.pem"
        file.write_bytes(private + certificate)
        context.load_cert_chain(file)
    return context, certificate
