"""An address of any name that answers as told: a proxy on loopback that leads every host to one TLS server."""

from __future__ import annotations

import http.server
import os
import socket
import socketserver
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from sandbox.certificates import write_pki

# What the certificate is valid for.
HOST = "kubernetes.default.svc"


class Web:
    """From `start` to `stop`, this process reaches every https address but loopback here, and gets `status`."""

    def __init__(self, status: int = 200, trusted: bool = False) -> None:
        """With `trusted`, this process trusts the authority of the server's certificate."""
        self.status = status
        self._trusted = trusted

    def start(self) -> Web:
        self._folder = TemporaryDirectory()
        pki = Path(self._folder.name)
        write_pki(pki)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pki / "server.crt", pki / "server.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), leading_to(self._server.server_address[1], []))
        for server in (self._server, self._proxy):
            server.daemon_threads = True
            threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        environment = {"https_proxy": f"http://127.0.0.1:{self._proxy.server_address[1]}", "no_proxy": "127.0.0.1"}
        if self._trusted:
            environment["SSL_CERT_FILE"] = str(pki / "ca.crt")
        self._environment = mock.patch.dict(os.environ, environment)
        self._environment.start()
        return self

    def stop(self) -> None:
        self._environment.stop()
        for server in (self._proxy, self._server):
            server.shutdown()
            server.server_close()
        self._folder.cleanup()

    def __enter__(self) -> Web:
        return self.start()

    def __exit__(self, *details: object) -> None:
        self.stop()


def _answering(web: Web) -> type[http.server.BaseHTTPRequestHandler]:
    class Answering(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(web.status)
            self.send_header("Location", "https://elsewhere.invalid/")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    return Answering


def leading_to(port: int, asked: list[str]) -> type[socketserver.StreamRequestHandler]:
    """Return a proxy's handler: whatever host it is asked for, it notes it in `asked` and leads to the port here."""

    class Leading(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            asked.append(self.rfile.readline().decode().split()[1])
            while self.rfile.readline().strip():
                pass
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with socket.create_connection(("127.0.0.1", port)) as end:
                back = threading.Thread(target=_copy, args=(end, self.connection), daemon=True)
                back.start()
                _copy(self.connection, end)
                back.join()

    return Leading


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
