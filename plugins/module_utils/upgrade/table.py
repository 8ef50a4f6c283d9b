# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""How everything stands, as lines for a person: pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .operands import Product
from .operators import Standing

_HEADS = ("operator", "installed", "wanted", "newest", "next step")
_PRODUCTS = ("product", "runs", "wanted", "to say", "")


def lines(operators: Sequence[Standing], found: Sequence[Product]) -> list[str]:
    """Return two tables, each with what is in the way below its row."""
    rows = [[f"{each.chapter}: {each.name}", *_versions(each)] for each in operators]
    told = [[*_why(each.blocked, "blocked"), *each.notes] for each in operators]
    below = [
        [
            f"{each.chapter}: {each.what} {each.namespace}/{each.name}",
            each.live or "-",
            each.wanted or "any",
            _say(each),
        ]
        for each in found
    ]
    more = [_why((each.blocked,) if each.blocked else (), "blocked") for each in found]
    return [*_table(_HEADS, rows, told), *_table(_PRODUCTS, below, more)]


def _versions(each: Standing) -> list[str]:
    return [_short(csv) for csv in (each.installed, each.wanted, each.newest)] + [_step(each)]


def _step(each: Standing) -> str:
    if each.adopted:
        return "its owner's"
    if each.automatic or not each.installed:
        return "-"
    if each.goal == each.installed:
        return f"{_short(each.next)} is offered" if each.next else "none"
    way = f"{_short(each.next)}, then {_short(each.goal)}" if each.next not in ("", each.goal) else _short(each.goal)
    return f"to {way}"


def _short(csv: str) -> str:
    """Return the version in the name of a CSV: `v2.2.0-4` of `amqstreams.v2.2.0-4`."""
    return csv.partition(".")[2] or csv or "-"


def _say(each: Product) -> str:
    if not each.steps:
        return "-"
    way = f" ({', '.join(each.steps)})" if len(each.steps) > 1 else ""
    return f"-e upgrade={each.chapter}{way}"


def _why(reasons: Sequence[str], word: str) -> list[str]:
    return [f"{word}: {reason}" for reason in reasons]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows in columns, each followed by its notes."""
    if not rows:
        return
    columns = [max(len(row[place]) for row in (heads, *rows)) for place in range(len(rows[0]))]
    for row, below in zip((heads, *rows), ((), *notes)):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, columns)).rstrip()
        yield from (f"    {note}" for note in below)
