"""Tables in pages: where they go."""

from __future__ import annotations

import pytest

from tools.tables import replaced

HEAD = ("| check | passes when |", "|---|---|")
ROWS = ["| `kafka.ready` | Kafka is ready |"]


def test_the_rows_take_the_place_of_those_below_the_same_head() -> None:
    page = "\n".join(["# Page", "", "| other | table |", "|---|---|", "", *HEAD, "| old | row |", "", "End.", ""])
    wanted = "\n".join(["# Page", "", "| other | table |", "|---|---|", "", *HEAD, *ROWS, "", "End.", ""])
    assert replaced(page, "docs/page.md", HEAD, ROWS) == wanted
    assert replaced(wanted, "docs/page.md", HEAD, ROWS) == wanted


def test_a_page_without_the_table_is_told() -> None:
    with pytest.raises(LookupError, match=r"docs/page.md has no table that begins with \| check \|"):
        replaced("# Page\n", "docs/page.md", HEAD, ROWS)
