"""docs/benchmarks.md: one template, filled with the tables of one run and what they were measured with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template

from sandbox.paths import CHECKOUT

TEMPLATE = Path(__file__).with_name("page.md")
PAGE = CHECKOUT / "docs" / "benchmarks.md"


def page(tables: Mapping[str, str], facts: Mapping[str, str], template: str) -> str:
    """Return the page. `tables` are Markdown by the names of the parts. Raises KeyError for one that is missing."""
    return Template(template).substitute({**facts, **tables})


def write(tables: Mapping[str, str], facts: Mapping[str, str]) -> Path:
    """Write the page and return its path. Raises KeyError, before it writes, where something is missing."""
    text = page(tables, facts, TEMPLATE.read_text(encoding="utf-8"))
    PAGE.write_text(text, encoding="utf-8")
    return PAGE
