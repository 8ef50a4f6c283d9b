# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Edits of objects that others edit, too: read, change by a pure function, write unless somebody wrote meanwhile."""

from __future__ import annotations

import copy
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .client import Client, Object
from .diff import content, entry, title
from .errors import ApiError, EngineError, KindNotServed
from .outcome import explain, missing_namespace

Mutate = Callable[[Object], Object]


@dataclass
class Edit:
    """What an edit found and left; `before` is None when the object was created, `after` when there is none."""

    before: Object | None
    after: Object | None

    @property
    def changed(self) -> bool:
        """Whether the object was written (in check mode: would be)."""
        return self.before is not self.after

    def diff(self) -> list[dict[str, str]]:
        """Return the entries for `--diff`."""
        obj = self.after or self.before
        return [entry(title(obj), content(self.before), content(self.after))] if obj and self.changed else []


def edit(client: Client, skeleton: Object, mutate: Mutate, deadline: float) -> Edit:
    """Bring the object that `skeleton` names to what `mutate` makes of it, and lose no other writer's change.

    `mutate` gets a copy of the live object, or of `skeleton` when there is none, and returns what it should be; it must
    be pure and idempotent, as it is called again after each lost race. Nothing is written when it changes nothing.
    `deadline` is in seconds of `time.monotonic()`. Raises EngineError.
    """
    where = (
        skeleton["apiVersion"],
        skeleton["kind"],
        skeleton["metadata"]["name"],
        skeleton["metadata"].get("namespace"),
    )
    for attempt in itertools.count():
        wait = random.uniform(0.0, min(1.0, 0.05 * 2.0**attempt))  # noqa: S311 (keeps writers apart)
        try:
            live = client.get(*where, deadline=deadline)
            start = skeleton if live is None else live
            wanted = mutate(copy.deepcopy(start))
            if wanted == start:
                return Edit(live, live)
            write = client.create if live is None else client.replace
            return Edit(live, write(wanted, deadline=deadline))
        except KindNotServed:
            if client.check_mode:
                return Edit(None, mutate(copy.deepcopy(skeleton)))
            raise
        except ApiError as error:
            if client.check_mode and missing_namespace(error):
                return Edit(None, mutate(copy.deepcopy(skeleton)))
            # 409: somebody was faster; 404: the object went away between reading and writing.
            raced = error.status == 409 or (error.status == 404 and not missing_namespace(error))
            if not raced or time.monotonic() + wait > deadline:
                raise EngineError(f"{title(skeleton)}: {explain(error, skeleton)}") from error
        time.sleep(wait)
    raise AssertionError("the deadline ends the loop")


def union_of(existing: list[Any] | None, wanted: list[Any]) -> list[Any]:
    """Return `existing` in its order, followed by what of `wanted` it lacks."""
    kept = list(existing or [])
    return kept + [item for item in dict.fromkeys(wanted) if item not in kept]


def without(existing: list[Any] | None, unwanted: list[Any]) -> list[Any]:
    """Return `existing` without what is in `unwanted`."""
    return [item for item in existing or [] if item not in unwanted]
