# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a task changed, or in check mode would change, as lines for a person: pure functions over results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..findings import UNMET, entries, named
from ..widths import cut

CREATED, CHANGED, REMOVED, RESTARTED = "created", "changed", "removed", "restarted"
_SORTS = {
    "created": CREATED,
    "recreated": CREATED,
    "deleted": REMOVED,
    "pruned": REMOVED,
    "restarted": RESTARTED,
    "create": CREATED,
    "delete": REMOVED,
}
_WOULD = {CREATED: "create", CHANGED: "change", REMOVED: "remove", RESTARTED: "restart"}
_QUIET = ("unchanged", "absent", *UNMET)
# A value longer than that, in characters, says less than its name.
_SHOWN = 60


@dataclass(frozen=True)
class Change:
    """One object that a task changed.

    sort: CREATED, CHANGED, REMOVED or RESTARTED. what: kind and name, or the task's name. fields: what became of its
    fields, a line each; of a new object, its content.
    """

    sort: str
    what: str
    message: str = ""
    fields: tuple[str, ...] = ()


def changes_of(result: Mapping[str, Any], task: str, ours: bool = True) -> list[Change]:
    """Return what a result says of changes; one that names no object, or is of others' modules, stands for its task."""
    if not result.get("changed"):
        return []
    if not ours:
        return [Change(CHANGED, f"by '{task}'")]
    loop = result.get("results") or []
    items = [each for each in loop if isinstance(each, Mapping) and "ansible_loop_var" in each]
    if items:
        return list(dict.fromkeys(change for item in items for change in changes_of(item, task)))
    contents = _contents(result.get("diff"))
    found = [_change(entry, task, contents) for entry in entries(result) if entry["action"] not in _QUIET]
    operators = list(_of_operators(result))
    return [*operators, *(change for change in found if not (operators and change.what.startswith("Subscription ")))]


def lines_of(change: Change, check: bool, fields: bool) -> list[str]:
    """Return what is printed of a change; in check mode, it only would be made."""
    verb = f"would {_WOULD[change.sort]}" if check else change.sort
    # Why check mode could not try it says nothing of the object.
    message = f": {change.message}" if change.message and not (check and change.sort == CREATED) else ""
    return [f"{verb} {change.what}{message}", *(f"  {line}" for line in change.fields if fields)]


def total(changes: Iterable[Change], check: bool) -> str:
    """Return how many changes there are of each sort, in one line; empty without any."""
    sorts = [change.sort for change in changes]
    told = [f"{_WOULD[sort] if check else sort} {sorts.count(sort)}" for sort in _WOULD if sort in sorts]
    return f"would {', '.join(told)}" if told and check else ", ".join(told)


def _change(entry: Mapping[str, Any], task: str, contents: Mapping[str, tuple[str, ...]]) -> Change:
    if not entry.get("kind"):
        return Change(CHANGED, f"by '{task}'")
    what = named(entry)
    message = " ".join(str(entry.get("message") or "").split())
    fields = tuple(_field(each) for each in entry.get("fields") or []) or contents.get(what, ())
    return Change(_SORTS.get(entry["action"], CHANGED), what, message, fields)


def _field(each: Mapping[str, Any]) -> str:
    live, wanted, fate = each.get("live"), each.get("wanted"), each.get("fate")
    holder = f"  ({each['manager']} holds it)" if fate == "left" and each.get("manager") else ""
    if fate == "left":
        return f"{each['field']}: stays {_short(live)}{holder}"
    if live is None:
        return f"{each['field']}: {_short(wanted)}"
    return f"{each['field']}: {_short(live)} → {'none' if wanted is None else _short(wanted)}"


def _short(value: Any) -> str:
    return cut(" ".join(str(value).split()), _SHOWN)


def _of_operators(result: Mapping[str, Any]) -> Iterator[Change]:
    """Yield each write of seldon_operator, which says them in words: 'create Namespace seldon-operator-kafka'."""
    for operator in [*(result.get("operators") or []), *(result.get("meanwhile") or [])]:
        for action in operator.get("actions") or []:
            verb, _space, what = str(action).partition(" ")
            yield (
                Change(_SORTS[verb], what)
                if verb in _SORTS
                else Change(CHANGED, f"operator {operator['name']}: {action}")
            )


def _contents(diff: Any) -> dict[str, tuple[str, ...]]:
    """Return the content of each object that a diff shows as new, by kind and name; what is secret is hidden in it."""
    new = [each for each in diff if not each.get("before")] if isinstance(diff, list) else []
    return {str(each.get("after_header")): tuple(str(each.get("after") or "").splitlines()) for each in new}
