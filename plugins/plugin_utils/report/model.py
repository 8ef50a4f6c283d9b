# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a report says: the rows of seldon_check in the order to read them, and how many there are of each status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import STATUSES

Row = Mapping[str, str]
ASKS_FOR_ACTION = ("fail", "warn")


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

    def names(self, status: str) -> list[str]:
        """Return the names of the checks with rows of that status, each once."""
        return list(dict.fromkeys(row["check"] for row in self.rows if row["status"] == status))

    def complaint(self, failing: Iterable[str]) -> str:
        """Return which checks have rows with one of the statuses `failing`."""
        told = (f"{self.counts[s]} {s}: {', '.join(self.names(s))}" for s in failing if self.counts[s])
        return f"{self.title}: {'; '.join(told)}"
