# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The rows of a report in HTML: grouped by check, failures first and open, passes folded by chapter."""

from __future__ import annotations

from collections.abc import Iterator

from .comparison import Comparison
from .markup import Markup, element, joined
from .model import Group, Report, Row
from .names import chapter_title
from .picture import SYMBOLS, WORDS

OPEN = {"fail": "What fails", "warn": "What to look at"}
FOLDED = {"skipped": "What could not be checked from here", "pass": "What works"}


def tiles(report: Report) -> Markup:
    """Return the counts, each of which shows its rows alone."""
    counts = {"all": len(report.rows), **report.counts}
    return joined(_tile(status, number) for status, number in counts.items())


def _tile(status: str, number: int) -> Markup:
    choice = element("input", type="radio", name="show", id=f"show-{status}", checked=status == "all")
    symbol = element("span", SYMBOLS.get(status, ""), class_="symbol", aria_hidden="true")
    return element(
        "label", choice, symbol, element("b", str(number)), f" {WORDS.get(status, status)}", class_=f"tile {status}"
    )


def sections(report: Report) -> Markup:
    """Return what asks for action, each check open with its rows and commands."""
    return joined(
        _open(status, title, report.groups(status)) for status, title in OPEN.items() if report.counts[status]
    )


def folded(report: Report) -> Markup:
    """Return what asks for nothing, each chapter folded."""
    return joined(_folded(status, title, report) for status, title in FOLDED.items() if report.counts[status])


def _open(status: str, title: str, groups: list[Group]) -> Markup:
    seen: set[str] = set()
    cards = []
    for group in groups:
        first = group.chapter not in seen
        seen.add(group.chapter)
        cards.append(_card(group, f"{status}-{group.chapter}" if first else ""))
    return _section(status, title, cards)


def _section(status: str, title: str, parts: list[Markup]) -> Markup:
    name = f"{status}-title"
    heading = element("h2", element("span", SYMBOLS[status], class_="symbol", aria_hidden="true"), title, id=name)
    return element("section", heading, *parts, class_=f"rows {status}", aria_labelledby=name)


def _card(group: Group, anchor: str) -> Markup:
    head = element("h3", group.title)
    told = (chapter_title(group.chapter), " · ", element("span", _counted(group)), " · ", element("code", group.check))
    where = element("p", *told, class_="where")
    commands = group.commands()
    shared = len(commands) == 1
    rows = element("ul", *(_item(row, "" if shared else row["do"]) for row in group.rows), class_="items")
    todo = joined(map(_command, commands)) if shared else ""
    why = element("p", group.why, class_="why")
    return element("article", head, where, why, rows, todo, class_="group", id=anchor)


def _counted(group: Group) -> str:
    word = "fails" if (group.status, len(group.rows)) == ("fail", 1) else WORDS[group.status]
    return word if group.total == 1 else f"{group.count} {word}"


def _item(row: Row, command: str) -> Markup:
    told = [element("b", row["subject"]), " ", element("span", row["seen"])]
    return element("li", *told, _command(command) if command else "", class_="item")


def _command(command: str) -> Markup:
    # The button comes with the script: without it there is nothing to press.
    return element("div", element("pre", element("code", command)), class_="command")


def _folded(status: str, title: str, report: Report) -> Markup:
    chapters: dict[str, list[Group]] = {}
    for group in report.groups(status):
        chapters.setdefault(group.chapter, []).append(group)
    return _section(status, title, [*map(_chapter, chapters.values())])


def _chapter(groups: list[Group]) -> Markup:
    number, status, chapter = sum(len(group.rows) for group in groups), groups[0].status, groups[0].chapter
    name = element("span", chapter_title(chapter), class_="name")
    head = element("summary", name, element("span", f"{number} {WORDS[status]}", class_="count"))
    # The anchor is inside: a browser opens what it leads into.
    body = element("div", *map(_line, groups), id=f"{status}-{chapter}", class_="checks")
    return element("details", head, body, class_="chapter")


def _line(group: Group) -> Markup:
    """Return a check that asks for nothing: its one row beside it, or its rows folded below."""
    title = element("span", group.title, " ", element("code", group.check), class_="name")
    if len(group.rows) == 1:
        row = group.rows[0]
        seen = element("span", row["subject"], ": ", row["seen"], class_="seen")
        return element("div", title, seen, class_="group line")
    head = element("summary", title, element("span", group.count, class_="count"))
    rows = element("ul", *(_item(row, "") for row in group.rows), class_="items")
    return element("details", head, element("p", group.why, class_="why"), rows, class_="group line")


def changes(comparison: Comparison) -> Markup:
    """Return what is new since an earlier report."""
    parts = [
        _list("New failures", "fail", (_told(row) for row in comparison.failing)),
        _list("Healed", "pass", (_told(row) for row in comparison.healed)),
        _list(
            "Changed versions",
            "skipped",
            (element("li", element("b", each.title), " ", each.told) for each in comparison.versions),
        ),
        _unseen(comparison),
    ]
    heading = element("h2", comparison.verdict, id="since")
    return element("section", heading, *parts, class_="changes", aria_labelledby="since")


def _told(row: Row) -> Markup:
    return element("li", element("b", row["subject"]), " ", row["seen"], " ", element("code", row["check"]))


def _list(title: str, status: str, items: Iterator[Markup]) -> Markup:
    found = list(items)
    return element("div", element("h3", title), element("ul", *found), class_=status) if found else Markup()


def _unseen(comparison: Comparison) -> Markup:
    if not comparison.unseen:
        return Markup()
    names = ", ".join(map(chapter_title, comparison.unseen))
    return element("p", f"Not compared, because only one of the two reports has looked at it: {names}.", class_="hint")
