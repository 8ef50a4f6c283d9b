# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Lines that fit a terminal."""

from __future__ import annotations


def cut(text: str, width: int) -> str:
    """Return a text that is at most so many characters wide; one that is cut ends with an ellipsis."""
    return text if len(text) <= width else f"{text[: max(width - 1, 0)]}…"
