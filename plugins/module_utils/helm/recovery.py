# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A release that a Helm left half done: who is at work is waited for, what was interrupted is made fit to go on."""

from __future__ import annotations

import time

from ..kube.client import Client
from ..kube.errors import ApiError
from ..kube.kinds import SECRET
from ..kube.objects import Object, Objects, Reference, is_terminating
from ..kube.polling import NotYet, Progress, poll_until
from . import release as helm_release


def settled(
    client: Client, name: str, namespace: str, grace_period: int, deadline: float, progress: Progress
) -> Objects:
    """Return the records of a release on which no Helm is at work, as soon as that is so (in check mode, at once).

    A Helm that has not written for `grace_period` seconds counts as stopped. `deadline` is in seconds of
    `time.monotonic()`. Raises EngineError.
    """

    def look() -> Objects:
        found = client.list(SECRET, namespace, helm_release.selector(name), deadline=deadline)
        records = [record for record in found if not is_terminating(record)]
        last = helm_release.newest(records)
        if last is not None and _is_alive(last, grace_period) and not client.check_mode:
            raise NotYet(f"{helm_release.status(last)}, {grace_period} s at most")
        return records

    return poll_until(look, deadline, progress, f"waiting for a Helm that is at work on {namespace}/{name}")


def mark_failed(client: Client, record: Object, deadline: float) -> bool:
    """Make the record one of a failed revision, from which Helm goes on; return whether it was still as it was read.

    `deadline` is in seconds of `time.monotonic()`. Raises EngineError.
    """
    wanted = helm_release.as_failed(record)
    try:
        client.replace(wanted, deadline=deadline)
    except ApiError as error:
        if error.status != 409:
            raise
        # Either that Helm lives and was faster, or the answer was lost and this is the repetition of what arrived.
        live = client.get(Reference.of(record), deadline)
        return live is not None and live["data"] == wanted["data"]
    return True


def _is_alive(record: Object, grace_period: int) -> bool:
    at_work = helm_release.status(record) in helm_release.AT_WORK
    return at_work and time.time() - helm_release.written(record) < grace_period
