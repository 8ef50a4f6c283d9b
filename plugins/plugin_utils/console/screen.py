# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Where a run is printed: in a terminal above a board of what is waited for, else line by line; and in its log."""

from __future__ import annotations

import atexit
import shutil
import sys
import textwrap
import threading
import time
from contextlib import suppress
from typing import Any

from . import channel
from .board import Board, duration
from .live import Live, is_live
from .runlog import RunLog

# Seconds from one drawing of the board to the next.
_FRAME = 0.2
_WIDEST = 120


class Screen:
    """Prints stages, lines below them, and what workers say of their waits."""

    def __init__(self, display: Any, waits: bool, asks: bool = False) -> None:
        """Print through Ansible's `display`.

        waits: whether the run waits at all, as check mode does not. asks: whether it asks at each task (`--step`).
        """
        self.log: RunLog | None = None
        self._display = display
        self._waits = waits
        self._channel = channel.opened()
        self._lock = threading.RLock()
        self._board = Board("", time.monotonic())
        self._headed = False
        self._progress: list[str] = []
        self._live = Live(self._bottom) if is_live(sys.stdout) and not asks else None
        atexit.register(self.close)
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def columns(self) -> int:
        """Return how wide a line may be."""
        return min(shutil.get_terminal_size((100, 24)).columns, _WIDEST)

    def begin(self, title: str, headed: bool = False) -> None:
        """Begin a stage; its title, unless it was printed, is printed with the first line below it, or when it ends."""
        with self._lock:
            self._board = Board(title, time.monotonic())
            self._headed = headed
        self.write_log(f"== {title}")

    def end(self, told: str, color: str | None) -> None:
        """End the stage, which took its time and did what is `told`."""
        self.drain()
        with self._lock:
            if not self._board.title:
                return
            text = ", ".join(part for part in (duration(time.monotonic() - self._board.since), told) if part)
            self.put(f"  {text}" if self._headed else f"{self._board.title}  {text}", color)
            self._board = Board("", time.monotonic())

    def task(self) -> None:
        """Note that a task begins: nobody is waited for yet."""
        with self._lock:
            self._board.rows.clear()
            self._progress.clear()

    def head(self) -> None:
        """Print the title of the current stage, once."""
        with self._lock:
            if self._board.title and not self._headed:
                self._headed = True
                self.put(self._board.title, "bright blue")

    def below(self, line: str, color: str | None = None, wrap: bool = False, stderr: bool = False) -> None:
        """Print a line below the title of the current stage."""
        with self._lock:
            self.head()
            for each in self._wrapped(line) if wrap else [f"  {line}"]:
                self.put(each, color, stderr)

    def put(self, line: str, color: str | None = None, stderr: bool = False) -> None:
        """Print a line."""
        self._display.display(line, color=color, stderr=stderr)
        self.write_log(line)

    def write_log(self, text: str) -> None:
        """Write to the log of the run, if it has one."""
        if self.log is not None:
            self.log.write(text)

    def drain(self) -> None:
        """Take what workers have said by now: they say it before their results."""
        with self._lock:
            for line in self._channel.received():
                self._tell(line)

    def has_said(self, what: str) -> bool:
        """Say whether a printed line of progress of the current task names this."""
        return self._live is None and self._waits and any(what in line for line in self._progress)

    def close(self) -> None:
        """Give the terminal back."""
        with self._lock:
            if self._live is not None:
                self._live.end()
                self._live = None

    def _tell(self, line: str) -> None:
        self._board.tell(line, time.monotonic())
        self._progress.append(line)
        if self._live is None and self._waits:
            self.below(line.strip())
        else:
            self.write_log(line)

    def _wrapped(self, line: str) -> list[str]:
        indent = " " * (2 + len(line) - len(line.lstrip()))
        return textwrap.wrap(
            line.lstrip(),
            self.columns if self._live else sys.maxsize,
            initial_indent=indent,
            subsequent_indent=f"{indent}  ",
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _bottom(self, columns: int, rows: int) -> list[str]:
        return self._board.lines(columns, rows, time.monotonic()) if self._board.title else []

    def _listen(self) -> None:
        with suppress(OSError):  # nobody reads what is printed
            while True:
                self._channel.wait(_FRAME if self._live else None)
                self.drain()
                with self._lock:
                    if self._live is not None:
                        self._live.draw()
