# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The stages of a run, counted and told: pure functions for the callback plugin `stages`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

# The rooms of a role (docs/architecture.md) in the words of a table.
ROOMS = {
    "refuse": "input checked",
    "request": "asked for",
    "main": "applied",
    "wait": "awaited",
    "validate": "validated",
    "remove": "removed",
}
ARGUMENTS = "arguments, checked"
NAMED = 3


@dataclass
class Stage:
    """What one room of one role took: seconds, and counts of tasks and of changed ones."""

    title: str
    seconds: float = 0.0
    tasks: int = 0
    changed: int = 0
    awaited: list[str] = field(default_factory=list)


def title_of(role: str | None, path: str, play: str) -> str:
    """Return the stage of a task, by its role (short name) and the path of its file."""
    if role is None:
        return play
    folder, _slash, file = path.rpartition("/")
    room = file.partition(".")[0]
    # Ansible's own check of a role's arguments belongs to the file that imports the role.
    return f"{role}, {ROOMS.get(room, room)}" if folder.endswith("/tasks") else ARGUMENTS


def awaited_in(result: Mapping[str, Any]) -> list[str]:
    """Return what a result of seldon_wait or seldon_operator waited for, as short names."""
    lines = [entry for key in ("resources", "operators") for entry in result.get(key) or []]
    return [str(entry["name"]) for entry in lines if isinstance(entry, Mapping) and {"name", "state"} <= entry.keys()]


def table(stages: Iterable[Stage]) -> list[str]:
    """Return the lines of a table of stages in the order of the run, with a sum as its last line."""
    rows = [stage for stage in stages if stage.tasks]
    if not rows:
        return []
    total = Stage("all", sum(s.seconds for s in rows), sum(s.tasks for s in rows), sum(s.changed for s in rows))
    width = max(len(stage.title) for stage in [*rows, total])
    head = f"{'stage':{width}}  {'seconds':>8}  {'tasks':>5}  {'changed':>7}  waited for"
    return [head, *(_row(stage, width) for stage in [*rows, total])]


def _row(stage: Stage, width: int) -> str:
    names = list(dict.fromkeys(stage.awaited))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    line = f"{stage.title:{width}}  {stage.seconds:8.1f}  {stage.tasks:5}  {stage.changed:7}  "
    return (line + ", ".join(names[:NAMED]) + more).rstrip()
