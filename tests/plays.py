"""Plays that open the roles by their entry points, as a user's own playbook does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# What every entry point but `main` needs.
SHARED = {"ansible.builtin.import_role": {"name": "seldon.openshift.common"}}


def opened(role: str, *entries: str, **attributes: Any) -> list[dict[str, Any]]:
    """Return the tasks that open these entry points of a role one after the other, with `attributes` of import_role."""
    given = {"name": f"seldon.openshift.{role}", **attributes}
    return [{"ansible.builtin.import_role": {**given, "tasks_from": entry}} for entry in entries]


def on_clusters(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the playbook that does `tasks` on the cluster of a test."""
    return [{"hosts": "seldon_clusters", "gather_facts": False, "tasks": [SHARED, *tasks]}]


def play_of(play: Path, role: str, *entries: str) -> str:
    """Write the playbook that opens these entry points to the file `play`, and return its path."""
    play.write_text(json.dumps(on_clusters(opened(role, *entries))))
    return str(play)
