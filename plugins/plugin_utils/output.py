# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Who reads this run's standard output: a person at a terminal, a person later, or a program."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from ansible import constants
from ansible.plugins.loader import callback_loader

UNBOUNDED = sys.maxsize


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


def columns_of(stream: TextIO) -> int:
    """Return how many characters a line of a terminal takes; UNBOUNDED where `stream` leads to none."""
    try:
        return (os.get_terminal_size(stream.fileno()).columns if stream.isatty() else 0) or UNBOUNDED
    except (OSError, ValueError):  # a stream without a descriptor, or one that is closed
        return UNBOUNDED


# Known only here: Ansible imports an action's file before it forks the worker that runs it, and takes the terminal away
# from the worker (ansible-core 2.19, WorkerProcess._detach).
COLUMNS = columns_of(sys.stdout)
