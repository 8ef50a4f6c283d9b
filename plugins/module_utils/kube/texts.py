# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Values that have to be texts, where YAML reads `no`, `~` or `007` as something else: pure functions.

No message shows a value, which may be a password.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def no_texts(values: Mapping[str, Any], path: str = "") -> list[str]:
    """Return what is wrong with each of `values` that is no text, and what to do; `path` stands before its key."""
    return [f"{path}{key} is {_fault(value)}" for key, value in values.items() if not isinstance(value, str)]


def _fault(value: Any) -> str:
    if value is None:
        return "null (leave it out, or say '')"
    if isinstance(value, bool):
        return "a boolean (quote it, or use | string)"
    if isinstance(value, (int, float)):
        return "a number (quote it, or use | string)"
    return f"{'a mapping' if isinstance(value, Mapping) else 'a list'} where a text belongs"
