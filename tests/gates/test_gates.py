"""Every check that is a program of its own passes; `make NAME` runs it alone."""

from __future__ import annotations

import pytest

from tests.making import make

GATES = ["molecule", "sanity", "galaxy", "docs", "ansible-lint", "mypy", "yamllint", "ruff", "changelog", "shellcheck"]


@pytest.mark.parametrize("gate", GATES)
def test_gate(gate: str) -> None:
    result = make(gate)
    assert result.returncode == 0, f"make {gate} failed:\n{result.stdout}"
