# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The report as one HTML page: nothing to load, no script, readable on a phone, in light and dark."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from .model import Report, Row

PAGE = Path(__file__).with_name("page.html")
WORDS = {"fail": "fail", "warn": "to look at", "skipped": "skipped", "pass": "pass"}


def html(report: Report) -> str:
    """Return the page; every value in it is escaped."""
    counts = report.counts
    return Template(PAGE.read_text(encoding="utf-8")).substitute(
        title=escape(report.title),
        moment=escape(report.moment),
        verdict=escape(report.verdict),
        worst="fail" if counts["fail"] else "warn" if counts["warn"] else "pass",
        tiles="".join(_tile(status, number) for status, number in counts.items()),
        total=str(len(report.rows)),
        chapters="".join(_chapter(name, rows) for name, rows in report.chapters().items()),
    )


def _tile(status: str, number: int) -> str:
    return f'<label for="show-{status}" class="tile {status}"><b>{number}</b> {WORDS[status]}</label>'


def _chapter(name: str, rows: list[Row]) -> str:
    held = " ".join(dict.fromkeys(f"has-{row['status']}" for row in rows))
    body = "".join(_row(row) for row in rows)
    return f'<section class="{held}"><h2>{escape(name.replace("_", " "))}</h2>{body}</section>\n'


def _row(row: Row) -> str:
    status, todo = row["status"], ""
    if row["do"]:
        todo = f"<dt>What to do</dt><dd><code>{escape(row['do'])}</code></dd>"
    return (
        f'<details class="row {escape(status)}"><summary><span class="badge">{escape(status)}</span>'
        f"<span><b>{escape(row['title'])}</b><br>{escape(row['subject'])}: {escape(row['seen'])}</span></summary>"
        f"<dl><dt>Why it matters</dt><dd>{escape(row['why'])}</dd>{todo}"
        f"<dt>Check</dt><dd>{escape(row['check'])}</dd></dl></details>"
    )
