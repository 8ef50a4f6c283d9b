"""Which chapters a run of site.yml requests, waits for and sums up: those that its tags ask for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

CHECKOUT = Path(__file__).parents[3]
VARIABLES = CHECKOUT / "roles/preflight/vars/main.yml"
CHAPTERS = yaml.safe_load(VARIABLES.read_text(encoding="utf-8"))["preflight_chapters"]


@pytest.mark.parametrize(
    ("options", "chapters"),
    [
        ([], CHAPTERS),
        (["--tags", "tagged"], CHAPTERS),
        (["--tags", "kafka,gitops"], ["gitops", "kafka"]),
        (["--skip-tags", "kafka,gitops"], [name for name in CHAPTERS if name not in ("kafka", "gitops")]),
        (["--tags", "kafka", "--skip-tags", "kafka"], []),
        (["--tags", "preflight"], []),
    ],
)
def test_the_chapters_of_a_run(options: list[str], chapters: list[str], tmp_path: Path) -> None:
    copy = {"content": "{{ preflight_run_chapters | to_json }}", "dest": str(tmp_path / "chapters.json")}
    task = {"ansible.builtin.copy": copy, "tags": "always"}
    play = {"hosts": "localhost", "gather_facts": False, "vars_files": [str(VARIABLES)], "tasks": [task]}
    (tmp_path / "play.json").write_text(json.dumps([play]))
    command = [sys.executable, str(Path(sys.executable).with_name("ansible-playbook")), str(tmp_path / "play.json")]
    done = subprocess.run([*command, *options], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads((tmp_path / "chapters.json").read_text()) == chapters
