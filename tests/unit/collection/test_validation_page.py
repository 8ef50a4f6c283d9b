"""docs/validation.md says of every check what it is called, when it passes and why it matters."""

from __future__ import annotations

from pathlib import Path

import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS

CHECKOUT = Path(__file__).parents[3]


def test_the_page_tells_every_check_in_the_reports_order() -> None:
    order = yaml.safe_load((CHECKOUT / "roles/validate/vars/main.yml").read_text())["validate_chapters"]
    assert set(order) == set(CHAPTERS)
    rows = [f"| `{check.name}` | {check.title} | {check.why} |" for name in order for check in CHAPTERS[name]]
    page = (CHECKOUT / "docs/validation.md").read_text().splitlines()
    assert [line for line in page if line in rows] == rows
