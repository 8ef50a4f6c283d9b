"""A watch is read as it comes, also when a proxy passes its answer on without chunks."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.connection import Connection

LINE = b'{"type": "ADDED"}\n'


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    over: threading.Event

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        chunked = "chunked" in self.path
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")))
        self.end_headers()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(LINE), LINE) if chunked else LINE)
        self.wfile.flush()
        self.over.wait(10)
        self.close_connection = True

    def log_message(self, *_arguments: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Handler.over = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    Handler.over.set()
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("path", ["/chunked", "/whole"])
def test_the_first_event_comes_before_the_answer_ends(address: str, path: str) -> None:
    started = time.monotonic()
    events = Connection({"host": address}).stream(path, {}, 20)
    assert next(events) == {"type": "ADDED"}
    assert not Handler.over.is_set()
    assert time.monotonic() - started < 8
