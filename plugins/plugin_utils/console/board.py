# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a run waits for now, as a few lines of a terminal: from lines of progress, pure functions over one state."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ..widths import cut

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
# Less than a title and one row is no board.
_SMALLEST = 2
_LINE = re.compile(r"(?P<who>.+?): (?P<what>.*?)(?: \(\d[^()]*\))?", re.DOTALL)
# An operator's package is name enough.
_OPERATOR = re.compile(r"\boperator (?=\S+ in \S+$)| in \S+$")
# How readiness and OLM's states begin when there is nothing more to wait for.
_DONE = ("ready", "succeeded", "installed", "available", "gone")


@dataclass
class Row:
    """One that is waited for: its state, since when (seconds of a clock), and whether that is what is wanted."""

    who: str
    what: str
    since: float
    done: bool = False


@dataclass
class Board:
    """The current stage, and who is waited for in it; moments are seconds of one clock."""

    title: str
    since: float
    rows: dict[str, Row] = field(default_factory=dict)

    def tell(self, line: str, moment: float) -> None:
        """Note a line of progress: '<who>: <state> (<seconds> s)'."""
        found = _LINE.fullmatch(line.strip())
        if found is None or found["who"].startswith("still waiting"):
            return
        who, what = _OPERATOR.sub("", found["who"]), " ".join(found["what"].split())
        done = (what.startswith(_DONE) or what.endswith(" installed")) and "must stay" not in what
        since = self.rows[who].since if who in self.rows else moment
        self.rows[who] = Row(who, what, since, done)

    def lines(self, columns: int, rows: int, moment: float) -> list[str]:
        """Return what fits a terminal of so many columns and rows: the stage, and whom it waits for."""
        waiting = [row for row in self.rows.values() if not row.done]
        turn = SPINNER[int(moment * 10) % len(SPINNER)]
        head = f"{turn} {self.title}  {duration(moment - self.since)}"
        room = max(rows - _SMALLEST, 0)
        shown = waiting if len(waiting) <= room else waiting[: max(room - 1, 0)]
        more = len(waiting) - len(shown)
        width = min(max((len(row.who) for row in shown), default=0), columns // 2)
        told = [f"  {cut(row.who, width):{width}}  {duration(moment - row.since):>7}  {row.what}" for row in shown]
        rest = [f"  and {more} more"] if more and room else []
        return [cut(line, columns - 1) for line in [head, *told, *rest]]


def duration(seconds: float) -> str:
    """Return seconds as a person reads them: '4.2 s', '75 s', '12 min'."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 600 else f"{seconds / 60:.0f} min"
