# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Lines that say the same: a refusal comes as a condition, as an event, and once for each workload that it meets."""

from __future__ import annotations

import re
from collections.abc import Iterable

# As the controllers of ReplicaSets and StatefulSets say it, and whoever counts events.
_REFUSAL = re.compile(
    r"FailedCreate: (?:\(combined from similar events\): )?"
    r"(?:Error creating: |create \S+ \S+ in \S+ \S+ failed error: )?(.*)",
    re.DOTALL,
)
# Names, numbers and amounts differ from one to the next.
_VARIES = re.compile(r'"[^"]*"|[\w.-]*\d[\w.-]*')
_WORKLOAD = re.compile(r"\b(Deployment|ReplicaSet|StatefulSet|DaemonSet|ReplicationController|Job) ([a-z0-9][\w.-]*)")
_MOST = 5


def told_once(lines: Iterable[str]) -> list[str]:
    """Return lines without those that repeat an earlier one; a refusal names the other workloads that it meets."""
    kept: dict[str, str] = {}
    others: dict[str, dict[str, None]] = {}
    for line in lines:
        key = _meaning(line)
        first = kept.setdefault(key, line)
        mine, theirs = _workload(first), _workload(line)
        if mine and theirs and mine != theirs and mine.split()[0] == theirs.split()[0]:
            others.setdefault(key, {})[theirs] = None
    return [f"{line}{_likewise(list(others.get(key, ())))}" for key, line in kept.items()]


def is_told(line: str, text: str) -> bool:
    """Say whether `text` says already what a line says behind its first colon."""
    said = line.partition(": ")[2]
    refusal = _refusal(line)
    return said in text or (refusal is not None and _VARIES.sub("", refusal) in _VARIES.sub("", text))


def _meaning(line: str) -> str:
    refusal = _refusal(line)
    return line if refusal is None else _VARIES.sub("", refusal)


def _refusal(line: str) -> str | None:
    found = _REFUSAL.search(line)
    return found.group(1).strip() if found else None


def _workload(line: str) -> str:
    found = _WORKLOAD.search(line)
    return found.group().rstrip(".:") if found else ""


def _likewise(others: list[str]) -> str:
    if not others:
        return ""
    more = f" and {len(others) - _MOST} more" if len(others) > _MOST else ""
    return f" (likewise {', '.join(others[:_MOST])}{more})"
