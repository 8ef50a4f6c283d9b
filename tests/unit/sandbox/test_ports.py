"""Ports for sandboxes that start at once."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox import ports

# Another process that takes all but a few of 20 ports and holds them until it is told to end.
OTHER = """
from sandbox import ports
ports.PORTS = range(31000, 31020)
with ports.reservation() as reserve:
    print(*reserve(12), flush=True)
    input()
"""


@pytest.fixture(autouse=True)
def few_ports(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(ports, "PORTS", range(31000, 31020))


def test_what_another_process_was_given_is_not_given_again_until_it_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OTHER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        theirs = {int(port) for port in other.stdout.readline().split()}
        assert len(theirs) == 12
        with ports.reservation() as reserve:
            ours = set(reserve(8))
            assert ours == set(range(31000, 31020)) - theirs
        with ports.reservation() as reserve, pytest.raises(ports.NoPorts, match="fewer than 9 ports"):
            reserve(9)
        other.communicate("\n")
    with ports.reservation() as reserve:
        assert len(set(reserve(20))) == 20


def test_a_port_that_something_listens_on_is_left_out() -> None:
    with socket.socket() as taken, ports.reservation() as reserve:
        taken.bind(("127.0.0.1", 31003))
        taken.listen()
        assert 31003 not in reserve(19)
