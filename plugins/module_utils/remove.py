# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Removal of objects: in reverse order, waited for, and naming what holds them; and of what a set no longer holds."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Optional

from .apply import POLL_SECONDS, Progress
from .client import Client, Object, Objects
from .discovery import KNOWN
from .errors import ApiError, EngineError, KindNotServed
from .outcome import Outcome, explain
from .ownership import owned_fields
from .waves import parallel, waves

Where = tuple[str, str, str, Optional[str]]

OWNER_LABEL = "seldon.openshift/owner"
# Losing one of them loses everything in it: they are removed when named, never by inference.
_NEVER_PRUNED = ("Namespace", "Project", "ProjectRequest", "CustomResourceDefinition")
# Nobody applies these; or they are views of something else, whose labels they repeat.
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
    hold nothing of ours. Namespaces and definitions are never pruned. Raises EngineError when a kind can't be read.
    """
    kinds = {(obj["apiVersion"].rpartition("/")[0], obj["kind"]): obj["apiVersion"] for obj in kept}
    for api_version, kind in KNOWN:
        kinds.setdefault((api_version.rpartition("/")[0], kind), api_version)
    candidates = [
        (version, kind)
        for (_group, kind), version in kinds.items()
        if kind not in _NEVER_PRUNED + _NOT_APPLIED and not kind.endswith("Review")
    ]
    wanted = {_identity(obj) for obj in kept}
    found = parallel(lambda kind: _owned(client, *kind, owner, deadline), candidates)
    strays = [obj for objects in found for obj in objects if _identity(obj) not in wanted]
    outcomes = remove_set(client, strays, deadline, progress)
    for outcome in outcomes:
        if outcome.action == "deleted":
            outcome.action = "pruned"
    return outcomes


def _owned(client: Client, api_version: str, kind: str, owner: str, deadline: float) -> Objects:
    try:
        found = client.list(api_version, kind, label_selector=f"{OWNER_LABEL}={owner}", deadline=deadline)
    except KindNotServed:
        return []
    except ApiError as error:
        if error.status in (403, 405):
            return []
        raise
    # A controller may copy our label to objects of its own; only what we applied is ours.
    return [obj for obj in found if owned_fields(obj) is not None and not obj["metadata"].get("ownerReferences")]


def _remove(client: Client, obj: Object, deadline: float, progress: Progress) -> Outcome:
    metadata = obj["metadata"]
    where: Where = (obj["apiVersion"], obj["kind"], metadata["name"], metadata.get("namespace"))
    try:
        before = client.get(*where, deadline=deadline)
        if before is None:
            return Outcome(obj, "absent")
        client.delete(*where, uid=before["metadata"]["uid"], deadline=deadline)
        if not client.check_mode:
            _wait_until_gone(client, where, before["metadata"]["uid"], deadline, progress)
    except KindNotServed:
        return Outcome(obj, "absent")
    except ApiError as error:
        return Outcome(obj, "failed", explain(error, obj))
    except EngineError as error:
        return Outcome(obj, "failed", str(error))
    return Outcome(obj, "deleted", before=before)


def _wait_until_gone(client: Client, where: Where, uid: str, deadline: float, progress: Progress) -> None:
    started, told = time.monotonic(), False
    while True:
        live = client.get(*where, deadline=deadline)
        if live is None or live["metadata"]["uid"] != uid:
            return
        waited = time.monotonic() - started
        if time.monotonic() > deadline:
            raise EngineError(f"it is being deleted but not gone after {round(waited)} s: {_holders(live)}")
        if waited > 2 * POLL_SECONDS and not told:
            told = True
            progress(f"waiting until {where[1]} {where[2]} is gone: {_holders(live)}")
        time.sleep(min(POLL_SECONDS, 0.1 + waited / 4))


def _holders(live: Object) -> str:
    finalizers: Iterable[str] = live["metadata"].get("finalizers") or (live.get("spec") or {}).get("finalizers") or []
    conditions = (live.get("status") or {}).get("conditions") or []
    reasons = [
        " ".join(each["message"].split())
        for each in conditions
        if live["kind"] == "Namespace" and each.get("status") == "True" and each.get("message")
    ]
    held = f"finalizers {', '.join(finalizers)}" if finalizers else "its dependents go first"
    return "; ".join([held, *reasons])


def _identity(obj: Object) -> tuple[str, str, str, str]:
    metadata = obj["metadata"]
    return obj["apiVersion"].rpartition("/")[0], obj["kind"], metadata.get("namespace") or "", metadata["name"]
