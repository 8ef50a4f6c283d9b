"""For how long nobody has written an object."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.written import unchanged_for

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def written(*seconds_ago: float) -> dict[str, Any]:
    times = [(NOON - timedelta(seconds=each)).strftime("%Y-%m-%dT%H:%M:%SZ") for each in seconds_ago]
    return {"metadata": {"managedFields": [{"manager": "x", "time": time} for time in times]}}


@pytest.mark.parametrize(
    ("obj", "seconds"),
    [
        (written(300, 60), 60),
        # The API server's clock and ours may differ.
        (written(59), 0),
        (written(-5), 0),
        (written(), 0),
        ({"metadata": {"managedFields": [{"manager": "before times were kept"}]}}, 0),
        (None, 0),
    ],
)
def test_only_a_minute_and_more_count(obj: dict[str, Any] | None, seconds: float) -> None:
    assert unchanged_for(obj, NOON) == seconds
