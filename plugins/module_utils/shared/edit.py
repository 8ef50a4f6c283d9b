# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Edits of objects that others edit, too: read, change by a pure function, write unless somebody wrote meanwhile."""

from __future__ import annotations

import copy
import itertools
import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Optional

from ..apply.changes import Change, changes
from ..apply.diff import content, entry
from ..apply.gone import Held, wait_until_gone
from ..apply.outcome import Outcome, differs, explain, missing_namespace
from ..kube.client import Client
from ..kube.errors import ApiError, EngineError, KindNotServed, Unreachable
from ..kube.objects import Object, Reference, is_terminating
from ..kube.polling import NotYet, Progress, TimedOut, poll_until
from ..kube.retry import is_transient

Mutate = Callable[[Object], Optional[Object]]


@dataclass
class Edit:
    """What an edit found and left; `before` is None when the object was created, `after` when there is none."""

    before: Object | None
    after: Object | None

    @property
    def changed(self) -> bool:
        """Whether the object was written (in check mode: would be)."""
        return self.before is not self.after

    @property
    def action(self) -> str:
        """What was done, in the words of an Outcome."""
        if not self.changed:
            return "unchanged" if self.after else "absent"
        return "created" if self.before is None else "deleted" if self.after is None else "updated"

    def fields(self) -> list[Change]:
        """Return the fields that an update changed."""
        return changes(self.before, self.after) if self.changed and self.before and self.after else []

    def results(self, fields: Sequence[Change] | None = None) -> list[dict[str, Any]]:
        """Return the entry for a module's `results`, none without an object; `fields` tell more than its own do."""
        obj = self.after or self.before
        found = list(self.fields() if fields is None else fields)
        return [Outcome(obj, self.action, fields=found).report()] if obj else []

    def diff(self) -> list[dict[str, str]]:
        """Return the entries for `--diff`."""
        obj = self.after or self.before
        return [entry(Reference.of(obj), content(self.before), content(self.after))] if obj and self.changed else []


def edit(
    client: Client,
    skeleton: Object,
    mutate: Mutate,
    deadline: float,
    progress: Progress = lambda _line: None,
    keep: Callable[[Client, Object, float], None] = lambda _client, _live, _deadline: None,
) -> Edit:
    """Bring the object that `skeleton` names to what `mutate` makes of it, and lose no other writer's change.

    `mutate` gets a copy of the live object, or of `skeleton` when there is none, and returns what it should be, None
    for not at all; it must be pure and idempotent, as it is called again after each lost race. Nothing is written when
    it changes nothing. An object that is being deleted is not edited: its end is waited for, told through `progress`,
    and `mutate` gets `skeleton`; check mode foresees that. `keep` gets an object that is there, with client and
    deadline, before it is written. `deadline` is in seconds of `time.monotonic()`. Raises
    EngineError, which names what holds an object that is being deleted.
    """
    reference = Reference.of(skeleton)
    tried: Edit | None = None
    lost: Edit | None = None  # a write whose answer was lost; it may have arrived all the same
    for attempt in itertools.count():
        wait = random.uniform(0.0, min(1.0, 0.05 * 2.0**attempt))  # noqa: S311 (keeps writers apart)
        try:
            live = client.get(reference, deadline)
            if live is not None and is_terminating(live):
                if foreseen := _of_terminating(live, skeleton, mutate, client.check_mode):
                    return foreseen
                _wait_for_the_end(client, live, deadline, progress)
                _wait_for_others(client, skeleton, mutate, deadline, progress)
                tried = lost = None
                continue
            start = skeleton if live is None else live
            wanted = mutate(copy.deepcopy(start))
            found = lost.before if lost else live
            if wanted == start:
                return Edit(found, live)
            if live is not None:
                keep(client, live, deadline)
            tried = Edit(live, wanted)
            return Edit(found, _write(client, start, wanted, deadline))
        except KindNotServed:
            if (unseen := _unseen(skeleton, mutate, client.check_mode)) is None:
                raise
            return unseen
        except Unreachable as error:
            if error.permanent or time.monotonic() + wait > deadline:
                raise
            lost = lost or tried
        except ApiError as error:
            if missing_namespace(error) and (unseen := _unseen(skeleton, mutate, client.check_mode)):
                return unseen
            # 409: somebody was faster; 404: the object went away between reading and writing.
            raced = error.status == 409 or (error.status == 404 and not missing_namespace(error))
            if not (raced or is_transient(error, idempotent=True)) or time.monotonic() + wait > deadline:
                shown = tried.after if tried else None
                raise EngineError(f"{reference}: {explain(error, shown or skeleton)}") from error
            # A refused creation did not arrive; a refused PUT may be the repetition of one that did.
            created = error.status == 409 and tried is not None and tried.before is None
            lost = lost if created else lost or tried
        time.sleep(wait)
    raise AssertionError("the deadline ends the loop")


def _of_terminating(live: Object, skeleton: Object, mutate: Mutate, check_mode: bool) -> Edit | None:
    """Return the edit of an object that is being deleted: none is needed, or check mode looks ahead; else None."""
    try:
        wanted = mutate(copy.deepcopy(skeleton))
    except EngineError:  # others make it, and what they make is edited
        return Edit(live, mutate(copy.deepcopy(live))) if check_mode else None
    if wanted == skeleton and (check_mode or mutate(copy.deepcopy(live)) == live):
        return Edit(live, live)
    return Edit(live, wanted) if check_mode else None


def _wait_for_the_end(client: Client, live: Object, deadline: float, progress: Progress) -> None:
    reference = Reference.of(live)
    try:
        wait_until_gone(client, reference, deadline, progress, live["metadata"]["uid"])
    except Held as error:
        raise EngineError(f"{reference} can't be edited: {error}") from error


def _wait_for_others(client: Client, skeleton: Object, mutate: Mutate, deadline: float, progress: Progress) -> None:
    """Return when an object that `mutate` refuses to make, because others do, is there again; or at the deadline."""
    reference = Reference.of(skeleton)

    def look() -> None:
        try:
            if client.get(reference, deadline) is None:
                mutate(copy.deepcopy(skeleton))
        except (ApiError, Unreachable):
            raise
        except EngineError as error:
            raise NotYet(str(error)) from error

    with suppress(TimedOut):
        poll_until(look, deadline, progress, f"waiting until {reference} is made again")


def _write(client: Client, start: Object, wanted: Object | None, deadline: float) -> Object | None:
    """Return the object as it is after the write: `start` itself when the server saw no change in it."""
    meta = start["metadata"]
    if wanted is None:
        version = meta["resourceVersion"]
        client.delete(Reference.of(start), uid=meta["uid"], resource_version=version, deadline=deadline)
        return None
    if "uid" not in meta:
        return client.create(wanted, deadline=deadline)
    written = client.replace(wanted, deadline=deadline)
    return written if differs(start, written) else start


def _unseen(skeleton: Object, mutate: Mutate, check_mode: bool) -> Edit | None:
    """Return the edit of an object that can't exist yet: none is needed, or check mode looks ahead; else None."""
    wanted = mutate(copy.deepcopy(skeleton))
    if wanted == skeleton:
        return Edit(None, None)
    return Edit(None, wanted) if check_mode else None


def result_of(*edits: Edit) -> dict[str, Any]:
    """Return the part of a module's result that edits make: `changed`, `results` and `diff`."""
    return {
        "changed": any(made.changed for made in edits),
        "results": [entry for made in edits for entry in made.results()],
        "diff": [entry for made in edits for entry in made.diff()],
    }


def fields_inside(made: Edit, key: str, before: Any, after: Any) -> list[Change]:
    """Return what differs between two readings of a text that an object holds, as fields below `key`.

    Who held the text is taken for their holder.
    """
    if not made.changed:
        return []
    holder = next((change.manager for change in made.fields() if change.field == f".data.{key}"), "")
    found = changes({"metadata": {}, key: before or {}}, {"metadata": {}, key: after or {}})
    return [replace(change, manager=holder) for change in found]


def union_of(existing: list[Any] | None, wanted: list[Any]) -> list[Any]:
    """Return `existing` in its order, followed by what of `wanted` it lacks."""
    kept = list(existing or [])
    return kept + [item for item in dict.fromkeys(wanted) if item not in kept]


def without(existing: list[Any] | None, unwanted: list[Any]) -> list[Any]:
    """Return `existing` without what is in `unwanted`."""
    return [item for item in existing or [] if item not in unwanted]
