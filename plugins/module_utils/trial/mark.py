# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Who tries a model, written on the model, so that a later run knows whether that run still needs it."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ANNOTATION = "seldon.openshift/trial"
# Process ids mean the same within one start of a machine and one namespace of processes.
_BOOT, _SPACE = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")


@dataclass(frozen=True)
class Mark:
    """A run that tries a model.

    place: where its process is, as `here` tells it. process: its id, 0 when it is not known. until: seconds since the
    epoch by which the run has ended, however it went.
    """

    place: str
    process: int
    until: int

    def __str__(self) -> str:
        return f"{self.place} {self.process} {self.until}"


def parsed(text: str) -> Mark | None:
    """Return the mark that a text holds, None for any other text."""
    words = text.split()
    if len(words) != 3 or not all(word.isdigit() for word in words[1:]):
        return None
    return Mark(words[0], int(words[1]), int(words[2]))


def is_over(mark: Mark, place: str, now: float, runs: Callable[[int], bool]) -> bool:
    """Say whether the run of a mark has ended.

    now: seconds since the epoch. runs: tells of a process of `place` whether it lives.
    """
    if now > mark.until:
        return True
    return mark.place == place and mark.process > 0 and not runs(mark.process)


def here() -> str:
    """Return where this process is, as a short digest that names nobody."""
    boot = _BOOT.read_text(encoding="ascii").strip() if _BOOT.is_file() else ""
    space = str(_SPACE.readlink()) if _SPACE.is_symlink() else ""
    return hashlib.sha256(f"{platform.node()} {boot} {space}".encode()).hexdigest()[:16]


def process() -> int:
    """Return the id of the process that forked this one, which lives as long as the run; 0 when this was shipped."""
    parent = multiprocessing.parent_process()
    return (parent.pid or 0) if parent else 0


def runs(number: int) -> bool:
    """Say whether a process of this id lives here."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
