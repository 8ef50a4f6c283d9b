# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The stages of a run, counted and told: pure functions for the callback plugins `stages` and `console`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

NAMED = 3


@dataclass
class Stage:
    """What an entry of the playbook took on all hosts: seconds in which any of them was in it, tasks, changed ones."""

    title: str
    seconds: float = 0.0
    tasks: int = 0
    changed: int = 0
    awaited: list[str] = field(default_factory=list)


class Run:
    """The stages of a run, from what its hosts begin and end; moments are seconds of one clock.

    With `strategy: free` each host goes its own way, and several stages last at the same time. What Ansible does
    between two tasks counts for the stage of the earlier one.
    """

    def __init__(self) -> None:
        """Begin with no stage."""
        self._stages: dict[str, Stage] = {}
        self._tasks: dict[tuple[str, str], str] = {}
        self._now: set[str] = set()
        self._moment = 0.0
        self._seconds = 0.0

    def announces(self, title: str) -> bool:
        """Say whether a stage is new, and know it from now on."""
        new = title not in self._stages
        self._stages.setdefault(title, Stage(title))
        return new

    def begin(self, host: str, task: str, title: str, moment: float) -> None:
        """Note that a host begins a task (its unique name) of a stage."""
        self._pass(moment)
        self._stages.setdefault(title, Stage(title)).tasks += 1
        self._tasks[host, task] = title
        self._now = set(self._tasks.values())

    def end(self, host: str, task: str, moment: float, changed: bool, awaited: Iterable[str] = ()) -> None:
        """Note that a host has ended a task, whether something changed by it, and what it waited for."""
        self._pass(moment)
        title = self._tasks.pop((host, task), None)
        if title is None:
            return
        self._stages[title].changed += changed
        self._stages[title].awaited += awaited
        # The stage of the last one lasts until somebody begins another task.
        self._now = set(self._tasks.values()) or {title}

    def stages(self, moment: float) -> list[Stage]:
        """End the run and return its stages, in their order."""
        self._pass(moment)
        self._now = set()
        return list(self._stages.values())

    def lines(self, moment: float) -> list[str]:
        """Return the table of the stages when the run ends."""
        return table(self.stages(moment), self._seconds)

    def _pass(self, moment: float) -> None:
        """Count the time since the latest event."""
        passed = moment - self._moment
        for title in self._now:
            self._stages[title].seconds += passed
        self._seconds += passed if self._now else 0.0
        self._moment = moment


def title_of(task: Any) -> str:
    """Return the stage of a task: the entry of the playbook that it belongs to, by its name.

    That is the task itself, the outermost include, import or named block around it, or a role that the play lists.
    """
    node, title = task, ""
    while node is not None:
        role = getattr(node, "_role", None)
        if role is None and (name := _name(node)):
            title = name
        node = getattr(node, "_parent", None)
    return title or str(task._role.get_name(include_role_fqcn=False) if task._role else task.get_name())


def _name(node: Any) -> str:
    """Return the name of a task, an include or a block; a block that Ansible makes has none."""
    return str(node.get_name() if hasattr(node, "get_name") else getattr(node, "name", "") or "").strip()


def awaited_in(result: Mapping[str, Any]) -> list[str]:
    """Return what a result of seldon_wait or seldon_operator waited for, as short names."""
    lines = [entry for key in ("resources", "operators") for entry in result.get(key) or []]
    return [str(entry["name"]) for entry in lines if isinstance(entry, Mapping) and {"name", "state"} <= entry.keys()]


def table(stages: Iterable[Stage], seconds: float | None = None) -> list[str]:
    """Return the lines of a table of stages in the order of the run, with a sum as its last line.

    `seconds` is what all of them took together (None: one after the other).
    """
    rows = [stage for stage in stages if stage.tasks]
    if not rows:
        return []
    lasted = sum(s.seconds for s in rows) if seconds is None else seconds
    total = Stage("all", lasted, sum(s.tasks for s in rows), sum(s.changed for s in rows))
    width = max(len(stage.title) for stage in [*rows, total])
    head = f"{'stage':{width}}  {'seconds':>8}  {'tasks':>5}  {'changed':>7}  waited for"
    return [head, *(_row(stage, width) for stage in [*rows, total])]


def awaited_by(stage: Stage) -> str:
    """Return what a stage waited for, the first few by name."""
    names = list(dict.fromkeys(stage.awaited))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _row(stage: Stage, width: int) -> str:
    line = f"{stage.title:{width}}  {stage.seconds:8.1f}  {stage.tasks:5}  {stage.changed:7}  "
    return (line + awaited_by(stage)).rstrip()
