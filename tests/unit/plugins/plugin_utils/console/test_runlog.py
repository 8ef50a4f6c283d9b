"""The log beside the report."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.runlog import RunLog, log_path


def test_only_its_owner_reads_it_and_the_one_before_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "report" / "site.log"
    for text in ("first", "second\nline"):
        RunLog(path).write(text)
    assert [line.split(maxsplit=1)[1] for line in path.read_text().splitlines()] == ["second", "line"]
    assert path.with_name("site.log.1").read_text().endswith(" first\n")
    assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}


def test_a_link_that_somebody_has_laid_is_replaced_and_not_followed(tmp_path: Path) -> None:
    target, path = tmp_path / "target", tmp_path / "site.log"
    target.write_text("of others")
    path.symlink_to(target)
    RunLog(path).write("ours")
    assert (target.read_text(), path.is_symlink()) == ("of others", False)


def test_it_is_where_the_report_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert log_path("seldon-report", "/x/site.yml") == tmp_path / "seldon-report" / "site.log"
    for folder in (None, "", "{{ elsewhere }}", 5):
        assert log_path(folder, "/x/site.yml") is None
