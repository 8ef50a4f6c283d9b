"""`python -m sandbox.egress`: the way from the API server into the cluster, for webhooks, logs and port-forwards.

The API server asks it by HTTP CONNECT over a Unix socket, as it asks Konnectivity. An address of a pod leads to the
process that stands for the pod (`routes.py`), every other address, as a kubelet's, to itself.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from sandbox.kube import ApiError, Kube, Object
from sandbox.routes import Routes

POD_NETWORK = ipaddress.ip_network("10.128.0.0/14")  # OpenShift's default
CHUNK = 65536  # bytes

PodsAt = Callable[[str], list[Object]]  # IP address


class Refused(OSError):
    """Nobody answers at an address."""


async def target(host: str, port: int, routes: Routes, pods_at: PodsAt) -> tuple[str, int]:
    """Return the address that a connection to HOST:PORT of the cluster really goes to. Raises Refused."""
    if not _of_a_pod(host):
        return host, port
    pods = await asyncio.to_thread(pods_at, host)
    local = next((found for pod in pods if (found := routes.local_port(pod, port))), None)
    if local is None:
        raise Refused(f"dial tcp {host}:{port}: connect: {'connection refused' if pods else 'no route to host'}")
    return "127.0.0.1", local


def _of_a_pod(host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in POD_NETWORK
    except ValueError:
        return False


def pods_at(kube: Kube, address: str) -> list[Object]:
    """Return the pods that have the IP address and have not ended. Raises ApiError.

    Several may: KWOK, when it starts again, gives addresses away that pods of before have.
    """
    selector = f"status.podIP={address},status.phase!=Succeeded,status.phase!=Failed"
    query = urlencode({"fieldSelector": selector})
    found: list[Object] = kube.request("GET", f"/api/v1/pods?{query}")["items"]
    return found


class Proxy:
    """Answers CONNECT requests."""

    def __init__(self, routes: Routes, pods_at: PodsAt) -> None:
        """Look up pods by `pods_at` and who stands for them in `routes`."""
        self._routes = routes
        self._pods_at = pods_at

    async def serve(self, socket: str) -> None:
        """Listen on the Unix socket until cancelled."""
        Path(socket).unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._answer, socket)
        await server.serve_forever()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            host, _, port = head.split()[1].rpartition(":")
            theirs = await self._connect(host.strip("[]"), int(port))
        except (asyncio.IncompleteReadError, IndexError, ValueError):
            writer.close()
        except (OSError, ApiError) as error:
            writer.write(f"HTTP/1.1 502 {_line(error)}\r\n\r\n".encode())
            writer.close()
        else:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_pump(reader, theirs[1]), _pump(theirs[0], writer))
            theirs[1].close()
            writer.close()

    async def _connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address = await target(host, port, self._routes, self._pods_at)
        try:
            return await asyncio.open_connection(*address)
        except OSError as error:
            raise Refused(f"dial tcp {host}:{port}: connect: connection refused") from error


def _line(error: Exception) -> str:
    return " ".join(str(error).split())


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the reader's side ends; the other is told so, and may still send what it has."""
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        writer.write_eof()


def main() -> None:
    """Serve until the process is stopped."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.egress", description="Lead the API server to pods.")
    parser.add_argument("--kubeconfig", required=True, help="the API server that knows the pods' addresses")
    parser.add_argument("--socket", required=True, help="the Unix socket on which to listen")
    parser.add_argument("--routes", required=True, type=Path, help="the folder of the routes")
    options = parser.parse_args()
    kube = Kube(options.kubeconfig)
    proxy = Proxy(Routes(options.routes), lambda address: pods_at(kube, address))
    asyncio.run(proxy.serve(options.socket))


if __name__ == "__main__":
    main()
