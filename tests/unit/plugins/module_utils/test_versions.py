"""Versions of all that has some, as numbers that compare."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.versions import minor, numbers


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("4.11.59", (4, 11, 59)),
        ("4.11.0-rc.1", (4, 11, 0, 1)),
        ("v2.3", (2, 3)),
        ("v2.2.0-4", (2, 2, 0, 4)),  # the patch of an operator that keeps its product's version
        ("v3.14.0+g2f5de3c", (3, 14, 0)),
        ("v1.24.6+5658434", (1, 24, 6)),
        ("7", (7,)),
        ("", ()),
        ("devel", ()),
    ],
)
def test_a_version_sorts_by_its_numbers(version: str, expected: tuple[int, ...]) -> None:
    assert numbers(version) == expected


def test_later_versions_are_greater() -> None:
    told = ["", "v1", "v1.9.2", "v1.10", "v1.10.0-1", "v1.10.0-2", "2.0.0"]
    assert sorted(told, key=numbers) == told


@pytest.mark.parametrize(("version", "expected"), [("4.11.59", "4.11"), ("3.2", "3.2"), ("v2.3", "v2.3"), ("8", "8")])
def test_the_first_two_numbers_are_the_minor_version(version: str, expected: str) -> None:
    assert minor(version) == expected
