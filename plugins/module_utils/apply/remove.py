# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Removal of objects: in reverse order, waited for, and naming what holds them; and of what a set no longer holds."""

from __future__ import annotations

from dataclasses import replace

from ..kube.client import Client
from ..kube.discovery import KNOWN
from ..kube.errors import ApiError, EngineError, KindNotServed
from ..kube.objects import Kind, Object, Objects, Reference
from ..kube.polling import NotYet, Progress, poll_until
from .gone import wait_until_gone
from .outcome import Outcome, explain
from .ownership import owned_fields
from .waves import parallel, waves

OWNER_LABEL = "seldon.openshift/owner"
# Losing one of them loses everything in it: they are removed when named, never by inference.
_NEVER_PRUNED = ("Namespace", "Project", "ProjectRequest", "CustomResourceDefinition")
# These are not applied; or they are views of something else, whose labels they repeat.
_NOT_APPLIED = ("Event", "Pod", "ReplicaSet", "Endpoints", "Node", "Lease", "PackageManifest", "OperatorCondition")


def remove_set(client: Client, objects: Objects, deadline: float, progress: Progress) -> list[Outcome]:
    """Delete prepared objects, the last wave first, and wait until each wave is gone.

    `deadline` is in seconds of `time.monotonic()`. An object that does not go has an outcome that names its finalizers.
    """
    outcomes: list[Outcome] = []
    for wave in reversed(waves(objects)):
        outcomes += parallel(lambda obj: _remove(client, obj, deadline, progress), wave)
    return outcomes


def prune(client: Client, owner: str, kept: Objects, deadline: float, progress: Progress) -> list[Outcome]:
    """Delete what we applied earlier with the label of `owner` and what is not in `kept`.

    Looks at the kinds of the built-in table and those of `kept`; kinds that aren't served, or that we may not list,
    hold nothing of ours. Namespaces and CRDs are never pruned. `deadline` is in seconds of `time.monotonic()`. Raises
    EngineError when a kind can't be read.
    """
    kinds: dict[tuple[str, str], Kind] = {}
    for kind in (*map(Kind.of, kept), *KNOWN):
        kinds.setdefault((kind.group, kind.name), kind)  # two versions of a kind hold the same objects
    candidates = [
        kind
        for kind in kinds.values()
        if kind.name not in _NEVER_PRUNED + _NOT_APPLIED and not kind.name.endswith("Review")
    ]
    wanted = {_identity(obj) for obj in kept}
    found = parallel(lambda kind: _owned(client, kind, owner, deadline), candidates)
    strays = [obj for objects in found for obj in objects if _identity(obj) not in wanted]
    outcomes = remove_set(client, strays, deadline, progress)
    for outcome in outcomes:
        if outcome.action == "deleted":
            outcome.action = "pruned"
    return outcomes


def _owned(client: Client, kind: Kind, owner: str, deadline: float) -> Objects:
    try:
        found = client.list(kind, label_selector=f"{OWNER_LABEL}={owner}", deadline=deadline)
    except KindNotServed:
        return []
    except ApiError as error:
        if error.status in (403, 405):
            return []
        raise
    # A controller may copy our label to objects of its own; only what we applied is ours.
    return [obj for obj in found if owned_fields(obj) is not None and not obj["metadata"].get("ownerReferences")]


def _remove(client: Client, obj: Object, deadline: float, progress: Progress) -> Outcome:
    reference = Reference.of(obj)
    try:
        before = _delete(client, reference, deadline)
        if before is None:
            return Outcome(obj, "absent")
        if not client.check_mode:
            wait_until_gone(client, reference, deadline, progress, before["metadata"]["uid"])
    except KindNotServed:
        return Outcome(obj, "absent")
    except ApiError as error:
        return Outcome(obj, "failed", explain(error, obj))
    except EngineError as error:
        return Outcome(obj, "failed", str(error))
    return Outcome(obj, "deleted", before=before)


def _delete(client: Client, reference: Reference, deadline: float) -> Object | None:
    """Ask for the deletion of an object and return it as it was, None when there is none."""
    before: Object | None = None

    def look() -> Object | None:
        nonlocal before
        live = client.get(reference, deadline)
        before = live or before  # gone since the last attempt: its answer was lost
        if live is not None:
            try:
                client.delete(reference, uid=live["metadata"]["uid"], deadline=deadline)
            except ApiError as error:
                if error.status != 409:
                    raise
                # Somebody wrote it, or put another in its place, between reading and deleting.
                raise NotYet(str(error)) from error
        return before

    return poll_until(look, deadline)


def _identity(obj: Object) -> Reference:
    """Return the reference to an object, whatever the version in which it was read."""
    reference = Reference.of(obj)
    return replace(reference, kind=Kind(reference.kind.group, reference.kind.name))
