"""The table of checks: its rows."""

from __future__ import annotations

from tools.checks_table import rows


def test_rows_follow_the_chapters() -> None:
    names = [row.split("`")[1].partition(".")[0] for row in rows(["kafka", "gitops"])]
    assert list(dict.fromkeys(names)) == ["kafka", "gitops"]
