# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What site.yml would do with objects that others made: from findings to a table, and to variables: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.seldon.openshift.plugins.plugin_utils.adoption_variables import keeping

Entry = Mapping[str, Any]

KEPT, CHANGED, CONSENT, BLOCKED, UNREAD = "kept", "changed", "needs consent", "blocked", "not read"
# What asks for a decision comes first.
_ORDER = (BLOCKED, CONSENT, UNREAD, CHANGED, KEPT)
_TITLES = ("object", "field", "theirs", "ours", "what happens")


@dataclass(frozen=True)
class Row:
    """One line of the plan: an object (or one field of it), its value and the wanted one, and what would become of it.

    note: why, where the values do not tell.
    """

    chapter: str
    object: str
    field: str = ""
    theirs: str = ""
    ours: str = ""
    fate: str = KEPT
    note: str = ""

    @property
    def outcome(self) -> str:
        """What becomes of it, and why."""
        return f"{self.fate}: {self.note}" if self.note else self.fate


def plan(findings: Iterable[Entry], width: int = 160) -> dict[str, Any]:
    """Return what findings (findings.py) say of objects of others.

    `rows` of the table, its `lines` of at most `width` characters, `consent`: how many objects need it, `blocked`: how
    many cannot be brought to what is wanted even then, `created`: how many are new, and `variables` that keep what
    differs.
    """
    entries = list(findings)
    rows = sorted({row: None for entry in entries for row in _rows(entry)}, key=lambda row: _ORDER.index(row.fate))
    named = {fate: {row.object for row in rows if row.fate == fate} for fate in _ORDER}
    return {
        "rows": [asdict(row) for row in rows],
        "lines": list(table(rows, width)),
        "consent": len(named[CONSENT]),
        "blocked": len(named[BLOCKED] | named[UNREAD]),
        "created": len({_name(entry) for entry in entries if entry["action"] == "created"}),
        "variables": keeping(entries),
    }


def table(rows: Sequence[Row], width: int) -> Iterator[str]:
    """Yield the lines of the table; cells that do not fit are cut, the field's first from its beginning."""
    if not rows:
        return
    cells = [_TITLES, *((row.object, row.field, row.theirs, row.ours, row.outcome) for row in rows)]
    longest = [max(len(line[column]) for line in cells) for column in range(len(_TITLES))]
    limits = _limits(longest, width - 2 * (len(_TITLES) - 1))
    for line in cells:
        shown = [_cut(text, limit).ljust(limit) for text, limit in zip(line, limits)]
        yield "  ".join(shown).rstrip()


def _rows(entry: Entry) -> Iterator[Row]:
    chapter, action = str(entry.get("chapter") or ""), entry["action"]
    if action == "unread":
        yield Row(chapter, f"chapter {chapter}", fate=UNREAD, note=_first_line(entry.get("message")))
        return
    fields, name = entry.get("fields") or [], _name(entry)
    for each in fields:
        fate = {"refused": CONSENT, "left": KEPT}.get(each["fate"], CHANGED if entry.get("foreign") else "")
        if fate:
            note = f"{each['manager']} holds it" if each["fate"] == "left" else ""
            yield Row(chapter, name, each["field"], _text(each["live"]), _text(each["wanted"]), fate, note)
    if fields:
        return
    if action in ("failed", "refused"):
        yield Row(chapter, name, fate=BLOCKED, note=_first_line(entry.get("message")))
    elif entry.get("foreign"):
        note = _first_line(entry.get("message")) if entry.get("message") else ""
        yield Row(chapter, name, fate=KEPT if action == "unchanged" else CHANGED, note=note)


def _name(entry: Entry) -> str:
    place = "/".join(str(part) for part in (entry.get("namespace"), entry.get("name")) if part)
    return " ".join(str(part) for part in (entry.get("kind"), place) if part) or str(entry.get("task") or "")


def _text(value: Any) -> str:
    return "-" if value is None else " ".join(str(value).split())


def _first_line(message: Any) -> str:
    return str(message or "no reason was given").partition("\n")[0]


def _limits(longest: list[int], width: int) -> list[int]:
    """Return the columns' widths: those that fit are kept, the widest give way."""
    limits = list(longest)
    while sum(limits) > width and max(limits) > 12:
        limits[limits.index(max(limits))] -= 1
    return limits


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"…{text[1 - limit :]}" if text.startswith(".") else f"{text[: limit - 1]}…"
