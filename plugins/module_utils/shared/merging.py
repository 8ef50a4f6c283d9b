# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Mappings merged into mappings: a pure function."""

from __future__ import annotations

from typing import Any


def merged(there: Any, ours: Any) -> Any:
    """Return `there` with `ours` merged in: mappings key by key, all else replaced."""
    if not isinstance(ours, dict):
        return ours
    base = there if isinstance(there, dict) else {}
    return {**base, **{key: merged(base.get(key), value) for key, value in ours.items()}}
