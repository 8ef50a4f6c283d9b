"""The table of all checks in docs/validation.md, from the checks themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS

from tools.tables import replaced

PAGE = "docs/validation.md"
ORDER = "roles/validate/vars/main.yml"
HEAD = ("| check | passes when | why it matters |", "|---|---|---|")


def texts(checkout: Path) -> dict[Path, str]:
    """Return what the page should hold.

    Raises LookupError when the page has no such table, or a chapter of the report has no checks.
    """
    page = checkout / PAGE
    chapters = yaml.safe_load((checkout / ORDER).read_text())["validate_chapters"]
    return {page: replaced(page.read_text(), PAGE, HEAD, list(rows(chapters)))}


def rows(chapters: list[str]) -> Iterator[str]:
    """Yield a row for every check of these chapters, in the order of the report."""
    for chapter in chapters:
        for check in CHAPTERS[chapter]:
            yield f"| `{check.name}` | {check.title} | {check.why} |"
