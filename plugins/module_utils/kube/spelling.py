# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What somebody may have meant by a name that is none: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

# How much two names are alike, from 0 to 1, by difflib.
ALIKE = 0.6


def nearest(name: str, known: Iterable[str], alike: float = ALIKE) -> str:
    """Return which of `known` is most like `name`, empty when none is as much as `alike`."""
    return next(iter(get_close_matches(name, list(known), 1, alike)), "")


def advice(meant: Sequence[str], known: Iterable[str]) -> str:
    """Return the question whether one of `meant` was, or when these are none, all names that are `known`."""
    return f"did you mean {' or '.join(meant)}?" if meant else f"there are: {', '.join(known)}"
