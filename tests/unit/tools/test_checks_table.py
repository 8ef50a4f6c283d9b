"""The table of checks: where it goes on its page."""

from __future__ import annotations

import pytest

from tools.checks_table import HEAD, replaced, rows

TABLE = "\n".join([*HEAD, "| `kafka.ready` | Kafka is ready | Pipelines stand still. |", ""])


def test_the_table_takes_the_place_of_the_one_with_its_head() -> None:
    page = "\n".join(["# Page", "", "| other | table |", "|---|---|", "", *HEAD, "| old | row | . |", "", "End.", ""])
    assert replaced(page, TABLE) == f"# Page\n\n| other | table |\n|---|---|\n\n{TABLE}\nEnd.\n"
    assert replaced(replaced(page, TABLE), TABLE) == replaced(page, TABLE)


def test_a_page_without_the_table_is_told() -> None:
    with pytest.raises(LookupError, match=r"docs/validation.md has no table that begins with \| check \|"):
        replaced("# Page\n", TABLE)


def test_rows_follow_the_chapters() -> None:
    names = [row.split("`")[1].partition(".")[0] for row in rows(["kafka", "gitops"])]
    assert list(dict.fromkeys(names)) == ["kafka", "gitops"]
