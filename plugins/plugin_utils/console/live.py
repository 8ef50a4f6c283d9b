# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A few lines at the bottom of a terminal that are drawn again and again, below whatever else is printed there."""

from __future__ import annotations

import os
import shutil
import sys
import termios
import threading
from collections.abc import Callable
from typing import Any, TextIO

_UP_AND_CLEAR = "\r\x1b[{}A\x1b[J"
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"
# What a terminal does with what is typed, until somebody is asked for a password or a key: gather a line and show it.
_TYPED = termios.ICANON | termios.ECHO


def is_live(stream: TextIO) -> bool:
    """Say whether lines of a stream can be drawn again: not in a pipe, in CI, or where a program reads the terminal."""
    if os.environ.get("TERM", "dumb") == "dumb" or os.environ.keys() & {"CI", "AWX_ISOLATED_DATA_DIR"}:
        return False
    try:
        return stream.isatty()
    except ValueError:  # it is closed
        return False


class Live:
    """The lines at the bottom; whoever prints does so through `Above`, which takes them away first."""

    def __init__(self, lines: Callable[[int, int], list[str]]) -> None:
        """Take what returns the lines for so many columns and rows."""
        self._lines = lines
        self._lock = threading.RLock()
        self._drawn = 0
        self._terminal = sys.stdout.fileno()
        self._mode = self._typed()
        self._streams = (sys.stdout, sys.stderr)
        sys.stdout, sys.stderr = Above(sys.stdout, self), Above(sys.stderr, self)
        os.register_at_fork(after_in_child=self._forget)

    def draw(self) -> None:
        """Draw the lines as they are now; nothing while somebody is asked, whose answer would stand in them."""
        with self._lock:
            if self._typed() != self._mode:
                self._drawn = 0
                return
            size = shutil.get_terminal_size()
            lines = self._lines(size.columns, size.lines)
            text = "".join(f"{line}\n" for line in lines)
            self._put(f"{self._away()}{_NO_WRAP}{text}{_WRAP}")
            self._drawn = len(lines)

    def clear(self) -> None:
        """Take the lines away."""
        with self._lock:
            if self._drawn:
                self._put(self._away())
                self._drawn = 0

    def _typed(self) -> int:
        """Return which of them the terminal does now. Raises OSError when it is closed."""
        try:
            return int(termios.tcgetattr(self._terminal)[3]) & _TYPED
        except termios.error as error:
            raise OSError(*error.args) from error

    def _away(self) -> str:
        return _UP_AND_CLEAR.format(self._drawn) if self._drawn else ""

    def _put(self, text: str) -> None:
        """Write past Python's buffer, whose lock a worker would inherit from the thread that draws."""
        os.write(self._terminal, text.encode())

    def write(self, stream: TextIO, text: str) -> int:
        """Write a text above the lines, which come back at the next drawing."""
        with self._lock:
            self.clear()
            return stream.write(text)

    def end(self) -> None:
        """Take the lines away for good, and give the streams back."""
        self.clear()
        sys.stdout, sys.stderr = self._streams

    def _forget(self) -> None:
        """In a forked worker, which prints nothing: the lock may be held by a thread that is not there."""
        self._lock = threading.RLock()
        self._drawn = 0


class Above:
    """A stream whose text goes above the lines; everything else is the stream's own."""

    def __init__(self, stream: TextIO, live: Live) -> None:
        """Stand for a stream."""
        self._stream = stream
        self._live = live

    def write(self, text: str) -> int:
        """Write above the lines."""
        return self._live.write(self._stream, text)

    def __getattr__(self, name: str) -> Any:
        """Return what the stream has."""
        return getattr(self._stream, name)
