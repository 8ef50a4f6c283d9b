"""Admission webhooks of simulated operators: real configurations and Services, answered by a server on loopback."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.certificates import Pair
from sandbox.kube import ApiError, Kube, Object
from sandbox.routes import SIMULATED, Route, Routes
from sandbox.simulator.settings import Faults
from sandbox.simulator.webhook_server import LOOPBACK, Denied, Handler, Server, self_signed

__all__ = ["Admission", "Denied", "Handler"]

# In a Service's selector, no pod matches it.
NOBODY = "sandbox.seldon/listens"
ENDPOINTS_SECONDS = 5.0


@dataclass
class Webhook:
    """A set of webhooks that one server answers."""

    server: Server
    timer: threading.Timer | None = None

    def close(self) -> None:
        """Answer no longer."""
        if self.timer:
            self.timer.cancel()
        self.server.close()


class Admission:
    """The webhooks of one operator.

    The API server reaches them by their Services, as it reaches those of real operators: it picks one of the Service's
    pods, and a route leads from there to the server. Without pods it says itself that there are no endpoints.
    """

    def __init__(self, kube: Kube, faults: Faults, routes: Routes) -> None:
        """Register at the API server of `kube`."""
        self._kube = kube
        self._faults = faults
        self._routes = routes
        self._webhooks: dict[str, Webhook] = {}

    def serve(self, name: str, configurations: list[Object], handlers: dict[str, Handler]) -> None:
        """Register the configurations and answer them behind their one Service: `handlers` by its paths.

        The fault `webhook-no-endpoints` (`webhook`: the name here, `seconds`) keeps the Service without endpoints for a
        while. Raises ApiError, LookupError when there is no such Service.
        """
        if name in self._webhooks:
            return
        reference = configurations[0]["webhooks"][0]["clientConfig"]["service"]
        pair = self_signed([f"{reference['name']}.{reference['namespace']}.svc"])
        service = self._service(reference["name"], reference["namespace"])
        webhook = self._keep(name, service, Server(handlers, pair))
        try:
            self._await_endpoints(service, there=webhook.timer is None)
            self._register(_trusting(configurations, pair), lambda: self._lead(name, service, webhook.server))
        except Exception:
            self.leave(name)  # the next try starts anew
            raise

    def answer(self, name: str, deployment: str, namespace: str, handlers: dict[str, Handler]) -> None:
        """Answer what OLM has registered for a Deployment of a CSV, behind its Service and with its certificate.

        Where OLM has not made the Deployment, nothing is registered, and nobody asks. Raises ApiError.
        """
        service = f"{deployment}-service"
        secret = self._kube.get("v1", "Secret", f"{service}-cert", namespace)
        if name in self._webhooks or secret is None:
            return
        certificate, key = (base64.b64decode(secret["data"][part]) for part in ("tls.crt", "tls.key"))
        found = self._service(service, namespace)
        webhook = self._keep(name, found, Server(handlers, Pair(certificate, key)))
        self._lead(name, found, webhook.server)

    def serve_by_url(self, name: str, configurations: list[Object], handlers: dict[str, Handler]) -> None:
        """Register configurations of OpenShift's own, whose processes have no pods here, and answer them on loopback.

        Raises ApiError.
        """
        if name in self._webhooks:
            return
        pair = self_signed([])
        server = Server(handlers, pair)
        self._webhooks[name] = Webhook(server)
        by_url = [_by_url(configuration, server.port) for configuration in configurations]
        self._register(_trusting(by_url, pair))

    def serves(self, name: str) -> bool:
        """Tell whether the webhooks called `name` are answered now, or will be."""
        return name in self._webhooks

    def withdraw(self, name: str, configurations: list[Object]) -> None:
        """Answer no longer, or not yet; the configurations stay or come, so that calls fail. Raises ApiError."""
        for configuration in configurations:
            self._create(configuration)
        self.leave(name)

    def remove(self, name: str, configurations: list[Object]) -> None:
        """Delete the configurations and stop answering. Raises ApiError."""
        for configuration in configurations:
            self._kube.delete(configuration)
        self.leave(name)

    def leave(self, name: str) -> None:
        """Answer no longer."""
        self._routes.remove(_route(name))
        if webhook := self._webhooks.pop(name, None):
            webhook.close()

    def close(self) -> None:
        """Stop answering as a killed process does: nothing changes in the cluster."""
        for webhook in self._webhooks.values():
            webhook.close()

    def _keep(self, name: str, service: Object, server: Server) -> Webhook:
        webhook = self._webhooks[name] = Webhook(server)
        fault = next((entry for entry in self._faults.named("webhook-no-endpoints") if entry["webhook"] == name), None)
        if fault:
            self._select(service, "nobody")
            webhook.timer = threading.Timer(fault["seconds"], self._select, [service, None])
            webhook.timer.daemon = True
            webhook.timer.start()
        return webhook

    def _lead(self, name: str, service: Object, server: Server) -> None:
        """Let the Service's pods lead to the server."""
        spec = service["spec"]
        ports = {str(entry.get("targetPort", entry["port"])): server.port for entry in spec["ports"]}
        selector = {key: value for key, value in spec["selector"].items() if key != NOBODY}
        self._routes.add(_route(name), Route(service["metadata"]["namespace"], selector, ports))

    def _select(self, service: Object, nobody: str | None) -> None:
        """Let the Service select no pod, or (None) its own again. Raises ApiError."""
        self._kube.patch(service, {"spec": {"selector": {NOBODY: nobody}}})

    def _await_endpoints(self, service: Object, there: bool) -> None:
        """Wait for a moment until the Service has endpoints, or none: what is registered then says nothing else."""
        meta, deadline = service["metadata"], time.monotonic() + ENDPOINTS_SECONDS
        while time.monotonic() < deadline:
            endpoints = self._kube.get("v1", "Endpoints", meta["name"], meta["namespace"]) or {}
            if any(subset.get("addresses") for subset in endpoints.get("subsets") or []) == there:
                return
            time.sleep(0.05)

    def _service(self, name: str, namespace: str) -> Object:
        found = self._kube.get("v1", "Service", name, namespace)
        if found is None:
            raise LookupError(f"there is no Service {namespace}/{name}")
        return found

    def _register(self, configurations: list[Object], lead: Callable[[], None] = lambda: None) -> None:
        """Complete what is there, which fails until then, `lead` to the server, and create the others."""
        missing = [configuration for configuration in configurations if not self._complete(configuration)]
        lead()
        for configuration in missing:
            self._create(configuration)

    def _complete(self, configuration: Object) -> bool:
        """Bring the configuration of this name up to date; False when there is none."""
        try:
            self._kube.patch(configuration, {"webhooks": configuration["webhooks"]})
        except ApiError as error:
            if error.status != 404:
                raise
            return False
        return True

    def _create(self, configuration: Object) -> bool:
        """Create the configuration; False when there is one of this name."""
        try:
            self._kube.create(configuration)
        except ApiError as error:
            if error.status != 409:
                raise
            return False
        return True


def _route(name: str) -> str:
    return f"{SIMULATED}{name}"


def _trusting(configurations: list[Object], pair: Pair) -> list[Object]:
    """Return the configurations with the certificate as the authority of all their webhooks."""
    trust = {"caBundle": base64.b64encode(pair.certificate).decode()}
    return [
        configuration
        | {"webhooks": [it | {"clientConfig": it["clientConfig"] | trust} for it in configuration["webhooks"]]}
        for configuration in configurations
    ]


def _by_url(configuration: Object, port: int) -> Object:
    webhooks = [
        entry | {"clientConfig": {"url": f"https://{LOOPBACK}:{port}{entry['clientConfig']['service']['path']}"}}
        for entry in configuration["webhooks"]
    ]
    return configuration | {"webhooks": webhooks}
