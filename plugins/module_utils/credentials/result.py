# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What the modules for credentials end with: restarts, and the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..apply.outcome import Outcome, summary
from ..kube.client import Client
from ..kube.objects import Kind, Reference
from .copies import taken_over
from .restarts import KINDS, outdated, restart


def finish(
    client: Client,
    outcomes: Sequence[Outcome],
    copied: Sequence[Outcome],
    roll: bool,
    deadline: float,
    kinds: Sequence[Kind] = KINDS,
) -> dict[str, Any]:
    """Return the module's result for all `outcomes`, after restarting (if `roll`) who has read earlier `copied`.

    `kinds` are the workloads to look at; `deadline` is in seconds of `time.monotonic()`. Raises EngineError.
    """
    stale = outdated(client, copied, deadline, kinds)
    if roll:
        for workload, since in stale:
            restart(client, workload, since, deadline)
    named = [Reference.of(workload).as_options() for workload, _since in stale]
    return {
        **warned(outcomes, taken_over(outcomes)),
        "changed": any(outcome.changed for outcome in outcomes) or bool(roll and stale),
        "restart": [] if roll else named,
        "restarted": named if roll else [],
    }


def warned(outcomes: Sequence[Outcome], warnings: list[str]) -> dict[str, Any]:
    """Return what `outcomes` make of a result, with `warnings`, if there are any."""
    return {**summary(outcomes), **({"warnings": warnings} if warnings else {})}
