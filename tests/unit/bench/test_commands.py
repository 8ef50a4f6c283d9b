"""Running commands: what they cost, what is said of failed ones, and that interrupted ones end."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TextIO

import pytest

from bench.commands import CommandFailed, Commands


@pytest.fixture
def commands(tmp_path: Path) -> Commands:
    (tmp_path / "audit.log").write_text("")
    return Commands(dict(os.environ), tmp_path / "audit.log")


def test_a_command_costs_its_childrens_cpu_and_its_requests(commands: Commands) -> None:
    event = json.dumps({"stage": "ResponseComplete", "user": {"username": "system:admin"}})
    commands.audit.write_text(f"{event}\n")
    busy = "import time\nwhile time.process_time() < 0.2: pass"
    script = f"print('said'); import subprocess; subprocess.run(['sh', '-c', 'echo \\'{event}\\' >> audit.log'])\n"
    script += f"subprocess.run([{sys.executable!r}, '-c', {busy!r}])"
    cost = commands.run(sys.executable, "-c", script, cwd=commands.audit.parent)
    assert cost.cpu >= 0.2
    assert cost.wall > 0
    assert cost.peak > 2**20
    assert cost.requests == 1
    assert cost.output == "said\n"


def test_a_failed_command_is_told(commands: Commands) -> None:
    with pytest.raises(CommandFailed, match=r"^sh -c echo 'why not' >&2; exit 3 ended with 3: why not$"):
        commands.run("sh", "-c", "echo 'why not' >&2; exit 3")


def test_an_interrupted_command_ends_with_its_children(
    commands: Commands, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "alive")
    alive: list[TextIO] = []

    def interrupted(_pid: int, _options: int) -> None:
        alive.append((tmp_path / "alive").open())  # opens when the command holds the other end
        raise KeyboardInterrupt

    monkeypatch.setattr("os.wait4", interrupted)
    with pytest.raises(KeyboardInterrupt):
        commands.run("sh", "-c", "exec 3>alive; sleep 30; echo 'ran on' >&3", cwd=tmp_path)
    assert alive[0].read() == ""  # ends when nobody holds the other end
    alive[0].close()
