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
# By the fate of a field.
_FATES = {"refused": CONSENT, "rejected": BLOCKED, "left": KEPT}
# What asks for a decision comes first.
_ORDER = (BLOCKED, CONSENT, UNREAD, CHANGED, KEPT)


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


def plan(findings: Iterable[Entry], width: int = 160) -> dict[str, Any]:
    """Return what findings (findings.py) say of objects of others.

    rows, and the same as lines, whose fields take at most `width` characters; consent: how many objects need it;
    blocked: how many cannot be brought to what is wanted even then, rejected: those by the API server; created: how
    many are new; variables: those that keep what differs.
    """
    entries = list(findings)
    rows = sorted({row: None for entry in entries for row in _rows(entry)}, key=lambda row: _ORDER.index(row.fate))
    named = {fate: {row.object for row in rows if row.fate == fate} for fate in _ORDER}
    return {
        "rows": [asdict(row) for row in rows],
        "lines": list(told(rows, width)),
        "consent": len(named[CONSENT]),
        "blocked": len(named[BLOCKED] | named[UNREAD]),
        "rejected": len({row.object for row in rows if row.fate == BLOCKED and row.field}),
        "created": len({_name(entry) for entry in entries if entry["action"] == "created"}),
        "variables": keeping(entries),
    }


def told(rows: Sequence[Row], width: int) -> Iterator[str]:
    """Yield the plan as lines: each object with its fields below it, those that stay in one line at the end."""
    objects = dict.fromkeys((row.fate, row.object) for row in rows if row.fate != KEPT or row.field)
    for fate, name in objects:
        found = [row for row in rows if (row.fate, row.object) == (fate, name)]
        notes = "; ".join(dict.fromkeys(row.note for row in found if row.note))
        yield f"{name}: {fate}{f' ({notes})' if notes else ''}"
        yield from _fields([row for row in found if row.field], width)
    kept = list(dict.fromkeys(_noted(row) for row in rows if row.fate == KEPT and not row.field))
    if kept:
        yield f"Kept as they are, {len(kept)}: {', '.join(kept)}"


def _noted(row: Row) -> str:
    return f"{row.object} ({row.note})" if row.note else row.object


def _fields(rows: Sequence[Row], width: int) -> Iterator[str]:
    """Yield a line for each field, in columns; what does not fit is cut, a path from its beginning."""
    cells = [(row.field, row.theirs, row.ours) for row in rows]
    longest = [max((len(line[column]) for line in cells), default=0) for column in range(3)]
    limits = _limits(longest, width - len("    ->  "))
    for path, theirs, ours in cells:
        shown = f"  {_cut(path, limits[0]).ljust(limits[0])}  {_cut(theirs, limits[1]).ljust(limits[1])}"
        yield f"{shown} -> {_cut(ours, limits[2])}"


def _rows(entry: Entry) -> Iterator[Row]:
    chapter, action = str(entry.get("chapter") or ""), entry["action"]
    if action == "unread":
        yield Row(
            chapter, f"chapter {chapter}", fate=UNREAD, note=_first_line(entry.get("message")) or "no reason was given"
        )
        return
    fields, name, message = entry.get("fields") or [], _name(entry), _first_line(entry.get("message"))
    for each in fields:
        fate = _FATES.get(each["fate"], CHANGED if entry.get("foreign") else "")
        note = f"{each['manager']} holds it" if each["fate"] == "left" else message if fate == BLOCKED else ""
        if fate:
            yield Row(chapter, name, each["field"], _text(each["live"]), _text(each["wanted"]), fate, note)
    if fields:
        return
    if action in ("failed", "refused"):
        yield Row(chapter, name, fate=BLOCKED, note=message or "no reason was given")
    elif entry.get("foreign"):
        yield Row(chapter, name, fate=KEPT if action == "unchanged" else CHANGED, note=message)


def _name(entry: Entry) -> str:
    place = "/".join(str(part) for part in (entry.get("namespace"), entry.get("name")) if part)
    return " ".join(str(part) for part in (entry.get("kind"), place) if part) or str(entry.get("task") or "")


def _text(value: Any) -> str:
    return "-" if value is None else " ".join(str(value).split())


def _first_line(message: Any) -> str:
    return str(message or "").partition("\n")[0]


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
