# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which failures pass by themselves, and how long to wait before the next attempt: pure functions."""

from __future__ import annotations

import random

from .errors import ApiError

JSON_PATCH = "application/json-patch+json"
_OVERLOADED = (500, 502, 503, 504)
# The server answers 500 to these although the request itself is at fault (seen on Kubernetes 1.24).
_PERMANENT = (
    "failed to create typed patch object",
    "field not declared in schema",
    "failed to create manager for existing fields",
)


def is_idempotent(method: str, content_type: str) -> bool:
    """Say whether repeating the request leads to the same state: all but POST and JSON patches."""
    return method != "POST" and not (method == "PATCH" and content_type == JSON_PATCH)


def is_transient(error: ApiError, idempotent: bool) -> bool:
    """Say whether the same request may succeed a moment later."""
    if error.status == 429:
        return True
    if error.status not in _OVERLOADED or any(text in error.message for text in _PERMANENT):
        return False
    # A webhook that can't be called yet refuses before anything is stored, so every method may be repeated.
    return idempotent or "failed calling webhook" in error.message


def is_race(method: str, error: ApiError) -> bool:
    """Say whether another client wrote while the server patched: a patch names no version, so it may be repeated."""
    return method == "PATCH" and error.status == 409 and not is_ownership_conflict(error)


def is_ownership_conflict(error: ApiError) -> bool:
    """Say whether a 409 is about fields of another manager (repeating does not help), not about a race."""
    return any(cause.get("reason") == "FieldManagerConflict" for cause in error.causes)


def pause(attempt: int, retry_after: float | None = None, first: float = 0.05, longest: float = 8.0) -> float:
    """Return the seconds to wait after attempt number `attempt` (from 0).

    They double from `first` up to `longest`, less a random part of up to a half; and are `retry_after` at least.
    """
    jitter = random.uniform(0.5, 1.0)  # noqa: S311 (spreads clients, protects nothing)
    seconds = jitter * min(first * 2.0 ** min(attempt, 32), longest)
    return max(seconds, retry_after or 0.0)
