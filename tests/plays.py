"""Plays that open the roles by their entry points, as a user's own playbook does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# What every entry point but `main` needs.
SHARED = {"ansible.builtin.import_role": {"name": "seldon.openshift.common"}}


def opened(role: str, *entries: str) -> list[dict[str, Any]]:
    """Return the tasks that open these entry points of a role one after the other."""
    name = f"seldon.openshift.{role}"
    return [{"ansible.builtin.import_role": {"name": name, "tasks_from": entry}} for entry in entries]


def play_of(play: Path, role: str, *entries: str) -> str:
    """Write the playbook that opens these entry points to the file `play`, and return its path."""
    tasks = [SHARED, *opened(role, *entries)]
    play.write_text(json.dumps([{"hosts": "seldon_clusters", "gather_facts": False, "tasks": tasks}]))
    return str(play)
