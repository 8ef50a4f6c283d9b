"""Drifts on a finished cluster, a group at once: found by validate.yml, put right or told by site.yml, for good."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from sandbox.kube import CONTENT_TYPES, Object
from tests.integration.cluster import Cluster, recap
from tests.integration.contents import changed, contents
from tests.integration.drifts import API, CHANGED, HEALED, REMOVED, TOLD, Drift
from tests.integration.helpers import until

GROUPS = {"changed": CHANGED, "removed": REMOVED}
ROWS = [
    pytest.param(group, drift, id=f"{drift.verb} {drift.where}") for group, rows in GROUPS.items() for drift in rows
]
# What the API server chooses anew for an object that was made anew, and what is noted in passing.
CHOSEN = ("clusterIP", "clusterIPs")
LABELS = ("labels",)
HOME, MONITOR = "seldon", "seldon-podmonitor"
FOUGHT_OVER = ("monitoring.coreos.com/v1", "PodMonitor", MONITOR, HOME)
THEIRS = [{"port": "theirs", "path": "/theirs"}]


@dataclass(frozen=True)
class Outcome:
    """A group's drifts: each object's looked-at values before, after the drift and after site.yml; what was said."""

    before: dict[Drift, Any]
    drifted: dict[Drift, Any]
    after: dict[Drift, Any]
    checks: list[Object]
    site: str
    again: int
    repeated: str
    moved: set[str]


@dataclass
class Outcomes:
    """What becomes of each group, tried once."""

    cluster: Cluster
    folder: Path
    known: dict[str, Outcome] = field(default_factory=dict)

    def of(self, group: str) -> Outcome:
        """Return what becomes of the group."""
        if group not in self.known:
            self.known[group] = self._try(GROUPS[group])
        return self.known[group]

    def _try(self, drifts: list[Drift]) -> Outcome:
        before = self._look(drifts)
        for drift in drifts:
            self.do(drift)
        drifted = self._look(drifts)
        time.sleep(5)  # operators look at what has changed
        report = self.cluster.sandbox.state / "report/report.json"
        report.unlink(missing_ok=True)
        validated = self.cluster.playbook("playbooks/validate.yml", *self.cluster.values(), check=False)
        assert report.exists(), validated.stdout + validated.stderr
        checks = json.loads(report.read_text())["checks"]
        site = self.cluster.site(check=False)
        after, held = self._look(drifts), contents(self.cluster.kube)
        again = self.cluster.site(check=False)
        said = f"{site.stdout}\n{site.stderr}"
        return Outcome(
            before,
            drifted,
            after,
            checks,
            said,
            recap(again)["changed"],
            again.stdout,
            changed(held, contents(self.cluster.kube)),
        )

    def do(self, drift: Drift) -> None:
        """Let a person, or a controller, make the change."""
        editor = self.folder / "editor"
        editor.write_text(f"#!/bin/sh\nsed -i -e '{drift.editor}' \"$1\"\n")
        editor.chmod(0o700)
        environment = self.cluster.environment() | {"KUBE_EDITOR": str(editor)}
        command = ["kubectl", *drift.arguments()]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}"

    def _look(self, drifts: list[Drift]) -> dict[Drift, Any]:
        return {drift: self.value(drift) for drift in drifts}

    def value(self, drift: Drift) -> Any:
        """Return what the object has in the drift's fields, or all that it says; None when it is not there."""
        obj = self.cluster.kube.get(API[drift.kind], drift.kind, drift.name, drift.namespace or None)
        if obj is None:
            return None
        return [_any_order(_at(obj, path)) for path in drift.fields] if drift.fields else _content(obj)


def _any_order(value: Any) -> Any:
    """Return names in their alphabetical order: a member that was taken out comes back as the last one."""
    return sorted(value) if isinstance(value, list) and all(isinstance(item, str) for item in value) else value


def _at(obj: Object, path: tuple[str, ...]) -> Any:
    return reduce(lambda value, key: value.get(key) if isinstance(value, dict) else None, path, obj)


def _content(obj: Object) -> Object:
    said = {key: value for key, value in obj.items() if key not in ("metadata", "status")}
    if isinstance(said.get("spec"), dict):
        said["spec"] = {key: value for key, value in said["spec"].items() if key not in CHOSEN}
    return {**said, **{key: obj["metadata"].get(key) for key in LABELS}}


@pytest.fixture(scope="module")
def outcomes(finished_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    return Outcomes(finished_cluster, tmp_path_factory.mktemp("drift"))


def test_the_table_is_large_enough() -> None:
    rows = [*CHANGED, *REMOVED]
    assert len(rows) >= 40
    assert {drift.fate for drift in rows} == {HEALED, TOLD}


@pytest.mark.parametrize(("group", "drift"), ROWS)
def test_validate_finds_it(outcomes: Outcomes, group: str, drift: Drift) -> None:
    outcome = outcomes.of(group)
    assert outcome.drifted[drift] != outcome.before[drift], "nothing was changed"
    rows = [row for row in outcome.checks if row["check"] == drift.check]
    subject = f"{drift.namespace}/{drift.name}".lstrip("/") if drift.subject is None else drift.subject
    assert [row for row in rows if row["status"] in ("fail", "warn") and subject in row["subject"]], rows


@pytest.mark.parametrize(("group", "drift"), ROWS)
def test_site_yml_puts_it_right_or_tells(outcomes: Outcomes, group: str, drift: Drift) -> None:
    outcome = outcomes.of(group)
    if drift.fate == HEALED:
        assert outcome.after[drift] == outcome.before[drift]
        return
    assert outcome.after[drift] == outcome.drifted[drift]
    warnings = [line for line in outcome.site.splitlines() if "WARNING" in line and drift.where in line]
    assert warnings, outcome.site[-3000:]
    (manager,) = [option.partition("=")[2] for option in drift.options if option.startswith("--field-manager=")]
    assert manager in warnings[0]


@pytest.mark.parametrize("group", GROUPS)
def test_the_next_run_changes_nothing(outcomes: Outcomes, group: str) -> None:
    outcome = outcomes.of(group)
    assert (outcome.again, outcome.moved) == (0, set()), outcome.repeated


@contextmanager
def fighting(cluster: Cluster, manager: str) -> Iterator[None]:
    """Let `manager` write its value back for as long as this lasts, within moments after anybody changes it."""
    over = threading.Event()

    def fight() -> None:
        while not over.wait(0.05):
            monitor = cluster.kube.get(*FOUGHT_OVER)
            if monitor and _at(monitor, ("spec", "podMetricsEndpoints")) != THEIRS:
                path = f"{cluster.kube.path_of(monitor)}?fieldManager={manager}"
                body = {"spec": {"podMetricsEndpoints": THEIRS}}
                cluster.kube.request("PATCH", path, body, CONTENT_TYPES["merge"])

    thread = threading.Thread(target=fight)
    thread.start()
    try:
        until(lambda: _at(cluster.kube.get(*FOUGHT_OVER) or {}, ("spec", "podMetricsEndpoints")) == THEIRS)
        yield
    finally:
        over.set()
        thread.join()


@pytest.mark.parametrize(
    ("manager", "options", "fought", "failed"),
    [
        pytest.param("their-controller", [], False, 0, id="a controller is left alone"),
        pytest.param("their-controller", ["-e", "seldon_conflicts=force"], True, 0, id="a controller is forced"),
        # At the end of the run, what a person may be taken from is not as it was applied.
        pytest.param("kubectl-patch", [], True, 1, id="a person's script"),
    ],
)
def test_a_manager_that_writes_back_is_told_and_fought_once_a_run(
    finished_cluster: Cluster, manager: str, options: list[str], fought: bool, failed: int
) -> None:
    runs = []
    with fighting(finished_cluster, manager):
        for _ in range(2):
            arguments = ["--tags", "model_namespace", *options]
            events = finished_cluster.requests(lambda: runs.append(finished_cluster.site(*arguments, check=False)))  # noqa: B023
            written = [event for event in events if _writes_monitor(event)]
            assert len(written) <= (1 if fought else 0), written
    assert [recap(run)["failed"] for run in runs] == [failed] * 2, runs[-1].stdout
    assert [recap(run)["changed"] for run in runs] == ([1, 1] if fought else [0, 0])
    said = runs[-1].stdout + runs[-1].stderr
    assert [line for line in said.splitlines() if f"PodMonitor {HOME}/{MONITOR}" in line and manager in line]
    finished_cluster.site("--tags", "model_namespace", "-e", "seldon_conflicts=force")


def _writes_monitor(event: Object) -> bool:
    ours = event.get("userAgent", "").startswith("seldon.openshift") and event["verb"] in ("patch", "update")
    tried = event["responseStatus"]["code"] >= 400 or "dryRun" in event["requestURI"]
    return ours and f"podmonitors/{MONITOR}?" in event["requestURI"] and not tried
