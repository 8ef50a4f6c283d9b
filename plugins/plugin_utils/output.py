# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Who reads this run's standard output: a person at a terminal, a person later, or a program; and what is shown."""

from __future__ import annotations

import os
import re
import sys
from typing import Any, TextIO

from ansible import constants
from ansible.plugins.loader import callback_loader

UNBOUNDED = sys.maxsize
# What a terminal obeys instead of showing it: controls but for tab and new line, and the direction of writing.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
# Of a task's result, what Ansible prints as it is.
_PRINTED = ("msg", "warnings", "progress", "diff")


def is_for_programs() -> bool:
    """Say whether standard output belongs to a callback that programs read, or to none that writes there.

    So do `ansible.posix.json` and `jsonl`, whatever else has JSON in its name, and what writes to a file (`junit`).
    """
    name = str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK"))
    short = name.rpartition(".")[2]
    if "json" in short or short == "null":
        return True
    callback = callback_loader.get(name, class_only=True)
    return callback is not None and getattr(callback, "CALLBACK_TYPE", "stdout") != "stdout"


def is_console() -> bool:
    """Say whether the callback plugin `console` of this collection writes to standard output."""
    return str(constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")) == "seldon.openshift.console"


def columns_of(stream: TextIO) -> int:
    """Return how many characters a line of a terminal takes; UNBOUNDED where `stream` leads to none."""
    try:
        return (os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0) or UNBOUNDED
    except (OSError, ValueError):  # a stream without a descriptor, or one that is closed
        return UNBOUNDED


# Known only here: Ansible imports an action's file before it forks the worker that runs it, and takes the terminal away
# from the worker (ansible-core 2.19, WorkerProcess._detach).
COLUMNS = columns_of(sys.stdout)


def visible(text: str) -> str:
    """Return a text with what a terminal obeys as it is written in Python: whoever may name an object may not draw."""
    return _OBEYED.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def shown(result: dict[str, Any]) -> dict[str, Any]:
    """Return a task's result with everything visible that Ansible prints of it; the rest is data."""
    return {key: _visible(value) if key in _PRINTED else value for key, value in result.items()}


def _visible(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _visible(each) for key, each in value.items()}
    return [_visible(each) for each in value] if isinstance(value, list) else value
