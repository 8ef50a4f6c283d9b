"""A proxy in front of a sandbox's API server that lets requests fail as they do on busy clusters.

`python -m sandbox.faultproxy --name X --rate 0.25 --seed 1` prints the kubeconfig that leads through it, then a line
for each fault, and serves until it is interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import socket
import ssl
import struct
import sys
from collections.abc import Iterable, Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDict

from sandbox import certificates
from sandbox.cluster import Sandbox, SandboxError
from sandbox.fates import KINDS, Fates, Request

# They belong to one connection, not to the message (RFC 9110, section 7.6.1).
_HOP_BY_HOP = ("connection", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade")
_DELAY_SECONDS = 0.5
_WATCH_SECONDS = 3.0
_MODIFIED = (
    "Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version"
)
# The request is passed on, and the connection is cut instead of the answer.
_CUT = ("reset", "lost")
_STATUS = {
    "429": (429, "TooManyRequests", "the server has received too many requests and has asked us to try again later"),
    "500": (500, "InternalError", "etcdserver: leader changed"),
    "409": (409, "Conflict", _MODIFIED),
}


class FaultProxy:
    """The proxy of one sandbox."""

    def __init__(self, sandbox: Sandbox, fates: Fates, spared: Iterable[str] = ()) -> None:
        """Stand in front of a sandbox that runs; to it, every request is the admin's. Raises SandboxError.

        `spared` are the beginnings of User-Agents whose requests always pass.
        """
        if not sandbox.processes.running("kube-apiserver"):
            raise SandboxError(f"the sandbox '{sandbox.name}' does not run: python -m sandbox up --name {sandbox.name}")
        self._fates = fates
        self._spared = tuple(spared)
        self._state = sandbox.state
        self._pki = sandbox.state / "pki"
        self._name = sandbox.name
        self._server = json.loads(sandbox.kubeconfig.read_text(encoding="utf-8"))["clusters"][0]["cluster"]["server"]

    async def serve(self) -> None:
        """Serve for ever, and print the way in; only who has a certificate of the sandbox may enter."""
        inside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=self._pki / "ca.crt")
        inside.verify_mode = ssl.CERT_REQUIRED
        inside.load_cert_chain(self._pki / "server.crt", self._pki / "server.key")
        outside = ssl.create_default_context(cafile=self._pki / "ca.crt")
        outside.load_cert_chain(self._pki / "admin.crt", self._pki / "admin.key")
        application = web.Application(client_max_size=64 * 2**20)
        application.router.add_route("*", "/{path:.*}", self._answer)
        # A client that leaves takes its watch along.
        runner = web.AppRunner(application, handler_cancellation=True, access_log=None)
        connector = aiohttp.TCPConnector(ssl=outside, limit=0)
        unlimited = aiohttp.ClientTimeout(total=None)
        async with aiohttp.ClientSession(
            connector=connector, timeout=unlimited, auto_decompress=False
        ) as self._upstream:
            await runner.setup()
            try:
                site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=inside, shutdown_timeout=0)
                await site.start()
                port = runner.addresses[0][1]
                url, context = f"https://127.0.0.1:{port}", f"sandbox-{self._name}-faulty"
                kubeconfig = self._state / f"faulty-{port}.kubeconfig"
                certificates.write_kubeconfig(kubeconfig, self._pki, url, context, "admin")
                print(f"export KUBECONFIG={kubeconfig}", flush=True)
                await asyncio.Event().wait()
            finally:
                await runner.cleanup()

    async def _answer(self, incoming: web.Request) -> web.StreamResponse:
        body = await incoming.read()
        request = _described(incoming, body)
        fault, chance = self._fates.draw(request)
        if incoming.headers.get("User-Agent", "").startswith(self._spared):
            fault = None
        if fault:
            print(fault, request.method, request.path, flush=True)
        if fault == "delay":
            await asyncio.sleep(chance.uniform(0, _DELAY_SECONDS))
        elif fault == "503":
            return web.Response(status=503, text="<html><body><h1>503 Service Unavailable</h1></body></html>")
        elif fault in _STATUS:
            return _refusal(fault, chance)
        elif fault == "reset" and chance.random() < 0.5:
            return _reset(incoming)
        try:
            async with self._upstream.request(
                incoming.method,
                f"{self._server}{incoming.raw_path}",
                data=body or None,
                headers=_passed_on(incoming.headers),
            ) as answer:
                return await self._pass_back(incoming, answer, request.watch, fault, chance)
        except aiohttp.ClientError:
            return _reset(incoming)

    async def _pass_back(
        self,
        incoming: web.Request,
        answer: aiohttp.ClientResponse,
        watch: bool,
        fault: str | None,
        chance: random.Random,
    ) -> web.StreamResponse:
        headers = _passed_on(answer.headers)
        if not watch or answer.status != 200:
            content = await answer.read()
            if fault in _CUT:
                return _reset(incoming)
            return web.Response(status=answer.status, body=content, headers=headers)
        if fault in _CUT:
            return _reset(incoming)
        response = web.StreamResponse(headers=headers)
        await response.prepare(incoming)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(chance.uniform(0, _WATCH_SECONDS) if fault == "drop-watch" else None):
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
                return response
        # A cut may fall between two events or into one; what a broken proxy does to a line is no JSON at all.
        await response.write(chance.choice([b"", b'{"type":"MODIFIED","obj', b"\x00garbled\n"]))
        return _reset(incoming)


def _described(incoming: web.Request, body: bytes) -> Request:
    watch = incoming.query.get("watch") in ("1", "true")
    conditional = incoming.method == "DELETE" and b'"preconditions":{"' in body.replace(b" ", b"")
    return Request(incoming.method, incoming.path, watch, conditional)


def _passed_on(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in _HOP_BY_HOP)


def _refusal(kind: str, chance: random.Random) -> web.Response:
    code, reason, message = _STATUS[kind]
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason}
    headers = {"Retry-After": "1"} if kind == "429" and chance.random() < 0.5 else {}
    return web.json_response({**status, "message": message, "metadata": {}}, status=code, headers=headers)


def _reset(incoming: web.Request) -> web.Response:
    """Cut the client's connection as a crash does: with a reset, not with an orderly end."""
    if incoming.transport:
        connection: socket.socket = incoming.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        incoming.transport.abort()
    return web.Response()  # reaches nobody


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted and return the exit code: 0 interrupted, 1 no sandbox to stand in front of."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.faultproxy", description=__doc__)
    parser.add_argument("--name", default="default", help="in front of which sandbox (default: default)")
    parser.add_argument("--rate", type=float, default=0.25, help="share of the requests that fail (default: 0.25)")
    parser.add_argument("--seed", type=int, default=1, help="what decides which (default: 1)")
    parser.add_argument("--kinds", default=",".join(KINDS), help="kinds of faults (default: %(default)s)")
    parser.add_argument(
        "--spare",
        action="append",
        default=[],
        metavar="AGENT",
        help="let all requests pass whose User-Agent begins so, for instance Helm/ (may be given again)",
    )
    options = parser.parse_args(arguments)
    kinds = options.kinds.split(",")
    if strangers := sorted(set(kinds) - set(KINDS)):
        parser.error(f"no kind of fault: {', '.join(strangers)}; there are: {', '.join(KINDS)}")
    try:
        proxy = FaultProxy(Sandbox(options.name), Fates(options.rate, options.seed, kinds), options.spare)
    except SandboxError as error:
        print(f"faultproxy: {error}", file=sys.stderr)
        return 1
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(proxy.serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
