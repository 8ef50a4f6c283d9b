"""Every check that is a program of its own passes; `make NAME` runs it alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "gate",
    ["molecule", "sanity", "galaxy", "docs", "ansible-lint", "mypy", "yamllint", "ruff", "changelog", "shellcheck"],
)
def test_gate(gate: str) -> None:
    # A make of its own: it must not take part in the job counting of the make that runs us.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    environment.pop("ARGS", None)
    environment |= {"COLUMNS": "160", "NO_COLOR": "1"}
    result = subprocess.run(
        ["make", gate], cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert result.returncode == 0, f"make {gate} failed:\n{result.stdout}"
