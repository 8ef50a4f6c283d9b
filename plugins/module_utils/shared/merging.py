# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Mappings merged into mappings: pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merged(there: Any, ours: Any) -> Any:
    """Return `there` with `ours` merged in: mappings key by key, all else replaced."""
    if not isinstance(ours, dict):
        return ours
    base = there if isinstance(there, dict) else {}
    return {**base, **{key: merged(base.get(key), value) for key, value in ours.items()}}


def overridden(there: Any, ours: Any) -> Any:
    """Return `there` with `ours` merged in as `merged` does; what is null in `ours` is left out (RFC 7396).

    So is a mapping of which nothing is left then.
    """
    if isinstance(ours, list):
        return [overridden(None, item) for item in ours]
    if not isinstance(ours, Mapping):
        return ours
    base = dict(there) if isinstance(there, Mapping) else {}
    for key, value in ours.items():
        below = overridden(base.get(key), value)
        if value is None or (below == {} and value):
            base.pop(key, None)
        else:
            base[key] = below
    return base
