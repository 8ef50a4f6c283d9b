# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""When an object's spec and status were written last, by the clock of the API server: pure functions.

For kinds without observedGeneration. The times in conditions are of the operator's clock, and count seconds, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

from ..kube.objects import Object, section

_SURE_SECONDS = 60.0


def spec_written(obj: Object) -> datetime | None:
    """Return when somebody set a field of the spec last, to the second; None when the object does not tell."""
    return _newest(entry for entry in _entries(obj) if not entry.get("subresource") and _has(entry, "f:spec"))


def status_written(obj: Object) -> datetime | None:
    """Return when the status was written last, to the second; None when the object does not tell."""
    return _newest(entry for entry in _entries(obj) if entry.get("subresource") == "status" or _has(entry, "f:status"))


def unchanged_for(obj: Object | None, now: datetime) -> float:
    """Return for how many seconds nobody has written the object; 0 under a minute, as our clock may be another one."""
    last = _newest(iter(_entries(obj or {})))
    seconds = (now - last).total_seconds() if last else 0
    return seconds if seconds >= _SURE_SECONDS else 0


def utc_now() -> datetime:
    """Return the time by our own clock."""
    return datetime.now(timezone.utc)


def is_of_before(told: Object, obj: Object) -> bool:
    """Say whether a condition of `obj` was written before its spec; it may speak of what it was then."""
    when, changed = told.get("lastUpdateTime") or told.get("lastTransitionTime"), spec_written(obj)
    return bool(when and changed and _parsed(when) < changed)


def _parsed(time: str) -> datetime:
    return datetime.fromisoformat(time.replace("Z", "+00:00"))


def _entries(obj: Object) -> list[dict[str, Any]]:
    return section(obj, "metadata").get("managedFields") or []


def _has(entry: dict[str, Any], field: str) -> bool:
    return field in (entry.get("fieldsV1") or {})


def _newest(entries: Iterator[dict[str, Any]]) -> datetime | None:
    return max((_parsed(entry["time"]) for entry in entries if entry.get("time")), default=None)
