"""Overrides: merged key by key, and null leaves a field out."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.filter.overridden import overridden

GUIDE = {"version": "1", "server": {"route": {"enabled": True}}, "parts": [1, 2]}


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ({}, GUIDE),
        ({"version": "2"}, {**GUIDE, "version": "2"}),
        ({"version": None}, {"server": {"route": {"enabled": True}}, "parts": [1, 2]}),
        ({"ha": None}, GUIDE),
        ({"ha": {"enabled": None}}, GUIDE),
        ({"ha": {}}, {**GUIDE, "ha": {}}),
        ({"ha": {"enabled": False}}, {**GUIDE, "ha": {"enabled": False}}),
        ({"server": {"route": None}}, {"version": "1", "parts": [1, 2]}),
        ({"server": {"route": {"enabled": None}, "x": 1}}, {**GUIDE, "server": {"x": 1}}),
        ({"server": None, "parts": [{"a": None, "b": {"c": None}, "d": 0}]}, {"version": "1", "parts": [{"d": 0}]}),
        ({"version": {"a": {"b": 1}}}, {**GUIDE, "version": {"a": {"b": 1}}}),
    ],
)
def test_null_leaves_a_field_out(overrides: Any, expected: Any) -> None:
    before = {"server": {"route": {"enabled": True}}, "parts": [1, 2]}
    assert overridden(GUIDE, overrides) == expected
    assert {key: GUIDE[key] for key in before} == before
