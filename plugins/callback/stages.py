# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Announces each stage of a run, and ends the run with a table of them."""

from __future__ import annotations

DOCUMENTATION = r"""
name: stages
type: aggregate
short_description: Where a long run is, and where its time went
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Announces each stage (a room of a role of this collection) when it begins.
  - Ends the run with a table of the stages - seconds, tasks, changes, and what was waited for.
  - Says nothing beside an output that is for programs, such as C(ansible.posix.json).
  - Enabled by C(callbacks_enabled = seldon.openshift.stages) in C(ansible.cfg), or by E(ANSIBLE_CALLBACKS_ENABLED).
"""

import time
from typing import Any

from ansible import constants
from ansible.plugins.callback import CallbackBase
from ansible_collections.seldon.openshift.plugins.module_utils.stages import (
    ARGUMENTS,
    Stage,
    awaited_in,
    table,
    title_of,
)

FOR_PROGRAMS = ("json", "jsonl", "null")


class CallbackModule(CallbackBase):  # type: ignore[misc]  # Ansible ships no types
    """The callback of the stages."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "seldon.openshift.stages"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        output = str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK"))
        self.disabled = output.rpartition(".")[2] in FOR_PROGRAMS
        self._stages: dict[str, Stage] = {}
        self._current: Stage | None = None
        self._since = 0.0
        self._play = ""

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Note whose tasks come next."""
        self._play = play.get_name()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Announce the stage when the task is the first of it."""
        self._close()
        role = task._role.get_name(include_role_fqcn=False) if task._role else None
        title = title_of(role, (task.get_path() or "").rpartition(":")[0], self._play)
        if title not in self._stages and title not in (ARGUMENTS, self._play):
            self._display.display(f"\n== {title}", color="blue")
        self._current = self._stages.setdefault(title, Stage(title))
        self._current.tasks += 1

    def v2_runner_on_ok(self, result: Any) -> None:
        """Count what changed."""
        if self._current:
            self._current.changed += result.is_changed()
            self._current.awaited += awaited_in(result._result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Print the table."""
        self._close()
        lines = table(self._stages.values())
        self._display.display("\n".join(["", *lines, ""]) if lines else "")

    def _close(self) -> None:
        now = time.monotonic()
        if self._current:
            self._current.seconds += now - self._since
        self._since = now
