"""Processes of a sandbox are known by their ids and never mistaken for a stranger's."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.process import MARK, Component, ComponentDied, Processes


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(tmp_path)
    yield processes
    processes.stop()


def sleeper(name: str = "sleeper") -> Component:
    return Component(name, ["sleep", "60"])


def until(test: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not test():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_another_command_finds_and_stops_what_this_one_started(processes: Processes, tmp_path: Path) -> None:
    processes.start(sleeper())
    other = Processes(tmp_path)
    pid = other.running("sleeper")
    assert pid
    other.start(sleeper())
    assert other.running("sleeper") == pid, "a running component was started again"
    other.stop()
    assert processes.running("sleeper") is None
    assert processes.names() == []


def test_a_component_that_becomes_another_program_runs_all_the_while(processes: Processes, tmp_path: Path) -> None:
    program = tmp_path / "becomes"
    program.write_text('#!/bin/sh\n[ "$1" -gt 0 ] && exec "$0" $(($1 - 1))\ntouch "$0.last"\nexec sleep 60\n')
    program.chmod(0o755)
    processes.start(Component("becomer", [str(program), "300"]))
    while not program.with_suffix(".last").exists():
        assert processes.running("becomer")


def test_a_component_that_ends_is_named_with_the_end_of_its_log(processes: Processes) -> None:
    processes.start(sleeper())
    processes.start(Component("dier", ["sh", "-c", "echo first; echo 'no such flag: --bogus' >&2; exit 2"]))
    until(lambda: not processes.running("dier"))
    with pytest.raises(ComponentDied, match=r"(?s)^dier ended by itself\..*dier\.log:\nfirst\nno such flag: --bogus$"):
        processes.check()


def test_a_component_that_restarts_is_started_again_and_stopped_with_what_it_runs(
    processes: Processes, tmp_path: Path
) -> None:
    script = 'echo $$ >> pids; [ "$(wc -l < pids)" -gt 1 ] || exit 2; exec sleep 60'
    processes.start(Component("panicker", ["sh", "-c", script], restarts=True))
    pids = tmp_path / "pids"
    until(lambda: pids.exists() and len(pids.read_text().splitlines()) == 2)
    assert "it ended with 2 and is started again" in processes.tail("panicker")
    processes.stop("panicker")
    second = Path("/proc") / pids.read_text().splitlines()[1]
    until(lambda: not second.exists() or "Z" in (second / "stat").read_text().rpartition(") ")[2][:1])


def test_a_stranger_with_a_remembered_id_is_left_alone(processes: Processes, tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        try:
            processes.start(sleeper())
            processes.stop()
            (tmp_path / "run" / "sleeper.pid").write_text(str(stranger.pid))
            assert processes.running("sleeper") is None
            processes.stop()
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_what_had_not_written_its_id_yet_is_stopped_by_its_mark(processes: Processes, tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"], env=os.environ | {MARK: str(tmp_path)}) as stray:
        try:
            processes.stop()
            stray.wait(timeout=10)
        finally:
            stray.kill()


def test_two_sandboxes_in_nested_folders_stay_apart(tmp_path: Path) -> None:
    outer, inner = Processes(tmp_path / "a"), Processes(tmp_path / "a" / "b")
    inner.start(sleeper())
    pid = inner.running("sleeper")
    (tmp_path / "a" / "run").mkdir(parents=True)
    (tmp_path / "a" / "run" / "sleeper.pid").write_text(str(pid))
    assert outer.running("sleeper") is None
    inner.stop()
