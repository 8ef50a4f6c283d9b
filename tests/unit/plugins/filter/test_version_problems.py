"""Versions that an operator would not take, by form and by range."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.filter.version_problems import version_problems


@pytest.mark.parametrize(
    ("version", "words"),
    [
        *((version, "") for version in ("7.10.0", "7.12.1", "8.99.99", "8.0.0-rc1", "7.17.7.redhat-1")),
        *((version, "is no version: give one like 7.12.1") for version in ("7.12", "v7.12.1", "", "latest", "7.12.x")),
        *((version, "and eck.v2.5.0 runs 7.10.0 to 8.x: choose one") for version in ("7.9.3", "6.8.0", "9.0.0")),
    ],
)
def test_versions_of_elasticsearch(version: str, words: str) -> None:
    found = version_problems({"elasticsearch_version": version}, "7.12.1", "eck.v2.5.0", "7.10.0", "8")
    assert len(found) == bool(words)
    assert all(words in line and line.startswith("elasticsearch_version is ") for line in found)


def test_versions_of_control_planes() -> None:
    known = ("v2.0", "servicemeshoperator.v2.3.0", "v2.0", "v2.3")
    given = {"a": "v2.0", "b": "v2.3", "c": "2.0", "d": "v2.4", "e": "v1.1", "f": "v2.3.1"}
    assert [line[0] for line in version_problems(given, *known)] == ["c", "d", "e"]


def test_of_another_operator_only_the_form_is_judged() -> None:
    assert version_problems({"x": "99.0.0"}, "7.12.1") == []
    assert len(version_problems({"x": "99"}, "7.12.1")) == 1
