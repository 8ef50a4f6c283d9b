"""What roles do, in one line: where it goes in README.md and in the metadata for Galaxy."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.role_summaries import summaries, with_description, with_table

CHECKOUT = Path(__file__).parents[3]
PAGE = """\
# Page

| role | does |
|---|---|
| `kafka` | old | and so on |
| `gitops` | old |

| module | does |
|---|---|
| `kafka` | stays |
"""


def test_rows_of_the_table_of_roles_keep_their_order() -> None:
    page = with_table(PAGE, {"gitops": "Install Argo CD", "kafka": "Install Kafka", "common": "Not listed"})
    assert page == PAGE.replace("| old | and so on |", "| Install Kafka |").replace("| old |", "| Install Argo CD |")


@pytest.mark.parametrize(
    ("page", "message"),
    [
        (PAGE, r"README.md lists gitops, which no folder in roles/ has"),
        ("# Page\n", r"README.md has no table '\| role \| does \|'"),
    ],
)
def test_a_table_that_cannot_be_written_is_told(page: str, message: str) -> None:
    with pytest.raises(LookupError, match=message):
        with_table(page, {"kafka": "Install Kafka"})


def test_the_description_is_replaced_and_nothing_else() -> None:
    metadata = "---\ngalaxy_info:\n  description: Old\n  license: Apache-2.0\n"
    assert with_description(metadata, r"New \1") == metadata.replace("Old", r"New \1")


def test_every_role_but_the_shared_variables_is_listed() -> None:
    page = (CHECKOUT / "README.md").read_text()
    assert [role for role in summaries(CHECKOUT / "roles") if f"\n| `{role}` | " not in page] == ["common"]
