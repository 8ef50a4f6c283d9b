"""A report beside an earlier one: what is new, and which files are no earlier report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.report import comparison
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.comparison import Comparison, NoBaseline
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.model import Report
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.platform import Platform

Row = dict[str, str]
LAB = {"cluster": "lab", "api": "https://api.lab:6443"}


def row(status: str, subject: str = "Kafka k", check: str = "kafka.ready") -> Row:
    told = {"title": "t", "why": "w", "seen": f"{status} now", "do": ""}
    return {"check": check, "chapter": check.partition(".")[0], "status": status, "subject": subject, **told}


def written(folder: Path, *rows: Row, **content: Any) -> Path:
    """Write an earlier report."""
    report = {"schema": comparison.SCHEMA, "moment": "2022-12-01T10:00:00+00:00", "platform": LAB, "checks": rows}
    path = folder / "report.json"
    path.write_text(json.dumps({key: value for key, value in {**report, **content}.items() if value is not None}))
    return path


def compared(folder: Path, earlier: list[Row], later: list[Row], **platforms: Any) -> Comparison:
    path = written(folder, *earlier, platform={**LAB, **platforms.get("before", {})})
    now = Platform.of({**LAB, **platforms.get("after", {})}, "", None)
    return comparison.compare(comparison.read(path), Report.of("t", "m", later), now)


@pytest.mark.parametrize(
    ("before", "after", "failing", "healed"),
    [
        (["pass"], ["fail"], 1, 0),
        (["warn"], ["fail"], 1, 0),
        ([], ["fail"], 1, 0),
        (["fail"], ["fail"], 0, 0),
        (["fail"], ["pass"], 0, 1),
        (["fail"], ["warn"], 0, 1),
        (["fail"], ["skipped"], 0, 0),
        (["pass"], ["pass"], 0, 0),
        # One subject may have several rows: it fails while one of them does.
        (["pass", "fail"], ["pass", "fail"], 0, 0),
        (["pass", "fail"], ["pass", "pass"], 0, 1),
    ],
)
def test_what_fails_since_and_what_is_healed(
    tmp_path: Path, before: list[str], after: list[str], failing: int, healed: int
) -> None:
    beside = [row("pass", "another")]  # the chapter was looked at
    found = compared(tmp_path, [*map(row, before), *beside], [*map(row, after), *beside])
    assert (len(found.failing), len(found.healed)) == (failing, healed)


@pytest.mark.parametrize(("now", "healed"), [("pass", 1), ("fail", 0), ("skipped", 0)])
def test_a_subject_that_is_no_longer_told_of_is_healed_when_its_check_passes(
    tmp_path: Path, now: str, healed: int
) -> None:
    found = compared(tmp_path, [row("fail", "Deployment gone")], [row(now, "all objects")])
    assert [each["subject"] for each in found.healed] == ["Deployment gone"] * healed


def test_chapters_of_only_one_report_are_not_compared(tmp_path: Path) -> None:
    before = [row("fail"), row("pass", check="logging.x")]
    after = [row("pass", check="logging.x"), row("fail", check="gitops.x")]
    found = compared(tmp_path, before, after)
    assert (found.failing, found.healed, found.unseen) == ((), (), ("gitops", "kafka"))
    assert [*found.lines(80)][-1] == ("", "  not compared: Argo CD (OpenShift GitOps), Kafka (AMQ Streams)")


def version(number: str, name: str = "seldon") -> dict[str, str]:
    return {"kind": "Kafka", "name": name, "namespace": "k", "version": number, "wanted": ""}


def test_versions_that_changed_came_and_went(tmp_path: Path) -> None:
    before = {"openshift": "4.11.20", "versions": [version("1"), version("1", "old"), version("1", "same")]}
    after = {"openshift": "4.11.59", "versions": [version("2"), version("3", "new"), version("1", "same")]}
    found = compared(tmp_path, [], [], before=before, after=after)
    assert {each.name: each.told for each in found.versions} == {
        "OpenShift": "4.11.20 → 4.11.59",
        "seldon": "1 → 2",
        "old": "1 → not there",
        "new": "not there → 3",
    }
    assert "4 versions changed" in found.verdict


@pytest.mark.parametrize("side", ["before", "after"])
def test_what_could_not_be_read_has_no_version_that_changed(tmp_path: Path, side: str) -> None:
    platforms: dict[str, Any] = {"before": {"versions": [version("1")]}, "after": {"versions": [version("1")]}}
    platforms[side] = {"unread": ["you may not list subscriptions"]}
    assert compared(tmp_path, [], [], **platforms).versions == ()


def test_nothing_new_is_said_in_one_line(tmp_path: Path) -> None:
    found = compared(tmp_path, [row("pass")], [row("pass")])
    assert [*found.lines(80)] == [("", "Since 2022-12-01 10:00 UTC: nothing has changed")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"schema": None}, "is of an older format, which names no cluster"),
        ({"schema": 99}, "has format 99, and this collection compares 2"),
        ({"checks": None}, "is no report.json of validate.yml"),
        ({"checks": None, "schema": 1, "findings": []}, "is no report.json of validate.yml"),
        ({"checks": ["x"]}, "is damaged"),
        ({"checks": [{"check": "x"}]}, "is damaged (KeyError: 'chapter')"),
        ({"platform": None}, "is damaged (KeyError: 'platform')"),
        ({"platform": {"versions": [{}]}}, "is damaged"),
        ({"moment": "yesterday"}, "is damaged (ValueError"),
    ],
)
def test_a_file_that_is_no_earlier_report_is_refused(tmp_path: Path, content: dict[str, Any], said: str) -> None:
    path = written(tmp_path, **content)
    with pytest.raises(NoBaseline) as caught:
        comparison.read(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert "Next: give the report.json of an earlier validate.yml (-e validate_baseline=FILE)" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "cannot be read: No such file or directory"), ("<html>", "is no JSON"), ("[]", "no checks")],
)
def test_a_file_that_is_missing_or_holds_something_else_is_refused(tmp_path: Path, text: str | None, said: str) -> None:
    path = tmp_path / "report.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(NoBaseline, match=said):
        comparison.read(path)


@pytest.mark.parametrize(("cluster", "refused"), [("lab", False), ("other", True), ("", False)])
def test_a_report_of_another_cluster_is_refused(tmp_path: Path, cluster: str, refused: bool) -> None:
    path, now = written(tmp_path), Platform(cluster=cluster, api="https://api.prod:6443")
    baseline = comparison.read(path)
    if not refused:
        comparison.fail_on_another_cluster(path, baseline, now)
        return
    with pytest.raises(NoBaseline) as caught:
        comparison.fail_on_another_cluster(path, baseline, now)
    assert "is of another cluster: of https://api.lab:6443, and this is https://api.prod:6443" in str(caught.value)


def test_the_json_of_a_comparison_says_what_the_terminal_says(tmp_path: Path) -> None:
    found = compared(tmp_path, [row("pass")], [row("fail")], after={"versions": [version("2")]})
    assert found.as_json() == {
        "baseline": "2022-12-01 10:00 UTC",
        "new_failures": [{"check": "kafka.ready", "chapter": "kafka", "subject": "Kafka k", "seen": "fail now"}],
        "healed": [],
        "versions": [{"kind": "Kafka", "name": "seldon", "namespace": "k", "before": "", "after": "2"}],
        "not_compared": [],
    }
    assert [line for _, line in found.lines(80)] == [
        "Since 2022-12-01 10:00 UTC: 1 new failure, 1 version changed",
        "  new      kafka.ready  Kafka k: fail now",
        "  version  Kafka: not there → 2",
    ]
    assert [line for _, line in found.lines(30)][1] == "  new      kafka.ready  Kafka…"
