"""The Makefile's targets, as who types them gets them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make in the checkout and return its end, with both outputs in one."""
    # A make of its own: it must not take part in the job counting of the make that runs us.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment.pop("ARGS", None)
    environment |= {"COLUMNS": "160", "NO_COLOR": "1"}
    command = ["make", *arguments]
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
