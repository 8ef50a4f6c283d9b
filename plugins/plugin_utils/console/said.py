# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What tasks say, as lines: messages of `debug`, and errors with all that helps. Pure functions over results."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

# What modules of others add to a message that says little, in a line each, and as texts.
_FACTS = ("cmd", "rc", "assertion")
_DETAILS = ("reason", "stderr", "module_stderr", "stdout", "module_stdout")


# What somebody copies to run it: a new line in it would break it.
_COMMAND = re.compile(r"(^|[ '(])(oc|kubectl|helm|ansible[a-z-]*|curl|-e) ")
_STATES = ("changed", "failed", "skipped", "warnings", "deprecations", "invocation")
_LOOP = ("ansible_loop_var", "ansible_index_var", "ansible_loop")


def may_be_wrapped(line: str) -> bool:
    """Say whether a line is prose; a terminal goes on with a command in its next line without a break."""
    return not _COMMAND.search(line)


def message_lines(value: Any) -> list[str]:
    """Return a message as lines: a list has a line for each entry, a mapping a heading for each key."""
    if isinstance(value, Mapping):
        return [line for key, each in value.items() for line in _keyed_lines(str(key), each)]
    if isinstance(value, (list, tuple)):
        return [line for each in value for line in _entry_lines(each)]
    return str(value).splitlines() or [""]


def debug_lines(result: Mapping[str, Any]) -> list[str]:
    """Return what `debug` shows: its message, or its variable by name."""
    if "msg" in result:
        return message_lines(result["msg"])
    item = str(result.get("ansible_loop_var", ""))
    shown = {key: value for key, value in result.items() if not key.startswith("_") and key not in (*_STATES, *_LOOP)}
    if len(shown) > 1:
        shown.pop(item, None)
    return message_lines(shown)


def error_lines(result: Mapping[str, Any]) -> list[str]:
    """Return the message of a failed result, as it is, and what else it says."""
    unsaid = "what failed_when names" if result.get("failed_when_result") else "it gives no reason"
    lines = message_lines(result.get("msg") or result.get("reason") or result.get("censored") or unsaid)
    return [*lines, *_details(result, "\n".join(lines))]


def deprecation_line(told: Mapping[str, Any]) -> str:
    """Return one of a result's `deprecations` as a line: what is deprecated, and until when it works."""
    until = " ".join(str(told[key]) for key in ("collection_name", "version", "date") if told.get(key))
    return f"deprecated{f', until {until}' if until else ''}: {told.get('msg')}"


def _keyed_lines(key: str, value: Any) -> list[str]:
    """Return a key with its value: on one line when that is one word or sentence, else below it."""
    lines = message_lines(value) or [str(value)]
    if len(lines) == 1 and not isinstance(value, (Mapping, list, tuple)):
        return [f"{key}: {lines[0]}"]
    return [f"{key}:", *(f"  {line}" for line in lines)]


def _entry_lines(value: Any) -> list[str]:
    """Return an entry of a list as lines; where a mapping begins has to be seen."""
    first, *more = message_lines(value) or [str(value)]
    return [f"- {first}", *(f"  {line}" for line in more)] if isinstance(value, Mapping) else [first, *more]


def _details(result: Mapping[str, Any], message: str) -> Iterator[str]:
    for name in _FACTS:
        value = result.get(name)
        if value is not None and name not in message:
            yield f"{name}: {shlex.join(map(str, value)) if isinstance(value, list) else value}"
    for name in _DETAILS:
        text = str(result.get(name) or "").strip()
        if text and text not in message:
            yield f"{name}:"
            yield from (f"  {line}" for line in text.splitlines())
