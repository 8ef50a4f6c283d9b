# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The end of a model that was tried, and what runs that were interrupted have left."""

from __future__ import annotations

import time
from collections.abc import Iterator

from ..apply.gone import Held, wait_until_gone
from ..checks.observed import Observed
from ..kube.client import Client
from ..kube.objects import section
from ..kube.polling import Progress
from . import mark, tracks
from .looks import Places, ask_elasticsearch
from .model import KINDS, PREFIX, Trial


def leftovers(client: Client, core: str, namespace: str, place: str, now: float) -> Iterator[Trial]:
    """Yield the models of runs that have ended. place: where this process is. now: seconds since the epoch.

    Raises KindNotServed, ApiError.
    """
    for found in client.list(KINDS[core], namespace):
        metadata = found["metadata"]
        written = mark.parsed(section(metadata, "annotations").get(mark.ANNOTATION, ""))
        ours = metadata["name"].startswith(PREFIX) and written is not None
        if ours and written and mark.is_over(written, place, now, mark.runs):
            yield Trial(core, namespace, metadata["name"])


def remove(client: Client, trial: Trial, seconds: float, progress: Progress) -> bool:
    """Delete a model and wait until it is gone; return whether there was one. Raises Held after `seconds`."""
    deadline = time.monotonic() + seconds
    there = client.delete(trial.reference, deadline=deadline)
    if there:
        try:
            wait_until_gone(client, trial.reference, deadline, progress)
        except Held as error:
            raise Held(f"{trial.reference}: {error}") from None
    return there


def forget_logs(client: Client, trial: Trial, places: Places) -> str:
    """Delete the logs of a model in Elasticsearch; return why they stay, empty when none does."""
    cluster = Observed(client)
    listed = ask_elasticsearch(cluster, places, tracks.indices_path(trial.namespace, trial.name))
    if listed.status != 200:
        return f"the logs of {trial.name} may stay in Elasticsearch: {listed.body or f'HTTP {listed.status}'}"
    for index in tracks.indices(listed.body):
        status = ask_elasticsearch(cluster, places, f"/{index}", "DELETE").status
        if status not in (200, 404):
            return f"the index {index} stays in Elasticsearch: HTTP {status}"
    return ""
