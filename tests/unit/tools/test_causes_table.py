"""Tables of causes: what is said of patterns and of advice."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.readiness import comparison, refusals

from tools.causes_table import refused, repositories, spoken


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"failed quota: .*must specify", "failed quota: …must specify"),
        (r"(minimum|maximum) \S+ usage per \S+ is|\S+ max", "minimum … usage per … is"),
        (r"\d+ default StorageClasses were found", "… default StorageClasses were found"),
    ],
)
def test_a_pattern_is_told_as_words(pattern: str, expected: str) -> None:
    assert spoken(pattern) == expected


def test_every_refusal_that_no_waiting_ends_has_a_row_that_a_reader_can_follow() -> None:
    rows = list(refused())
    assert len(rows) == len(refusals.FINAL)
    assert not any("{" in row for row in rows)


def test_what_heals_by_itself_has_no_row() -> None:
    rows = list(repositories())
    assert len(rows) == sum(cause.verdict == comparison.REFUSED for cause in comparison.CAUSES)
    assert all("`" in row and "{" not in row for row in rows)
