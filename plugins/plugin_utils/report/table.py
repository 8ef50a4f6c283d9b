# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The report in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from ..widths import cut
from .model import ASKS_FOR_ACTION, Report, Row


def lines(report: Report, width: int) -> Iterator[tuple[str, str]]:
    """Yield (status, line): what is wrong, one line each and at most `width` wide, then what passes, by chapter.

    At the end comes what to do, once for all that it heals. The status of a line that is about no row is empty.
    """
    yield "", f"{report.title}: {report.verdict}"
    yield "", ""
    column = max((len(row["check"]) for row in report.rows), default=0)
    for row in report.rows:
        if row["status"] != "pass":
            yield (
                row["status"],
                cut(f"{row['status']:<8}{row['check']:<{column}}  {row['subject']}: {row['seen']}", width),
            )
    passing: dict[str, list[str]] = {}
    for name in report.names("pass"):
        chapter, _dot, check = name.partition(".")
        passing.setdefault(chapter, []).append(check)
    for chapter, checks in passing.items():
        yield "pass", cut(f"{'pass':<8}{chapter:<{column}}  {', '.join(checks)}", width)
    todo: dict[str, list[Row]] = {}
    for row in report.rows:
        if row["status"] in ASKS_FOR_ACTION and row["do"]:
            todo.setdefault(row["do"], []).append(row)
    if todo:
        yield "", ""
        yield "", "What to do:"
    for do, rows in todo.items():
        yield rows[0]["status"], f"  {do}  ({', '.join(dict.fromkeys(row['check'] for row in rows))})"
