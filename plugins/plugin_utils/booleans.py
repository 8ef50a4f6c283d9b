# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Booleans, however they were typed: pure functions.

`-e name=false` hands over a text, and to Jinja every text but the empty one is true.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean


def truth(value: Any) -> bool:
    """Return what `value` means by the rules of Ansible's argument specs; null is false. Raises ValueError."""
    if value is None:
        return False
    try:
        return boolean(value)
    except TypeError as error:
        raise ValueError(f"{value!r} is not a boolean: use true or false") from error


def like(pattern: Any, value: Any) -> Any:
    """Return `value` with booleans where `pattern` holds some and the value means one; null and the rest stay."""
    if isinstance(pattern, dict) and isinstance(value, dict):
        return {key: like(pattern.get(key), each) for key, each in value.items()}
    if isinstance(pattern, bool) and value is not None:
        try:
            return truth(value)
        except ValueError:
            return value
    return value
