"""What is written in two ways and means the same is written as it is on the cluster."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.apply.meaning import aligned, quantity


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1", 1),
        (1, 1),
        ("1000m", 1),
        ("1.5", Decimal("1.5")),
        ("4Gi", 4 * 1024**3),
        ("4096Mi", 4 * 1024**3),
        ("1e3", 1000),
        ("1k", 1000),
        ("5G", 5 * 10**9),
        ("0.5Ki", 512),
        ("-1", -1),
        (".5", Decimal("0.5")),
        ("100n", Decimal("1e-7")),
        ("1K", None),
        ("Gi", None),
        ("1 Gi", None),
        ("1mi", None),
        ("", None),
        (True, None),
        (None, None),
    ],
)
def test_quantities(text: Any, value: Any) -> None:
    assert quantity(text) == value


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        ({"resources": {"limits": {"cpu": "1"}}}, {"resources": {"limits": {"cpu": "1000m"}}}),
        ({"requests": {"memory": "4Gi", "cpu": 2}}, {"requests": {"memory": "4096Mi", "cpu": "2"}}),
        ({"requests": {"storage": "1Ti"}}, {"requests": {"storage": "1024Gi"}}),
        ({"hard": {"pods": 5}}, {"hard": {"pods": "5"}}),
        ({"members": ["a", "b"]}, {"members": ["b", "a"]}),
        ({"rules": [{"verbs": ["get", "list"]}]}, {"rules": [{"verbs": ["list", "get"]}]}),
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]},
            {"env": [{"name": "B", "value": "2"}, {"name": "A", "value": "1"}]},
        ),
        (
            {"containers": [{"name": "c", "resources": {"limits": {"cpu": "0.5"}}}]},
            {"containers": [{"name": "c", "resources": {"limits": {"cpu": "500m"}}}]},
        ),
    ],
)
def test_the_same_in_other_words(desired: Any, live: Any) -> None:
    assert aligned(desired, live) == live


@pytest.mark.parametrize(
    ("desired", "live"),
    [
        ({"limits": {"cpu": "1"}}, {"limits": {"cpu": "1001m"}}),
        ({"value": "1"}, {"value": "1000m"}),
        ({"annotations": {"limit": "1"}}, {"annotations": {"limit": "1000m"}}),
        ({"args": ["a", "b"]}, {"args": ["b", "a"]}),
        ({"members": ["a", "b"]}, {"members": ["a"]}),
        ({"members": ["a", "a"]}, {"members": ["a", "b"]}),
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)"}]},
            {"env": [{"name": "B", "value": "$(A)"}, {"name": "A", "value": "1"}]},
        ),
        (
            {"env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]},
            {"env": [{"name": "A", "value": "2"}, {"name": "B", "value": "1"}]},
        ),
        ({"limits": {"cpu": True}}, {"limits": {"cpu": 1}}),
        ({"a": 1}, None),
        ({"a": [1]}, {"a": {}}),
    ],
)
def test_what_differs_stays_as_it_is_wanted(desired: Any, live: Any) -> None:
    assert aligned(desired, live) == desired
