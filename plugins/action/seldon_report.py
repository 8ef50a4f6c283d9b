# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Tell what checks or check mode have found: in the terminal, in three files, and whether the play fails."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import COLUMNS, is_for_programs, visible
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import told
from ansible_collections.seldon.openshift.plugins.plugin_utils.report import comparison
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.collection import collection_version
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.comparison import Comparison, NoBaseline
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.drift import DriftReport, distinct, drift_json
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.drift import rows as rows_of_findings
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.html import html
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.junit import junit
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.model import Report
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.platform import Platform
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.rights import row_of
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.table import lines

Values = dict[str, Any]

ARGUMENT_SPEC: Values = {
    "checks": {"type": "list", "elements": "dict"},
    "findings": {"type": "list", "elements": "dict"},
    "lacking": {"type": "list", "elements": "dict", "default": []},
    "platform": {"type": "dict"},
    "started": {"type": "str"},
    "baseline": {"type": "path"},
    "directory": {"type": "path", "default": "seldon-report"},
    "title": {"type": "str", "default": "Seldon Deploy"},
    "fail_on": {"type": "str", "choices": ["fail", "warn", "never"], "default": "fail"},
}
FAILING = {"fail": ("fail",), "warn": ("fail", "warn"), "never": ()}
COLORS = {
    "fail": constants.COLOR_ERROR,
    "warn": constants.COLOR_WARN,
    "skipped": constants.COLOR_SKIP,
    "pass": constants.COLOR_OK,
}


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible ships no types
    """The action seldon_report; it needs no connection to the host."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Return how many rows there are of each status, and the files."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        one_of = [("checks", "findings")]
        _validation, params = self.validate_argument_spec(
            ARGUMENT_SPEC, mutually_exclusive=one_of, required_one_of=one_of
        )
        try:
            telling = _of_checks(params) if params["findings"] is None else _of_findings(params)
        except NoBaseline as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        report = telling.report
        result: Values = {"changed": False, "counts": report.counts}
        if telling.comparison:
            result["comparison"] = telling.comparison.as_json()
        if not report.rows:
            return result
        # A log, unlike a terminal, wants the whole line.
        for status, line in lines(report, COLUMNS):
            _print(line, COLORS.get(status))
        for status, line in telling.comparison.lines(COLUMNS) if telling.comparison else ():
            _print(line, COLORS.get(status))
        if self._task.check_mode:
            return result
        failing = FAILING[params["fail_on"]]
        contents = {
            "report.html": html(report, telling.platform, telling.comparison),
            "report.json": telling.json,
            "junit.xml": junit(report, failing),
        }
        hosts = variables.get("ansible_play_hosts_all") or []
        prefix = f"{variables['inventory_hostname']}-" if len(hosts) > 1 else ""
        try:
            result["files"] = _written(Path(params["directory"]).resolve(), prefix, contents)
        except OSError as error:
            return {**result, "failed": True, "msg": f"the report cannot be written: {error}"}
        _print(f"\nThe report: {result['files'][0]}")
        if any(report.counts[status] for status in failing):
            result.update(failed=True, msg=report.complaint(failing))
        return result


def _print(line: str, color: str | None = None) -> None:
    if not is_for_programs():
        Display().display(visible(line), color=color)


@dataclass(frozen=True)
class Telling:
    """A report, and what of it is for programs; platform and comparison are of a report of checks only."""

    report: Report
    json: str
    platform: Platform | None = None
    comparison: Comparison | None = None


def _of_checks(params: Values) -> Telling:
    """Return the report of checks. Raises NoBaseline when the earlier one can't be compared with."""
    now = datetime.now(timezone.utc)
    rows = [*params["checks"], *row_of(params["lacking"])]
    report = Report.of(params["title"], f"{now:%Y-%m-%d %H:%M} UTC", told(rows))
    platform = _platform(params, now)
    found = _compared(params, report, platform)
    content = {
        "schema": comparison.SCHEMA,
        "title": report.title,
        "moment": now.isoformat(timespec="seconds"),
        "counts": report.counts,
        "platform": {**(params["platform"] or {}), "collection": collection_version()},
        **({"seconds": round(platform.seconds, 1)} if platform and platform.seconds is not None else {}),
        **({"comparison": found.as_json()} if found else {}),
        "checks": report.rows,
    }
    return Telling(report, json.dumps(content, indent=2) + "\n", platform, found)


def _platform(params: Values, now: datetime) -> Platform | None:
    if params["platform"] is None:
        return None
    started = params["started"]
    seconds = (now - datetime.fromisoformat(started)).total_seconds() if started else None
    return Platform.of(params["platform"], collection_version(), seconds)


def _compared(params: Values, report: Report, platform: Platform | None) -> Comparison | None:
    """Return what is new since the earlier report; None without one, or without rows. Raises NoBaseline."""
    if not params["baseline"]:
        return None
    path, now = Path(params["baseline"]), platform or Platform()
    baseline = comparison.read(path)
    comparison.fail_on_another_cluster(path, baseline, now)
    return comparison.compare(baseline, report, now) if report.rows else None


def _of_findings(params: Values) -> Telling:
    now = datetime.now(timezone.utc)
    found = distinct(params["findings"])
    report = DriftReport.of(params["title"], f"{now:%Y-%m-%d %H:%M} UTC", told(rows_of_findings(found)))
    return Telling(report, drift_json(report.title, now.isoformat(timespec="seconds"), found))


def _written(folder: Path, prefix: str, contents: dict[str, str]) -> list[str]:
    """Write the files, readable for all as a report is; return their paths."""
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    paths = {folder / f"{prefix}{name}": text for name, text in contents.items()}
    for path, text in paths.items():
        path.write_text(text, encoding="utf-8")
    return [str(path) for path in paths]
