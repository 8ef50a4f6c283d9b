# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Secrets that hold copies of credentials: server-side applied, without overwriting values of other managers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..apply.apply import apply_set
from ..apply.changes import REFUSED, Change
from ..apply.outcome import Outcome
from ..apply.ownership import carries_us, is_current, owned_fields
from ..apply.policy import Policy
from ..apply.remove import remove_set
from ..apply.waves import parallel
from ..kube.client import Client
from ..kube.errors import ObjectsFailed
from ..kube.kinds import SECRET
from ..kube.objects import Object, Objects, Reference, is_terminating, section
from ..kube.polling import Progress
from .certificates import vouches_for


def copy_of(name: str, namespace: str, data: dict[str, str]) -> Object:
    """Return an Opaque Secret, which no controller minds; the values of `data` are in base64."""
    return {**SECRET.named(name, namespace).bare(), "type": "Opaque", "data": data}


def apply(client: Client, objects: Objects, policy: Policy, deadline: float, progress: Progress) -> list[Outcome]:
    """Apply `objects` and return their outcomes. Raises ObjectsFailed naming every object that failed.

    `deadline` is in seconds of `time.monotonic()`.
    """
    return _all_done(apply_set(client, objects, policy, deadline, progress))


def write(client: Client, copies: Objects, policy: Policy, deadline: float, progress: Progress) -> list[Outcome]:
    """Apply `copies` and return their outcomes.

    Raises ObjectsFailed naming every one that failed, among them those where others wrote other values, unless `policy`
    has consent. `deadline` is in seconds of `time.monotonic()`.
    """
    lives = parallel(lambda copy: _live(client, copy, deadline), copies)
    done: list[Outcome] = []
    due: Objects = []
    agreed: Objects = []
    for copy, live in zip(copies, lives):
        if live is not None and is_current(copy, live) and not is_terminating(live):
            done.append(Outcome(copy, "unchanged", before=live, after=live))
        elif lost := [] if policy.consents else others_values(copy, live):
            done.append(refused(copy, live, lost))
        else:
            (agreed if _means_all(copy, live) else due).append(copy)
    done += apply_set(client, due, policy, deadline, progress)
    return _all_done([*done, *apply_set(client, agreed, replace(policy, adopt=True), deadline, progress)])


def others_values(copy: Object, live: Object | None) -> list[str]:
    """Return the keys under which `live`, if it isn't ours, holds other values than `copy`."""
    # Not left to the server: who applied stringData doesn't own what became of it, so there would be no conflict.
    if live is None or is_terminating(live) or carries_us(live):
        return []
    there = section(live, "data")
    return [key for key, value in sorted(copy["data"].items()) if key in there and not _means(value, there[key])]


def refused(copy: Object, live: Object | None, keys: list[str]) -> Outcome:
    """Return the outcome of a copy that others' values under `keys` of `live` keep from being written."""
    there = section(live, "data")
    fields = [Change(f".data.{key}", there.get(key), copy["data"][key], fate=REFUSED) for key in keys]
    return Outcome(copy, "failed", refusal(keys), before=live, fields=fields)


def _means_all(copy: Object, live: Object | None) -> bool:
    """Say whether `live` has a value of the same meaning for all that `copy` holds."""
    there = section(live, "data")
    return all(key in there and _means(value, there[key]) for key, value in copy["data"].items())


def _means(value: str, live: str) -> bool:
    return value == live or vouches_for(value, live)


def is_ours(obj: Object, live: Object) -> bool:
    """Say whether `live` may be deleted: we applied it, and a copy holds nothing under keys of others."""
    fields = owned_fields(live)
    if fields is None:
        return False
    return "data" not in obj or all(f"f:{key}" in fields.get("f:data", {}) for key in section(live, "data"))


def foreseen(client: Client, copies: Objects, reason: str, policy: Policy, deadline: float) -> list[Outcome]:
    """Return, for check mode, what becomes of `copies` whose values are not known yet, for `reason`.

    Raises ObjectsFailed for those where others hold values. `deadline` is in seconds of `time.monotonic()`.
    """
    outcomes = []
    for copy in copies:
        before = _live(client, copy, deadline)
        if lost := [] if policy.consents else others_values(copy, before):
            outcomes.append(refused(copy, before, lost))
            continue
        action = "updated" if before else "created"
        outcomes.append(Outcome(copy, action, f"its values are not known yet ({reason})", before=before, after=copy))
    return _all_done(outcomes)


def remove(client: Client, objects: Objects, deadline: float, progress: Progress) -> tuple[list[Outcome], list[str]]:
    """Delete those of `objects` that are ours; return the outcomes, and warnings about the others.

    Raises ObjectsFailed naming every object that did not go. `deadline` is in seconds of `time.monotonic()`.
    """
    ours, foreign = [], []
    for obj in objects:
        live = _live(client, obj, deadline)
        if live is None or is_ours(obj, live):
            ours.append(obj)
        else:
            foreign.append(
                f"{Reference.of(obj)} is kept: it is not managed by this collection, or holds other keys, too."
            )
    return _all_done(remove_set(client, ours, deadline, progress)), foreign


def taken_over(outcomes: Sequence[Outcome]) -> list[str]:
    """Return a warning for each copy that replaced values which we did not manage."""
    lost = [(outcome, others_values(outcome.obj, outcome.before)) for outcome in outcomes if "data" in outcome.obj]
    return [
        f"{Reference.of(outcome.obj)} was not managed by this collection; replaced: {', '.join(keys)}."
        for outcome, keys in lost
        if keys
    ]


def refusal(keys: list[str]) -> str:
    """Return why a Secret with other values under `keys`, which we do not manage, is unchanged, and what to do."""
    advice = "Choose another name, remove the Secret, or agree to the change: -e seldon_adopt=true keeps a copy of it."
    return f"it is not managed by this collection and holds other values under {', '.join(keys)}. {advice}"


def _live(client: Client, obj: Object, deadline: float) -> Object | None:
    return client.get(Reference.of(obj), deadline)


def _all_done(outcomes: list[Outcome]) -> list[Outcome]:
    failed = [f"{Reference.of(outcome.obj)}: {outcome.message}" for outcome in outcomes if outcome.action == "failed"]
    if failed:
        rest = " The others are done." if len(failed) < len(outcomes) else ""
        raise ObjectsFailed(f"{'; '.join(failed)}{rest}", [outcome.report() for outcome in outcomes])
    return outcomes
