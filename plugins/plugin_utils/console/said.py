# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What tasks say, as lines: messages of `debug`, and errors with all that helps. Pure functions over results."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

# What modules of others add to a message that says little.
_DETAILS = ("reason", "stderr", "module_stderr", "stdout", "module_stdout")


# What somebody copies to run it: a new line in it would break it.
_COMMAND = re.compile(r"(^|[ '(])(oc|kubectl|helm|ansible[a-z-]*|curl|-e) ")
_STATES = ("changed", "failed", "skipped", "warnings", "deprecations", "invocation")


def may_be_wrapped(line: str) -> bool:
    """Say whether a line is prose; a terminal goes on with a command in its next line without a break."""
    return not _COMMAND.search(line)


def message_lines(value: Any) -> list[str]:
    """Return a message as lines: a list has a line for each entry, a mapping a heading for each key."""
    if isinstance(value, Mapping):
        return [
            line for key, each in value.items() for line in (f"{key}:", *(f"  {one}" for one in message_lines(each)))
        ]
    if isinstance(value, (list, tuple)):
        return [line for each in value for line in message_lines(each)]
    return str(value).splitlines() or [""]


def debug_lines(result: Mapping[str, Any]) -> list[str]:
    """Return what `debug` shows: its message, or its variable by name."""
    if "msg" in result:
        return message_lines(result["msg"])
    return message_lines(
        {key: value for key, value in result.items() if not key.startswith("_") and key not in _STATES}
    )


def error_lines(result: Mapping[str, Any]) -> list[str]:
    """Return the message of a failed result, as it is, and what else it says."""
    lines = message_lines(result.get("msg") or "it gives no reason")
    return [*lines, *_details(result, "\n".join(lines))]


def _details(result: Mapping[str, Any], message: str) -> Iterator[str]:
    for name in _DETAILS:
        text = str(result.get(name) or "").strip()
        if text and text not in message:
            yield f"{name}:"
            yield from (f"  {line}" for line in text.splitlines())
