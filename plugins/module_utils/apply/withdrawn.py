# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What we applied, want no longer, and can't just leave out: pure functions.

Two things an apply makes of it that the definition of a custom resource refuses. A block (a mapping or a list) that
another manager owns as well stays when our last field leaves it, as null (structured-merge-diff 4.2, RemoveItems): it
has to be empty instead. And a block that stays may have required fields: such a field gets the zero value, which an
operator reads where a field is missing (Go, encoding/json), so that its default comes again.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from ..kube.errors import ApiError
from ..kube.objects import Object, section
from .ownership import Fields, owned_fields, union
from .steps import Steps, at, child, has, paths, pointer, put, tokens

# Of these the API server knows the types by itself, and keeps no null.
_OF_THE_SERVER = ("f:metadata", "f:status")


@dataclass(frozen=True)
class Withdrawal:
    """A part of an object, where `steps` lead, that becomes `value`: empty, or zero."""

    steps: Steps
    value: Any

    def field(self, live: Object) -> str:
        """Return the path as the API server's validation prints it: spec.parts[0].name."""
        return printed(self.steps, live)


def withdrawals(desired: Object, live: Object, required: Collection[Steps] = ()) -> list[Withdrawal]:
    """Return what of `live` an apply of `desired` can't take away; required: fields that the server wants to stay."""
    ours = owned_fields(live, desired["apiVersion"]) or {}
    blocks = list(_emptied(live, ours, _of_others(live), desired, ()))
    loose = [steps for steps in required if not any(_within(steps, block) for block in blocks)]
    found = [
        *(Withdrawal(block, _filled(live, block, required)) for block in blocks),
        *(Withdrawal(steps, _zero(at(live, steps))) for steps in loose if at(live, steps) is not None),
    ]
    return [each for each in found if at(live, each.steps) != each.value]


def required_of(error: ApiError, desired: Object, live: Object) -> set[Steps]:
    """Return the fields that we own and `desired` lacks, of which `error` says that the definition requires them."""
    named = {cause.get("field") for cause in error.causes if cause.get("reason") == "FieldValueRequired"}
    gone = [steps for _path, steps in paths(owned_fields(live, desired["apiVersion"]) or {}) if not _in(desired, steps)]
    return {steps for steps in gone if named and at(live, steps) is not None and printed(steps, live) in named}


def with_them(desired: Object, found: list[Withdrawal], live: Object) -> Object:
    """Return `desired` with the parts that are to be withdrawn, as they are in `live`."""
    kept = copy.deepcopy(desired)
    for each in found:
        put(kept, each.steps, at(live, each.steps))
    return kept


def withdrawn(obj: Object, found: list[Withdrawal]) -> Object:
    """Return `obj` once the parts are withdrawn."""
    after = copy.deepcopy(obj)
    for each in found:
        put(after, each.steps, each.value)
    return after


def json_patch(found: list[Withdrawal], live: Object) -> list[Object]:
    """Return the JSON patch that withdraws the parts, provided that nobody has changed them since `live` was read."""
    there = [each for each in found if at(live, each.steps) is not None]
    return [operation for each in there for operation in _operations(each, live)]


def is_same(found: list[Withdrawal], one: Object, other: Object) -> bool:
    """Say whether two states of an object agree in the parts."""
    return all(at(one, each.steps) == at(other, each.steps) for each in found)


def _operations(each: Withdrawal, live: Object) -> Iterator[Object]:
    way = tokens(each.steps, live)
    for index, step in enumerate(each.steps):
        if step.startswith("k:"):  # the item has to be where it was
            for name, value in json.loads(step[2:]).items():
                yield {"op": "test", "path": pointer([*way[: index + 1], name]), "value": value}
    yield {"op": "test", "path": pointer(way), "value": at(live, each.steps)}
    yield {"op": "replace", "path": pointer(way), "value": each.value}


def _emptied(value: Any, ours: Fields, others: Fields, wanted: Any, steps: Steps) -> Iterator[Steps]:
    """Yield the blocks in `value`, which itself stays, that would stay without anything in them."""
    below = [step for step in _children(value, {**ours, **others}) if steps or step not in _OF_THE_SERVER]
    staying = [step for step in below if step not in ours or step in others or has(wanted, step)]
    if below and not staying and not wanted and len(below) == len(value):
        yield steps
    for step in staying:
        if step in ours:
            through = (*steps, step)
            yield from _emptied(child(value, step), ours[step], others.get(step) or {}, child(wanted, step), through)


def _children(value: Any, fields: Fields) -> list[str]:
    """Return the steps to what `value` holds; of a list, to the items that `fields` name."""
    if isinstance(value, dict):
        return [f"f:{key}" for key in value]
    return [step for step in fields if step != "." and has(value, step)] if isinstance(value, list) else []


def _of_others(live: Object) -> Fields:
    """Return the tree of what somebody else than our apply owns."""
    held: Fields = {}
    mine = owned_fields(live)
    for entry in section(live, "metadata").get("managedFields") or []:
        if (entry.get("fieldsV1") or {}) is not mine:
            held = union(held, entry.get("fieldsV1") or {})
    return held


def _filled(live: Object, block: Steps, required: Collection[Steps]) -> Any:
    """Return the block as it is to be: the keys of a list's item, and required fields."""
    empty: Any = json.loads(block[-1][2:]) if block[-1].startswith("k:") else type(at(live, block))()
    for steps in sorted((steps for steps in required if _within(steps, block)), key=len):
        put(empty, steps[len(block) :], _zero(at(live, steps)))
    return empty


def _within(steps: Steps, block: Steps) -> bool:
    return len(steps) > len(block) and steps[: len(block)] == block


def _zero(value: Any) -> Any:
    return type(value)()


def _in(obj: Any, steps: Steps) -> bool:
    return not steps or (has(obj, steps[0]) and _in(child(obj, steps[0]), steps[1:]))


def printed(steps: Steps, live: Object) -> str:
    """Return the path as the API server's validation prints it: spec.parts[0].name."""
    way = tokens(steps, live)
    return "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in way).lstrip(".")
