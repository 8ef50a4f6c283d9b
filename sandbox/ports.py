"""Ports of 127.0.0.1 for what a sandbox starts, so that no two sandboxes that start at once get the same one."""

from __future__ import annotations

import fcntl
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sandbox.paths import cache_dir

# None of those that the system gives to outgoing connections: a component that restarts must find its port free.
PORTS = range(20000, 32000)

Reserve = Callable[[int], list[int]]


class NoPorts(ValueError):
    """Too few ports are free."""


@contextmanager
def reservation() -> Iterator[Reserve]:
    """Give a function that returns so many free ports, all different; until the end no other process is given them.

    By then their owner listens on them. The locks are the process's, so a killed one leaves none. The function raises
    NoPorts.
    """
    cache_dir().mkdir(parents=True, exist_ok=True)
    with (cache_dir() / "ports.lock").open("w", encoding="utf-8") as handle:

        def reserve(count: int) -> list[int]:
            free: list[int] = []
            for port in random.sample(PORTS, len(PORTS)):
                if len(free) == count:
                    break
                # Each port is one byte of the file.
                if _locked(handle.fileno(), port) and _bindable(port):
                    free.append(port)
            if len(free) < count:
                raise NoPorts(f"fewer than {count} ports of 127.0.0.1 from {PORTS.start} to {PORTS.stop} are free")
            return free

        yield reserve


def _locked(file: int, port: int) -> bool:
    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


def _bindable(port: int) -> bool:
    with socket.socket() as trial:
        try:
            trial.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
