# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""From the findings of a play in check mode to rows of a report, and to JSON: pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..findings import UNMET, named
from .model import Report, Row

Entry = Mapping[str, Any]

# Of the JSON: it grows when a key goes or means something else.
SCHEMA = 1
# drifted: site.yml would write it. failed: site.yml would fail there, or it could not be read. left: a controller holds
# other values, which site.yml leaves to it. same: as wanted.
DRIFTED, FAILED, LEFT, SAME = "drifted", "failed", "left", "same"
STATUS = {DRIFTED: "fail", FAILED: "fail", LEFT: "warn", SAME: "pass"}
_KEPT = ("chapter", "task", "api_version", "kind", "namespace", "name", "action", "message", "fields")
_OBJECT = ("api_version", "kind", "namespace", "name")
_WORDS = {
    "created": "is missing",
    "deleted": "is there, and should not be",
    "pruned": "is there, and should not be",
    "absent": "is absent, as wanted",
    "unchanged": "is as wanted",
}
_SUMS = {DRIFTED: "differ", FAILED: "cannot be told", LEFT: "left as they are", SAME: "as wanted"}
_WHY = {
    DRIFTED: "The next run of site.yml changes it.",
    FAILED: "A run of site.yml would fail here, or it could not be read.",
    LEFT: "A controller holds other values, or somebody added what is not ours to remove: site.yml leaves it alone.",
    SAME: "A run of site.yml writes nothing.",
}


@dataclass(frozen=True)
class DriftReport(Report):
    """The report of a comparison; its rows are of objects."""

    @property
    def verdict(self) -> str:
        """Return the whole in one sentence."""
        told = [f"{len(found)} {word}" for name, word in _SUMS.items() if (found := self._subjects(name))]
        return f"{'' if self.counts['fail'] else 'Nothing has drifted; '}{', '.join(told)}"

    def complaint(self, _failing: Iterable[str]) -> str:
        """Return which objects differ, and of which nothing can be told."""
        found = {word: self._subjects(name) for name, word in _SUMS.items() if name != SAME}
        told = [f"{len(names)} {word}: {', '.join(names)}" for word, names in found.items() if names]
        return f"{self.title}: {'; '.join(told)}"

    def _subjects(self, name: str) -> list[str]:
        return list(dict.fromkeys(row["subject"] for row in self.rows if row["verdict"] == name))


def verdict(entry: Entry) -> str:
    """Return what a finding means."""
    action = entry["action"]
    ours = [each for each in entry.get("fields") or [] if each.get("fate") != LEFT]
    if action == "unread" or (action in UNMET and not ours):
        return FAILED
    if action in ("unchanged", "absent"):
        return LEFT if entry.get("fields") else SAME
    return DRIFTED


def distinct(entries: Iterable[Entry]) -> list[Entry]:
    """Return each finding once, and none that says `same` of an object of which another says more."""
    told: dict[str, Entry] = {}
    for each in entries:
        told.setdefault(_place(each) + json.dumps([verdict(each), each.get("fields"), each.get("message")]), each)
    differing = {_place(each) for each in told.values() if verdict(each) != SAME}
    return [each for each in told.values() if verdict(each) != SAME or _place(each) not in differing]


def rows(entries: Iterable[Entry]) -> list[Row]:
    """Return a row for each finding."""
    return [_row(entry) for entry in entries]


def drift_json(title: str, moment: str, entries: Iterable[Entry]) -> str:
    """Return the findings for programs; `moment` is in ISO 8601. docs/drift.md names the keys."""
    findings = [{"verdict": verdict(each), **{key: each.get(key) for key in _KEPT}} for each in entries]
    for each in findings:
        each["fields"] = each["fields"] or []
    counts = {name: sum(each["verdict"] == name for each in findings) for name in STATUS}
    content = {"schema": SCHEMA, "title": title, "moment": moment, "counts": counts, "findings": findings}
    return json.dumps(content, indent=2) + "\n"


def _place(entry: Entry) -> str:
    """Return what tells the object from others, whichever chapter it is of; or the task, when it names none."""
    return json.dumps([entry.get(key) for key in (_OBJECT if entry.get("kind") else ("chapter", "task"))])


def _row(entry: Entry) -> Row:
    meaning, chapter = verdict(entry), entry["chapter"]
    return {
        "check": f"{chapter}.drift",
        "chapter": chapter,
        "title": "Objects are as site.yml would write them",
        "why": _WHY[meaning],
        "status": STATUS[meaning],
        "verdict": meaning,
        "subject": _subject(entry),
        "seen": _seen(entry),
        "do": _do(entry, meaning),
    }


def _subject(entry: Entry) -> str:
    if not entry.get("kind"):
        return f"{entry['chapter']}, task '{entry['task']}'"
    return named(entry)


def _seen(entry: Entry) -> str:
    fields = [_field(each) for each in entry.get("fields") or []]
    message = " ".join(str(entry.get("message") or "").split())
    parts = [*fields, *([message] if message and (not fields or entry["action"] in UNMET) else [])]
    return "; ".join(parts) or _WORDS.get(entry["action"], f"would be {entry['action']}")


def _field(each: Entry) -> str:
    live, wanted = ("missing" if each.get(key) is None else each[key] for key in ("live", "wanted"))
    by = f" ({each['manager']})" if each.get("manager") else ""
    return f"{each['field']} is {live}{by}, wanted {'none' if wanted == 'missing' else wanted}"


def _do(entry: Entry, meaning: str) -> str:
    if meaning in (SAME, LEFT):
        return ""
    if entry.get("foreign") and entry["action"] in UNMET:
        return "ansible-playbook seldon.openshift.adopt"
    command = f"ansible-playbook seldon.openshift.site --tags {entry['chapter']}"
    return f"{command} --check --diff" if meaning == FAILED else command
