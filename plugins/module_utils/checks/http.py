# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""One HTTP request to a Service's pod through the API server, as `oc port-forward svc/...` and curl would make it.

The API server's own proxy takes the Authorization header for itself, so passwords and tokens need a port-forward.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.objects import Object, holds, section

SECONDS = 15.0
LONGEST = 1_000_000


@dataclass(frozen=True)
class Answer:
    """An HTTP status and body. status 0: nothing answered, and `body` says why; `refused`: for want of a right."""

    status: int
    body: str
    refused: bool = False


def ask(
    client: Client, pod: Object, port: int, path: str, headers: Mapping[str, str], tls: bool, method: str = "GET"
) -> Answer:
    """GET `path` from a pod's port; its certificate is not checked, as the products' own are self-signed."""
    metadata = pod["metadata"]
    try:
        with closing(client.forward(metadata["namespace"], metadata["name"], port)) as stream:
            stream.settimeout(SECONDS)
            connection = HTTPConnection("localhost", port)
            connection.sock = _encrypted(stream) if tls else stream
            with closing(connection):
                connection.request(method, path, headers={"Accept": "application/json", **headers})
                response = connection.getresponse()
                return Answer(response.status, response.read(LONGEST).decode("utf-8", "replace"))
    except EngineError as error:
        return Answer(0, str(error), refused="403 Forbidden" in str(error))
    except (OSError, HTTPException) as error:
        return Answer(0, f"port {port} of pod {metadata['name']} does not answer ({error or type(error).__name__})")


def target(service: Object, port: int, pods: Iterable[Object]) -> tuple[Object, int] | None:
    """Return the first ready pod of `pods`, and the port of it that the Service's `port` leads to; None without one."""
    entries = section(service, "spec").get("ports") or []
    entry = next((entry for entry in entries if entry.get("port") == port), None)
    if entry is None:
        return None
    wanted = entry.get("targetPort") or port
    for pod in pods:
        if holds(pod, "Ready"):
            number = _numbers(pod).get(wanted, 0) if isinstance(wanted, str) else wanted
            if number:
                return pod, number
    return None


def _numbers(pod: Object) -> dict[str, int]:
    ports = (port for c in section(pod, "spec").get("containers") or [] for port in c.get("ports") or [])
    return {port["name"]: port["containerPort"] for port in ports if port.get("name")}


def _encrypted(stream: Any) -> Any:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(stream)
