"""The lines at the bottom of a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import termios
from collections.abc import Iterator

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.live import Live


@contextlib.contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[int, int]]:
    """Our end of a terminal, and that which standard output and error lead to."""
    ours, theirs = os.openpty()
    with monkeypatch.context() as patched, os.fdopen(theirs, "w") as stream:
        patched.setattr(sys, "stdout", stream)
        patched.setattr(sys, "stderr", stream)
        yield ours, theirs
    os.close(ours)


def shown(ours: int, theirs: int) -> str:
    """Return what has been written: all up to a mark that is written now, for which a read waits."""
    os.write(theirs, b"#")
    data = b""
    while not data.endswith(b"#"):
        data += os.read(ours, 4096)
    return data[:-1].decode()


def lines(_columns: int, _rows: int) -> list[str]:
    return ["the board"]


@pytest.mark.parametrize("asks", [termios.ICANON, termios.ECHO])
def test_nothing_is_drawn_while_somebody_is_asked(monkeypatch: pytest.MonkeyPatch, asks: int) -> None:
    with terminal(monkeypatch) as (ours, theirs):
        live = Live(lines)
        live.draw()
        assert "the board" in shown(ours, theirs)
        mode = termios.tcgetattr(theirs)
        termios.tcsetattr(theirs, termios.TCSANOW, [*mode[:3], mode[3] & ~asks, *mode[4:]])
        live.draw()
        assert shown(ours, theirs) == ""
        termios.tcsetattr(theirs, termios.TCSANOW, mode)
        live.draw()
        again = shown(ours, theirs)
        live.end()
    assert "the board" in again
    assert "\x1b[1A" not in again, "what was asked stays"


def test_what_is_printed_takes_the_lines_away(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as (ours, theirs):
        live = Live(lines)
        live.draw()
        shown(ours, theirs)
        print("printed", flush=True)
        printed = shown(ours, theirs)
        live.end()
    assert printed == "\r\x1b[1A\x1b[Jprinted\r\n"
