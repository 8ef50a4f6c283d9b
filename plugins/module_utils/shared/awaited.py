# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Edits of objects that others make: waited for, never made by us, foreseen in check mode."""

from __future__ import annotations

import time
from collections.abc import Callable

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.objects import Object, Reference
from ..kube.polling import NotYet, Progress, poll_until
from .edit import Edit, edit

Change = Callable[[Object], Object]
Keep = Callable[[Client, Object, float], None]


def _kept_nowhere(_client: Client, _live: Object, _deadline: float) -> None:
    """Keep nothing of what the object was."""


class NotMade(EngineError):
    """The object does not exist: made by us, it would lack what its maker puts into it."""


def only_made(change: Change) -> Change:
    """Return a function that changes an object that exists, and raises NotMade for one that would have to be made."""

    def mutate(obj: Object) -> Object:
        wanted = change(obj)
        if "uid" not in obj["metadata"] and wanted != obj:
            raise NotMade(f"{Reference.of(obj)} does not exist")
        return wanted

    return mutate


def edit_when_made(
    client: Client,
    skeleton: Object,
    change: Change,
    deadline: float,
    progress: Progress,
    hint: str,
    keep: Keep = _kept_nowhere,
) -> Edit:
    """Edit an object as `edit` does, as soon as its maker has made it; check mode waits for nothing.

    hint: the question and the command that help when it does not come. `deadline` is in seconds of
    `time.monotonic()`. Raises EngineError.
    """

    def attempt() -> Edit:
        try:
            return edit(client, skeleton, only_made(change), deadline, progress, keep)
        except NotMade as error:
            if client.check_mode:
                raise
            raise NotYet(f"{error}: {hint}") from None

    try:
        return poll_until(attempt, time.monotonic() if client.check_mode else deadline, progress)
    except NotMade:
        return Edit(None, change(skeleton))
