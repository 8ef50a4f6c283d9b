# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A report beside an earlier one of the same cluster: what fails since, what is healed, which versions changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from ..widths import cut
from .model import Report, Row
from .names import chapter_title, product
from .platform import OPENSHIFT, Platform

# Of report.json: it grows when a key goes or means something else. The first had no such number.
SCHEMA = 2
Key = tuple[str, str]
KEPT = ("check", "chapter", "subject", "seen")
NEXT = "Next: give the report.json of an earlier validate.yml (-e validate_baseline=FILE), or leave it out."


class NoBaseline(Exception):
    """The earlier report cannot be compared with; the text says why and what to do."""


@dataclass(frozen=True)
class Baseline:
    """An earlier report. failing: its rows that fail. complete: whether all that its platform tells could be read."""

    moment: str
    cluster: str
    api: str
    failing: Mapping[Key, Row]
    chapters: frozenset[str]
    versions: Mapping[tuple[str, str, str], str]
    complete: bool


@dataclass(frozen=True)
class Changed:
    """Of what the version is another one than before; empty where there was none, or is none any more."""

    kind: str
    name: str
    namespace: str
    before: str
    after: str

    @property
    def title(self) -> str:
        """Return what people call it."""
        return OPENSHIFT if self.kind == OPENSHIFT else product(self.kind, self.name)

    @property
    def told(self) -> str:
        """Return the change in words."""
        return f"{self.before or 'not there'} → {self.after or 'not there'}"


@dataclass(frozen=True)
class Comparison:
    """What is new since `moment`. unseen: chapters of only one of the two reports, of which nothing is compared."""

    moment: str
    failing: tuple[Row, ...]
    healed: tuple[Row, ...]
    versions: tuple[Changed, ...]
    unseen: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Return the whole in one sentence."""
        parts = (
            (len(self.failing), "new failure", "new failures"),
            (len(self.healed), "healed", "healed"),
            (len(self.versions), "version changed", "versions changed"),
        )
        told = [f"{number} {one if number == 1 else more}" for number, one, more in parts if number]
        return f"Since {self.moment}: {', '.join(told) or 'nothing has changed'}"

    def lines(self, width: int) -> Iterator[tuple[str, str]]:
        """Yield (status, line) for a terminal, each line at most `width` wide."""
        for status, line in self._lines():
            yield status, cut(line, width)

    def _lines(self) -> Iterator[tuple[str, str]]:
        yield "", self.verdict
        for row in self.failing:
            yield "fail", f"  new      {row['check']}  {row['subject']}: {row['seen']}"
        for row in self.healed:
            yield "pass", f"  healed   {row['check']}  {row['subject']}: {row['seen']}"
        for each in self.versions:
            yield "", f"  version  {each.title}: {each.told}"
        if self.unseen:
            yield "", f"  not compared: {', '.join(map(chapter_title, self.unseen))}"

    def as_json(self) -> dict[str, Any]:
        """Return it as report.json holds it."""
        return {
            "baseline": self.moment,
            "new_failures": [{key: row[key] for key in KEPT} for row in self.failing],
            "healed": [{key: row[key] for key in KEPT} for row in self.healed],
            "versions": [asdict(each) for each in self.versions],
            "not_compared": list(self.unseen),
        }


def read(path: Path) -> Baseline:
    """Return the report of a file. Raises NoBaseline."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NoBaseline(f"the earlier report {path} cannot be read: {error.strerror}. {NEXT}") from error
    except ValueError as error:
        raise NoBaseline(f"the earlier report {path} is no JSON: {error}. {NEXT}") from error
    if not isinstance(found, dict) or not isinstance(found.get("checks"), list):
        raise NoBaseline(f"{path} is no report.json of validate.yml: it has no checks. {NEXT}")
    if "schema" not in found:
        raise NoBaseline(f"the earlier report {path} is of an older format, which names no cluster. {NEXT}")
    if found["schema"] != SCHEMA:
        raise NoBaseline(
            f"the earlier report {path} has format {found['schema']}, and this collection compares {SCHEMA}. {NEXT}"
        )
    try:
        return _baseline(found)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise NoBaseline(f"the earlier report {path} is damaged ({type(error).__name__}: {error}). {NEXT}") from error


def _baseline(found: Mapping[str, Any]) -> Baseline:
    rows = [{key: str(row[key]) for key in (*KEPT, "status")} for row in found["checks"]]
    platform = Platform.of(found["platform"], "", None)
    return Baseline(
        moment=f"{datetime.fromisoformat(found['moment']):%Y-%m-%d %H:%M} UTC",
        cluster=platform.cluster,
        api=platform.api,
        failing={_key(row): row for row in rows if row["status"] == "fail"},
        chapters=frozenset(row["chapter"] for row in rows),
        versions=platform.running(),
        complete=not platform.unread,
    )


def fail_on_another_cluster(path: Path, baseline: Baseline, now: Platform) -> None:
    """Raise NoBaseline when a report is of another cluster; where one of the two names none, nothing can be told."""
    if baseline.cluster and now.cluster and baseline.cluster != now.cluster:
        raise NoBaseline(
            f"the earlier report {path} is of another cluster: of {baseline.api or 'one without an address'}, and this "
            f"is {now.api}. {NEXT}"
        )


def compare(baseline: Baseline, report: Report, now: Platform) -> Comparison:
    """Return what is new; chapters that only one of the two has looked at say nothing."""
    looked = {row["chapter"] for row in report.rows}
    both = [row for row in report.rows if row["chapter"] in baseline.chapters]
    return Comparison(
        moment=baseline.moment,
        failing=tuple(row for row in both if row["status"] == "fail" and _key(row) not in baseline.failing),
        healed=tuple(_healed(baseline, both)),
        versions=tuple(_changed(baseline, now)),
        unseen=tuple(sorted(looked ^ baseline.chapters)),
    )


def _healed(baseline: Baseline, rows: list[Row]) -> Iterator[Row]:
    """Yield what failed and works now; a subject that is no longer told of is healed when its whole check passes."""
    for key, before in baseline.failing.items():
        now = [row for row in rows if _key(row) == key]
        statuses = {row["status"] for row in now or rows if row["check"] == before["check"]}
        if statuses and statuses <= {"pass", "warn"}:
            yield now[0] if now else {**before, "seen": "no longer fails"}


def _key(row: Row) -> Key:
    return row["check"], row["subject"]


def _changed(baseline: Baseline, now: Platform) -> Iterator[Changed]:
    after = now.running()
    for key in dict.fromkeys([*baseline.versions, *after]):
        old, new = baseline.versions.get(key, ""), after.get(key, "")
        # What could not be read is not absent.
        if old != new and (old or baseline.complete) and (new or not now.unread):
            yield Changed(*key, old, new)
