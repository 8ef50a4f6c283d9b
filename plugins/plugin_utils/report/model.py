# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a report says: the rows of seldon_check in the order to read them, by check, and how many of each status."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import STATUSES

from .names import CHAPTERS

Row = Mapping[str, str]
ASKS_FOR_ACTION = ("fail", "warn")
_KIND = re.compile(r"(?P<kind>[A-Z][A-Za-z]*[a-z]|namespace|operator) \S+$")


@dataclass(frozen=True)
class Group:
    """What one check says with one status. total: how many rows the check has; kind: of what, if all are of one."""

    check: str
    chapter: str
    title: str
    why: str
    status: str
    rows: tuple[Row, ...]
    total: int
    kind: str

    @property
    def count(self) -> str:
        """Return how many it is: `5 of 5 Deployments`."""
        told = f" {_plural(self.kind) if self.total > 1 else self.kind}" if self.kind else ""
        return f"{len(self.rows)} of {self.total}{told}"

    def commands(self) -> dict[str, list[Row]]:
        """Return the commands to type, each once, with the rows that it is for."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            if row["do"]:
                found.setdefault(row["do"], []).append(row)
        return found


@dataclass(frozen=True)
class Report:
    """title: of what. moment: when it was seen, as people read it. rows: the worst first, then as they came."""

    title: str
    moment: str
    rows: tuple[Row, ...]

    @classmethod
    def of(cls, title: str, moment: str, rows: Iterable[Row]) -> Report:
        """Return the report of `rows`, in whatever order they come."""
        return cls(title, moment, tuple(sorted(rows, key=lambda row: STATUSES.index(row["status"]))))

    @property
    def counts(self) -> dict[str, int]:
        """Return the number of rows of each status, the worst first."""
        return {status: sum(row["status"] == status for row in self.rows) for status in STATUSES}

    @property
    def verdict(self) -> str:
        """Return the whole in one sentence."""
        counts = self.counts
        rest = [f"{counts[status]} {word}" for status, word in (("warn", "to look at"), ("skipped", "skipped"))]
        told = ", ".join(part for part in rest if not part.startswith("0 "))
        head = f"{counts['fail']} of {len(self.rows)} checks fail" if counts["fail"] else "Nothing is wrong"
        return f"{head}; {counts['pass']} pass{', ' + told if told else ''}"

    def chapters(self) -> dict[str, list[Row]]:
        """Return the rows of each chapter, the chapter with the worst row first."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row["chapter"], []).append(row)
        return found

    def groups(self, status: str) -> list[Group]:
        """Return the checks with rows of that status, in the order of the guide's chapters."""
        every, found = dict[str, list[Row]](), dict[str, list[Row]]()
        for row in self.rows:
            every.setdefault(row["check"], []).append(row)
            if row["status"] == status:
                found.setdefault(row["check"], []).append(row)
        told = [_group(rows, every[name]) for name, rows in found.items()]
        order = list(CHAPTERS)
        return sorted(told, key=lambda group: order.index(group.chapter) if group.chapter in order else len(order))

    def names(self, status: str) -> list[str]:
        """Return the names of the checks with rows of that status, each once."""
        return list(dict.fromkeys(row["check"] for row in self.rows if row["status"] == status))

    def complaint(self, failing: Iterable[str]) -> str:
        """Return which checks have rows with one of the statuses `failing`."""
        told = (f"{self.counts[s]} {s}: {', '.join(self.names(s))}" for s in failing if self.counts[s])
        return f"{self.title}: {'; '.join(told)}"


def _group(rows: list[Row], every: list[Row]) -> Group:
    """Return the group of some rows of a check, all of which are `every`."""
    kinds = {found["kind"] if (found := _KIND.match(row["subject"])) else "" for row in every}
    kind = kinds.pop() if len(kinds) == 1 else ""
    told = {key: rows[0][key] for key in ("check", "chapter", "title", "why", "status")}
    return Group(**told, rows=tuple(rows), total=len(every), kind=kind)


def _plural(kind: str) -> str:
    if kind.endswith(("s", "x", "ch")):
        return f"{kind}es" if kind.endswith(("ss", "x", "ch")) else kind
    return f"{kind[:-1]}ies" if kind.endswith("y") and kind[-2] not in "aeiou" else f"{kind}s"
