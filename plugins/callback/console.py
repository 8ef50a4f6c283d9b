# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Standard output for a person: one line a stage, what changed, what is waited for, and what to do next."""

from __future__ import annotations

DOCUMENTATION = r"""
name: console
type: stdout
short_description: A run as a person wants to read it
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
extends_documentation_fragment:
  - default_callback
  - result_format_callback
description:
  - Prints one line for each stage, with how long it took and what it changed. A stage is an entry of the playbook - a
    task, or the include, import, named block or role that a task belongs to.
  - Prints below it each object that was created, changed, removed or restarted, by kind and name; with C(--diff) its
    fields, or its content when it is new, with what is secret hidden. With C(--check) this reads like a plan, and ends
    with what would be done.
  - In a terminal, shows at the bottom what is waited for, and for how long. In a pipe, in CI, in AWX and in
    ansible-runner, what moves is a line of its own.
  - Prints tasks that changed nothing or were skipped with C(-v) only, and the result of every task; with C(-vv), prints
    what P(ansible.builtin.default#callback) prints.
  - Of the options, C(display_failed_stderr), C(show_custom_stats) and how results are formatted apply always, the
    others with C(-vv).
  - Ends with all warnings, each once, how long the stages took, Ansible's own sums of each host, and what
    became of the run.
  - Writes all of it and the result of every task to a log beside the report (mode 0600), where the play has
    V(validate_report_dir); the log of the run before is kept as C(.log.1).
  - Enabled by C(stdout_callback = seldon.openshift.console) in C(ansible.cfg), or by E(ANSIBLE_STDOUT_CALLBACK).
seealso:
  - plugin: seldon.openshift.stages
    plugin_type: callback
    description: Only the stages, beside another output.
"""

import time
from contextlib import suppress
from typing import Any

from ansible import constants, context
from ansible.errors import AnsibleError
from ansible.plugins.callback.default import CallbackModule as Default
from ansible.template import Templar
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.board import duration
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.changes import changes_of, lines_of, total
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.ending import longest_wait, table
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.runlog import RunLog, log_path
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.said import (
    debug_lines,
    deprecation_line,
    error_lines,
    may_be_wrapped,
)
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.screen import Screen
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.tally import Tally
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import shown, visible
from ansible_collections.seldon.openshift.plugins.plugin_utils.stages import Run, awaited_in, title_of
from ansible_collections.seldon.openshift.plugins.plugin_utils.widths import cut

# From this verbosity on, Ansible's own output is printed instead of ours.
WHOLE = 2
OURS = "seldon.openshift."
# Actions whose message says where and why: a line of a file would add nothing.
EXPLAIN = (OURS, "ansible.builtin.fail", "ansible.builtin.assert")


class CallbackModule(Default):  # type: ignore[misc]  # Ansible ships no types
    """The callback that writes to standard output."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "seldon.openshift.console"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._whole = self._display.verbosity >= WHOLE
        self._run = Run()
        self._tally = Tally(bool(context.CLIARGS.get("check")))
        self._screen = Screen(self._display, waits=not self._tally.check, asks=bool(context.CLIARGS.get("step")))
        self._began = time.monotonic()
        self._playbook = "run"
        self._stage = ""
        self._skipped = True
        self._linear = True
        self._several = False
        self._warnings: dict[str, None] = {}
        self._failed: dict[str, str] = {}

    def v2_playbook_on_start(self, playbook: Any) -> None:
        """Note which playbook runs; the log has its name."""
        self._playbook = str(playbook._file_name)
        if self._whole:
            super().v2_playbook_on_start(playbook)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        """Print which play begins, and begin the log with the first that has a place for it."""
        self._end_stage()
        self._linear = str(play.strategy).rpartition(".")[2] == "linear"
        manager = play.get_variable_manager()
        hosts = manager._inventory.get_hosts(play.hosts) if manager._inventory else []
        # With `serial`, a play has one host after the other.
        others = manager._inventory.get_hosts(ignore_restrictions=True) if play.serial and hosts else hosts
        self._several = self._several or len(others) > 1
        self._play = play
        if self._screen.log is None:
            self._begin_log(manager.get_vars(play=play, host=hosts[0] if hosts else None))
        if self._whole:
            super().v2_playbook_on_play_start(play)
        else:
            self._screen.put(visible(f"\n{play.get_name()}{' (check mode)' if play.check_mode else ''}"), "bright blue")
        if not self._linear:
            # Each host is in a stage of its own: the play is the only one that all are in.
            self._stage = visible(play.get_name())
            self._screen.begin(self._stage, headed=True)
            self._tally.begin()

    def v2_playbook_on_vars_prompt(self, *asked: Any, **more: Any) -> None:
        """End the stage of the play before: nothing moves below a question."""
        self._end_stage()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Begin another stage with its first task."""
        self._screen.drain()
        title = _title(task)
        if self._linear:
            if title != self._stage:
                self._end_stage()
                self._stage = title
                self._screen.begin(title)
                self._tally.begin()
            self._screen.task()
        if self._whole:
            super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task: Any) -> None:
        """Take a handler for a task."""
        self.v2_playbook_on_task_start(task, is_conditional=False)

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        """Note that one host begins a task."""
        self._run.begin(host.get_name(), task._uuid, _title(task), time.monotonic())

    def v2_runner_on_ok(self, result: Any) -> None:
        """Print what changed, and what the task says."""
        self._end(result, "changed" if result.is_changed() else "ok")
        if self._whole:
            super().v2_runner_on_ok(result)
            return
        said = dict(result._result)
        self._handle_warnings(result._result)
        says = said.get("_ansible_verbose_always", False)
        for line in debug_lines(said) if says else []:
            self._below(result, line)
        if self._display.verbosity and not says:
            word = "changed" if result.is_changed() else "ok"
            self._below(result, f"{word}: {_name(result)} => {self._dump_results(said)}", constants.COLOR_OK)
        self._print_changes(result, said)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Print the error as the module says it, for commands in it to be copied."""
        self._end(result, "FAILED")
        if not ignore_errors:
            self._failed[result._host.get_name()] = _failure(result)
        if self._whole:
            super().v2_runner_on_failed(result, ignore_errors)
            return
        # What it did before it failed is done; others' modules say no more than that they have run.
        if _is_ours(result):
            self._print_changes(result, result._result)
        self._print_error(result, "ignored" if ignore_errors else "FAILED")

    def v2_runner_on_unreachable(self, result: Any) -> None:
        """Print why a host cannot be reached."""
        self._end(result, "UNREACHABLE")
        self._failed[result._host.get_name()] = _failure(result)
        if self._whole:
            super().v2_runner_on_unreachable(result)
            return
        self._print_error(result, "UNREACHABLE")

    def v2_runner_on_skipped(self, result: Any) -> None:
        """Print that a task was skipped, with `-v`."""
        self._end(result, "skipped")
        self._handle_warnings(result._result)
        if self._whole:
            super().v2_runner_on_skipped(result)
        elif self._display.verbosity:
            self._below(result, f"skipped: {_name(result)}", constants.COLOR_SKIP)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Print what the item says; what changed is printed with the whole loop."""
        if self._whole:
            super().v2_runner_item_on_ok(result)
            return
        self._handle_warnings(result._result)
        for line in debug_lines(result._result) if result._result.get("_ansible_verbose_always") else []:
            self._below(result, line)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Print the error of an item."""
        if self._whole:
            super().v2_runner_item_on_failed(result)
            return
        self._print_error(result, f"FAILED ({self._get_item_label(result._result)})")

    def v2_runner_item_on_skipped(self, result: Any) -> None:
        """Print that an item was skipped, with `-vv`."""
        if self._whole:
            super().v2_runner_item_on_skipped(result)
            return
        self._handle_warnings(result._result)

    def v2_runner_retry(self, result: Any) -> None:
        """Print it with `-v`."""
        if self._display.verbosity:
            super().v2_runner_retry(result)

    def v2_playbook_on_include(self, included_file: Any) -> None:
        """Print it with `-vv`."""
        if self._whole:
            super().v2_playbook_on_include(included_file)

    def _print_task_banner(self, task: Any) -> None:
        """Print what a diff stands below."""
        if self._whole:
            super()._print_task_banner(task)
        else:
            self._screen.head()

    def _get_diff(self, difflist: Any) -> Any:
        return super()._get_diff(shown({"diff": difflist})["diff"])

    def v2_on_file_diff(self, result: Any) -> None:
        """Print the text of a diff where no fields say what differs."""
        if self._whole or not _is_ours(result) or not result._result.get("results"):
            super().v2_on_file_diff(result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        """Print warnings, where the time went, and what became of the run."""
        self._end_stage()
        self._screen.close()
        moment = time.monotonic()
        for warning in self._warnings:
            self._screen.put(visible(f"[WARNING]: {warning}"), constants.COLOR_WARN, stderr=True)
        stages = self._run.stages(moment)
        told = {stage.title: self._told(stage.title) for stage in stages}
        lasted = table(stages, told, moment - self._began, self._screen.columns)
        waited = "" if self._tally.check else cut(longest_wait(stages), self._screen.columns)
        for line in [*([""] if lasted else []), *lasted, *([waited] if waited else [])]:
            self._screen.put(visible(line))
        # Scripts read Ansible's own sums.
        super().v2_playbook_on_stats(stats)
        self._print_verdict(stats, sum(stage.tasks for stage in stages), moment - self._began)

    def _handle_warnings(self, res: Any) -> None:
        """Keep warnings for the end of the run (Ansible's callbacks call it for every result)."""
        if self._whole:
            super()._handle_warnings(res)
            return
        told = res.pop("deprecations", None) or []
        deprecations = told if constants.config.get_config_value("DEPRECATION_WARNINGS") else []
        texts = [*(res.pop("warnings", None) or []), *map(deprecation_line, deprecations)]
        self._warnings.update(dict.fromkeys(" ".join(str(text).split()) for text in texts))

    def _begin_log(self, variables: dict[str, Any]) -> None:
        folder = variables.get("validate_report_dir", "")
        with suppress(AnsibleError):  # what a template needs may be known only later
            folder = Templar(loader=self._play.get_loader(), variables=variables).template(folder)
        path = log_path(folder, self._playbook)
        if path is None:
            return
        try:
            self._screen.log = RunLog(path)
        except OSError as error:
            self._warnings[f"no log is written: {error}"] = None

    def _end_stage(self) -> None:
        if self._stage and not self._skipped:
            told = total(self._tally.current, self._tally.check)
            self._screen.end(told, constants.COLOR_CHANGED if told else constants.COLOR_OK)
        self._stage, self._skipped = "", True

    def _told(self, stage: str) -> str:
        return total(self._tally.stages.get(stage, []), self._tally.check)

    def _end(self, result: Any, status: str) -> None:
        """Note that one host has ended a task."""
        self._screen.drain()
        host, task = result._host.get_name(), result._task
        self._skipped = self._skipped and status == "skipped" and not self._display.verbosity
        awaited = awaited_in(result._result) if _is_ours(result) else []
        self._run.end(host, task._uuid, time.monotonic(), result.is_changed(), awaited)
        if self._screen.log is not None:  # a result can be long
            told = f"{status}: [{host}] {task.get_name()} => {self._dump_results(result._result)}"
            self._screen.write_log(visible(told))

    def _print_changes(self, result: Any, said: dict[str, Any]) -> None:
        changes, tried = changes_of(said, _name(result), _is_ours(result)), bool(result._task.check_mode)
        if self._tally.check or not tried:  # what is only tried in a run that writes is no change of it
            changes = self._tally.add(result._host.get_name(), _title(result._task), changes)
        for change in changes:
            if not self._screen.has_said(change.what):
                for line in lines_of(change, tried, bool(result._task.diff)):
                    self._below(result, line, constants.COLOR_CHANGED)

    def _print_error(self, result: Any, word: str) -> None:
        color = constants.COLOR_SKIP if word == "ignored" else constants.COLOR_ERROR
        self._handle_warnings(result._result)
        if result._task.loop and "results" in result._result:
            if word == "ignored":
                self._below(result, f"{word}: {_name(result)}", color)
            return  # each item has said why
        stderr = self.get_option("display_failed_stderr")
        self._below(result, f"{word}: {_name(result)}", color, stderr)
        path = [] if str(result._task.action).startswith(EXPLAIN) else [f"task path: {result._task.get_path()}"]
        # From the left margin: commands in it are copied.
        for line in [*error_lines(result._result), *path]:
            self._screen.put(visible(line), color, stderr)

    def _below(self, result: Any, line: str, color: str | None = None, stderr: bool = False) -> None:
        host = f"[{self.host_label(result)}] " if self._several else ""
        stage = "" if self._linear else f"{_title(result._task)}: "
        self._screen.below(visible(f"{host}{stage}{line}"), color, may_be_wrapped(line), stderr)

    def _print_verdict(self, stats: Any, tasks: int, seconds: float) -> None:
        """Print what became of the run, of each host where there are several."""
        took = f"{tasks} task{'s' if tasks != 1 else ''} in {duration(seconds)}"
        for host in sorted(stats.processed) if self._several else []:
            self._put_verdict(f"{host}: ", self._tally.hosts.get(host, []), _has_failed(stats, host), "")
        failed = any(_has_failed(stats, host) for host in stats.processed)
        for host, failure in self._failed.items():
            if _has_failed(stats, host):
                self._screen.put(visible(f"[ERROR]: {failure}"), constants.COLOR_ERROR)
        self._put_verdict("", self._tally.all, failed, f" ({took})")
        if self._screen.log is not None:
            self._screen.put(f"The log: {self._screen.log.path}")

    def _put_verdict(self, who: str, changes: list[Any], failed: bool, took: str) -> None:
        done = total(changes, self._tally.check) or ("nothing would change" if self._tally.check else "nothing changed")
        color = constants.COLOR_CHANGED if changes else constants.COLOR_OK
        text = f"{'failed; ' if failed else ''}{done}{took}"
        self._screen.put(
            visible(who + text if who else text[0].upper() + text[1:]), constants.COLOR_ERROR if failed else color
        )


def _name(result: Any) -> str:
    """Return a task's name without that of its role, which its stage says."""
    return " ".join(str(result._task.name or result._task.get_name()).split())


def _failure(result: Any) -> str:
    """Return which task has failed, where, and how its message begins."""
    return f"{_name(result)}, on {result._host.get_name()}: {error_lines(result._result)[0]}"


def _is_ours(result: Any) -> bool:
    """Say whether a module of this collection gave the result: those of others give the same names other meanings."""
    return str(result._task.action).startswith(OURS)


def _title(task: Any) -> str:
    """Return the stage of a task as one line that a terminal shows as it is."""
    return visible(" ".join(title_of(task).split()))


def _has_failed(stats: Any, host: str) -> bool:
    summary = stats.summarize(host)
    return bool(summary["failures"] or summary["unreachable"])
