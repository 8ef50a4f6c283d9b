# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What the tasks of a play find on a cluster, collected for one report at its end: pure functions over results.

A play that sets the variable `seldon_collect_findings` gets, in the fact `seldon_findings`, one entry for each object
that its tasks looked at: `chapter` (the task's role), `task`, `api_version`, `kind`, `namespace`, `name`, `action`, and
`message` and `fields` when there are some, as in the results of seldon_apply. None of them holds a secret.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Entry = dict[str, Any]
Result = Mapping[str, Any]

ASKED_BY = "seldon_collect_findings"
FACT = "seldon_findings"
# An object with one of these is as the task leaves it, and was not brought to what is wanted.
UNMET = ("failed", "refused")
_OBJECT = ("api_version", "kind", "namespace", "name")
_TOLD = (*_OBJECT, "action", "message", "fields", "foreign")
_SUBSCRIPTION = {"api_version": "operators.coreos.com/v1alpha1", "kind": "Subscription"}


def entries(result: Result) -> list[Entry]:
    """Return what a module's result says of objects. One that changed without naming any has one without a kind."""
    found = [*_of_objects(result), *_of_operators(result), *_of_restarts(result)]
    if result.get("changed") and all(entry["action"] in ("unchanged", "absent") for entry in found):
        found.append({**dict.fromkeys(_OBJECT), "action": "changed"})
    return found


def collected(result: Result, chapter: str, task: str, before: list[Entry]) -> dict[str, Any]:
    """Return the result with the fact: what was found before, and what this task found.

    A task that failed only because some objects could not be brought to what is wanted does not fail then.
    """
    found = [{"chapter": chapter, "task": task, **entry} for entry in entries(result)]
    if not found:
        return dict(result)
    told = {**result, "ansible_facts": {FACT: [*before, *found]}}
    if any(entry["action"] in UNMET for entry in found):
        told["failed"] = False
    return told


def named(entry: Mapping[str, Any]) -> str:
    """Return the kind of an entry's object with its namespace, if it has one, and its name."""
    place = "/".join(part for part in (entry.get("namespace"), entry.get("name")) if part)
    return f"{entry['kind']} {place}"


def _of_objects(result: Result) -> Iterator[Entry]:
    for each in result.get("results") or []:
        if isinstance(each, Mapping) and "action" in each:
            yield {key: each.get(key) for key in _TOLD if key in _OBJECT or each.get(key)}


def _of_operators(result: Result) -> Iterator[Entry]:
    """Yield an entry for each operator of seldon_operator; why one cannot be installed is in the result's message."""
    for each in result.get("operators") or []:
        place = {**_SUBSCRIPTION, "namespace": each.get("namespace"), "name": each.get("name")}
        if each.get("adopted"):
            place["foreign"] = True
        if result.get("failed") and each.get("state") in ("failed", "progressing"):
            yield {**place, "action": "failed", "message": str(result.get("msg") or "")}
        elif each.get("actions"):
            yield {**place, "action": "updated", "message": "; ".join(each["actions"])}
        else:
            used = f"used as it is: {each.get('csv')}, channel {each.get('channel')}" if each.get("adopted") else ""
            yield {**place, "action": "unchanged", **({"message": used} if used else {})}
    for each in result.get("meanwhile") or []:
        place = {**_SUBSCRIPTION, "namespace": each["namespace"], "name": each["name"]}
        yield {**place, "action": "updated", "message": "; ".join(each["actions"])}


def _of_restarts(result: Result) -> Iterator[Entry]:
    for each in result.get("restarted") or []:
        yield {**{key: each.get(key) for key in _OBJECT}, "action": "restarted", "message": "runs with old credentials"}
