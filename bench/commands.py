"""Runs a command and tells what it cost: seconds, seconds of CPU, memory, and requests to the API server."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import IO

from sandbox.paths import CHECKOUT

# Who the commands are for the API server; the sandbox's own parts are not in its audit log.
USER = "system:admin"
GRACE = 20.0  # seconds that a stopped command has for its own cleaning up


class CommandFailed(Exception):
    """A command ended with an error; the message is one line: the command, its exit code, what it printed last."""


@dataclass(frozen=True)
class Cost:
    """What a command cost: `wall` and `cpu` (user and system, it and its children) in seconds, `peak` in bytes.

    `peak` is the resident memory of its largest process; `requests` are those that the API server answered, `output`
    is what it printed to standard output.
    """

    wall: float
    cpu: float
    peak: int
    requests: int
    output: str

    def __add__(self, other: Cost) -> Cost:
        """Return the cost of two commands, one after the other."""
        return Cost(
            self.wall + other.wall,
            self.cpu + other.cpu,
            max(self.peak, other.peak),
            self.requests + other.requests,
            self.output + other.output,
        )


NOTHING = Cost(0.0, 0.0, 0, 0, "")


@dataclass(frozen=True)
class Commands:
    """Commands that reach one cluster: their environment, and the cluster's audit log."""

    environment: Mapping[str, str]
    audit: Path

    def run(self, *command: str, cwd: Path = CHECKOUT, environment: Mapping[str, str] | None = None) -> Cost:
        """Run a command to its end, in `cwd` and with these further variables. Raises CommandFailed."""
        start = self.audit.stat().st_size
        with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
            began = monotonic()
            process = subprocess.Popen(  # noqa: S603 (measuring programs is its work)
                command,
                env={**self.environment, **(environment or {})},
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
            code, usage = _ended(process)
            wall = monotonic() - began
            printed = [_read(output), _read(errors)]
        if code:
            raise CommandFailed(failure(command, code, *printed))
        requests = count(self.events(start))
        return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, requests, printed[0])

    def events(self, start: int) -> list[dict[str, object]]:
        """Return the audit events after the first `start` bytes of the log."""
        with self.audit.open("rb") as handle:
            handle.seek(start)
            return [json.loads(line) for line in handle.read().splitlines()]


def cheapest(costs: Iterable[Cost]) -> Cost:
    """Return the cost of the fastest run: everything else of a machine only adds."""
    return min(costs, key=lambda cost: cost.wall)


def count(events: Iterable[Mapping[str, object]]) -> int:
    """Return how many requests of the commands the API server has answered to their end."""
    return len(list(answered(events)))


def answered(events: Iterable[Mapping[str, object]]) -> Iterable[Mapping[str, object]]:
    """Yield the events that end a request of the commands."""
    for event in events:
        user = event["user"]
        if event["stage"] == "ResponseComplete" and isinstance(user, dict) and user["username"] == USER:
            yield event


def failure(command: Sequence[str], code: int, output: str, errors: str) -> str:
    """Return what is said of a failed command, in one line of which the end, an error first, is what it printed."""
    lines = [line.strip() for line in [*output.splitlines(), *errors.splitlines()] if line.strip()]
    said = next((line for line in lines if "ERROR" in line or line.startswith("fatal:")), lines[-1] if lines else "")
    return f"{' '.join(command)[:160]} ended with {code}: {said[:600] or 'it printed nothing'}"


def _ended(process: subprocess.Popen[bytes]) -> tuple[int, resource.struct_rusage]:
    """Wait for the process; return its exit code and what it and its children used. Ended early, it ends, too."""
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        _stop(process)
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and its group: softly first, so that Ansible ends its forks."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _read(file: IO[str]) -> str:
    file.seek(0)
    return file.read()
