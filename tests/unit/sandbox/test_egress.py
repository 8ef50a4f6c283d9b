"""The API server's way to pods: which process an address leads to, and what is said when nobody answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sandbox.egress import Proxy, Refused, target
from sandbox.kube import Object
from sandbox.routes import Route, Routes

CONTAINERS = [{"name": "kube-rbac-proxy"}, {"name": "manager", "ports": [{"name": "webhook", "containerPort": 4443}]}]


def pod(namespace: str = "operators", **labels: str) -> Object:
    return {"metadata": {"namespace": namespace, "labels": labels}, "spec": {"containers": CONTAINERS}}


POD = pod(name="eck", other="x")
ROUTE = Route("operators", {"name": "eck"}, {"9443": 31000, "webhook": 31001})


@pytest.fixture
def routes(tmp_path: Path) -> Routes:
    found = Routes(tmp_path / "routes")
    found.add("eck", ROUTE)
    return found


def led(routes: Routes, host: str, port: int, *pods: Object) -> tuple[str, int]:
    return asyncio.run(target(host, port, routes, lambda _address: list(pods)))


def test_the_address_of_a_pod_leads_to_the_process_that_stands_for_it(routes: Routes) -> None:
    assert led(routes, "10.128.0.9", 9443, POD) == ("127.0.0.1", 31000)
    assert led(routes, "10.128.0.9", 4443, POD) == ("127.0.0.1", 31001)
    assert led(routes, "10.128.0.9", 9443, pod("other"), POD) == ("127.0.0.1", 31000), "KWOK gives addresses away twice"


@pytest.mark.parametrize("host", ["127.0.0.1", "192.0.2.1", "somewhere.example.com", "::1"])
def test_other_addresses_lead_to_themselves(routes: Routes, host: str) -> None:
    assert led(routes, host, 10250) == (host, 10250)


@pytest.mark.parametrize(
    ("port", "found", "said"),
    [
        (8080, POD, "dial tcp 10.128.0.9:8080: connect: connection refused"),
        (9443, pod("other", name="eck"), "connection refused"),
        (9443, pod(name="other"), "connection refused"),
        (9443, pod(), "connection refused"),
        (9443, None, "dial tcp 10.128.0.9:9443: connect: no route to host"),
    ],
)
def test_a_port_at_which_nobody_answers_is_refused(routes: Routes, port: int, found: Object | None, said: str) -> None:
    with pytest.raises(Refused, match=said):
        led(routes, "10.128.0.9", port, *([found] if found else []))


def test_an_attached_process_stands_for_the_whole_pod_and_goes_first(routes: Routes) -> None:
    routes.add("attached-eck", Route("operators", {"name": "eck"}, {"8443": 32000}, whole=True))
    found = [led(routes, "10.128.0.9", port, POD)[1] for port in (9443, 8443, 8080)]
    assert found == [9443, 32000, 8080]
    routes.remove("attached-eck")
    assert led(routes, "10.128.0.9", 9443, POD) == ("127.0.0.1", 31000)


def test_routes_are_known_by_name(routes: Routes) -> None:
    routes.add("other", ROUTE)
    assert routes.names() == {"eck", "other"}
    assert routes.clear() == {"eck", "other"}
    assert routes.names() == set()
    routes.remove("eck")


async def _asked(socket: str, request: bytes) -> bytes:
    """Send a request, then `ping` and the end; return all that comes back."""
    while not Path(socket).exists():
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_unix_connection(socket)
    writer.write(request + b"ping")
    writer.write_eof()
    answer = await reader.read()
    writer.close()
    return answer


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"echo " + await reader.read())
    writer.close()


def exchanged(routes: Routes, socket: Path, request: str) -> bytes:
    """Return what the proxy answers while an echo listens at the process's port."""

    async def run() -> bytes:
        server = await asyncio.start_server(_echo, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        routes.add("eck", Route("operators", {"name": "eck"}, {"9443": port}))
        serving = asyncio.create_task(Proxy(routes, lambda _address: [POD]).serve(str(socket)))
        answer = await asyncio.wait_for(_asked(str(socket), request.encode()), 20)
        serving.cancel()
        server.close()
        return answer

    return asyncio.run(run())


def test_connect_is_answered_as_konnectivity_does(routes: Routes, tmp_path: Path) -> None:
    asked = "CONNECT 10.128.0.9:9443 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    answer = exchanged(routes, tmp_path / "s", asked)
    assert answer == b"HTTP/1.1 200 Connection established\r\n\r\necho ping"


def test_what_is_refused_is_said_in_the_status_line(routes: Routes, tmp_path: Path) -> None:
    answer = exchanged(routes, tmp_path / "s", "CONNECT 10.128.0.9:1 HTTP/1.1\r\n\r\n")
    assert answer == b"HTTP/1.1 502 dial tcp 10.128.0.9:1: connect: connection refused\r\n\r\n"


@pytest.mark.parametrize("request_", ["nonsense\r\n\r\n", "CONNECT here HTTP/1.1\r\n\r\n", "CONNECT 10.128.0.9:9443"])
def test_what_is_no_request_is_hung_up_on(routes: Routes, tmp_path: Path, request_: str) -> None:
    assert exchanged(routes, tmp_path / "s", request_) == b""
