# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The log of a run, beside its report: every task with its result, and everything that was printed."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

OURS = 0o600


class RunLog:
    """A file that only its owner reads; the log of the run before is kept beside it, as `<name>.1`."""

    def __init__(self, path: Path) -> None:
        """Begin the log. Raises OSError when that is not possible."""
        self.path = path
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            path.replace(path.with_name(f"{path.name}.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OURS)
        self._file: TextIO = os.fdopen(descriptor, "w", encoding="utf-8", buffering=1)

    def write(self, text: str) -> None:
        """Add lines, each with the time of day. A disk that is full ends no run."""
        now = f"{datetime.now():%H:%M:%S}"
        with suppress(OSError):
            self._file.writelines(f"{now} {line}\n" for line in text.splitlines())


def log_path(folder: Any, playbook: str) -> Path | None:
    """Return where the log of a playbook goes: to the folder of the report; None where that is none, or not known."""
    if not isinstance(folder, str) or not folder or "{{" in folder:
        return None
    return Path(os.path.expandvars(folder)).expanduser().resolve() / f"{Path(playbook).stem}.log"
