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
  - Announces each stage when it begins. A stage is an entry of the playbook - a task, or the include, import, named
    block or role that a task belongs to.
  - Ends the run with a table of the stages - seconds, tasks, changes, and what was waited for.
  - Says nothing beside an output that is for programs, such as C(ansible.posix.json), and beside
    P(seldon.openshift.console#callback), which does the same and more.
  - Enabled by C(callbacks_enabled = seldon.openshift.stages) in C(ansible.cfg), or by E(ANSIBLE_CALLBACKS_ENABLED).
"""

import time
from typing import Any

from ansible.plugins.callback import CallbackBase
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import is_console, is_for_programs, visible
from ansible_collections.seldon.openshift.plugins.plugin_utils.stages import Run, awaited_in, title_of


class CallbackModule(CallbackBase):  # type: ignore[misc]  # Ansible ships no types
    """The callback of the stages."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "seldon.openshift.stages"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.disabled = is_for_programs() or is_console()
        self._run = Run()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Announce the stage when the task is the first of it."""
        title = title_of(task)
        if self._run.announces(title):
            self._display.display(f"\n== {title}", color="blue")

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """Note that one host begins a task."""
        self._run.begin(host.get_name(), task._uuid, title_of(task), time.monotonic())

    def v2_runner_on_ok(self, result: Any) -> None:
        """Note that one host has ended a task."""
        self._end(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Note that one host has ended a task."""
        self._end(result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Note that one host has ended a task."""
        self._end(result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Note that one host has ended a task."""
        self._end(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Print the table."""
        lines = self._run.lines(time.monotonic())
        self._display.display(visible("\n".join(["", *lines, ""])) if lines else "")

    def _end(self, result: Any) -> None:
        host, task = result._host.get_name(), result._task._uuid
        self._run.end(host, task, time.monotonic(), result.is_changed(), awaited_in(result._result))
