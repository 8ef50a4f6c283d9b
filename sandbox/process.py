"""Processes of a sandbox: started detached, known by a file with their id, stopped by that id alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

# Every process carries its sandbox's folder here: the system uses ids again, and a stranger is never stopped.
MARK = "SELDON_SANDBOX_STATE"

# The child writes its own id before it becomes the program: a command killed at any moment leaves no unknown process.
_LAUNCHER = 'echo $$ > "$0.new" && mv "$0.new" "$0" && exec "$@"'

# The system shows no environment of a process in the moment in which it becomes another program (execve).
_EXEC_READS = 20

# What a kubelet does for a program that panics; one that can't even start has no tries left soon.
_RESTARTS = 20
_SUPERVISOR = (
    f"tries={_RESTARTS}; "
    'until "$@"; do code=$?; tries=$((tries - 1)); [ $tries -gt 0 ] || exit $code; '
    'echo "it ended with $code and is started again"; sleep 1; done'
)


@dataclass(frozen=True)
class Component:
    """One program of the sandbox. restarts: whether it is started again when it fails, as in a cluster."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    restarts: bool = False

    @property
    def line(self) -> list[str]:
        """The command that is started."""
        return ["/bin/sh", "-c", _SUPERVISOR, self.name, *self.command] if self.restarts else self.command


class ComponentDied(Exception):
    """A component ended by itself; the message names it and shows the end of its log."""


class Processes:
    """The processes of the sandbox whose state is in `state`."""

    def __init__(self, state: Path) -> None:
        """Keep ids in state/run and logs in state/logs."""
        self._state = state
        self._run = state / "run"
        self._logs = state / "logs"

    def start(self, component: Component) -> None:
        """Start the component unless it runs. Raises OSError when the shell cannot be started."""
        if self.running(component.name):
            return
        self._pid_file(component.name).unlink(missing_ok=True)
        self._run.mkdir(parents=True, exist_ok=True)
        self._logs.mkdir(parents=True, exist_ok=True)
        with self.log(component.name).open("ab") as log:
            child = subprocess.Popen(
                ["/bin/sh", "-c", _LAUNCHER, str(self._pid_file(component.name)), *component.line],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._state,
                env=os.environ | component.environment | {MARK: str(self._state)},
                start_new_session=True,
            )
        while not self.running(component.name) and child.poll() is None:
            time.sleep(0.005)

    def running(self, name: str) -> int | None:
        """Return the id of the component's process, or None when it does not run."""
        try:
            pid = int(self._pid_file(name).read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        return pid if self._is_ours(pid) else None

    def names(self) -> list[str]:
        """Return the components that were started and not stopped, alive or dead."""
        return sorted(path.stem for path in self._run.glob("*.pid"))

    def check(self) -> None:
        """Raise ComponentDied when a component that was started no longer runs."""
        for name in self.names():
            if not self.running(name):
                raise ComponentDied(f"{name} ended by itself. The end of {self.log(name)}:\n{self.tail(name)}")

    def stop(self, *names: str) -> None:
        """Stop the named components (without names: all), and return when they are gone.

        They are killed: none of them holds anything that a crash would lose, and a graceful end takes ten seconds.
        """
        wanted = list(names) or self.names()
        # A command that was killed may have left a process that had not written its id yet: its mark tells.
        pids = {pid for name in wanted if (pid := self.running(name))} | (set() if names else self._marked())
        while pids:
            for pid in pids:
                _kill(pid)
            time.sleep(0.02)
            pids = {pid for pid in pids if self._is_ours(pid)} | (set() if names else self._marked())
        for name in wanted:
            self._pid_file(name).unlink(missing_ok=True)

    def signal(self, name: str, number: int) -> None:
        """Send a signal to a component that runs."""
        if pid := self.running(name):
            _signal(pid, number)

    def log(self, name: str) -> Path:
        """Return the log file of a component."""
        return self._logs / f"{name}.log"

    def tail(self, name: str, lines: int = 15) -> str:
        """Return the last lines of a component's log."""
        try:
            text = self.log(name).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return "(no log)"
        # A program of Go that gives up says why, and then where it was.
        said = text.partition("\ngoroutine ")[0]
        return "\n".join(said.splitlines()[-lines:]) or "(empty)"

    def _marked(self) -> set[int]:
        """Return the ids of all living processes that carry this sandbox's mark."""
        return {pid for path in Path("/proc").glob("[0-9]*") if self._has_mark(pid := int(path.name))}

    def _pid_file(self, name: str) -> Path:
        return self._run / f"{name}.pid"

    def _is_ours(self, pid: int) -> bool:
        """Tell whether the process, which may be a child that just ended, lives and is one of this sandbox."""
        _reap(pid)
        return self._has_mark(pid)

    def _has_mark(self, pid: int) -> bool:
        process = Path("/proc") / str(pid)
        try:
            environment = _environment(process)
            state = (process / "stat").read_text(encoding="utf-8").rpartition(") ")[2][:1]
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            return False
        return state != "Z" and f"{MARK}={self._state}".encode() in environment.split(b"\0")


def _environment(process: Path) -> bytes:
    """Return the environment of a process, as bytes between zero bytes."""
    for _ in range(_EXEC_READS):
        if environment := (process / "environ").read_bytes():
            return environment
        time.sleep(0.001)
    return b""


def _reap(pid: int) -> None:
    """Collect the exit status when the process is a child of this one, so that it is no zombie."""
    with contextlib.suppress(ChildProcessError, OSError):
        os.waitpid(pid, os.WNOHANG)


def _kill(pid: int) -> None:
    """Kill a process, and those that it has started when it leads their session."""
    with contextlib.suppress(ProcessLookupError):
        if os.getsid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
