# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Server-side apply of a set of objects: in waves, concurrently, with one outcome an object.

An object that is as wanted costs one request: a GET, or its share of a LIST.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Optional

from ..kube.client import Client
from ..kube.errors import ApiError, EngineError, KindNotServed
from ..kube.kinds import CRD
from ..kube.objects import Kind, Object, Objects, Reference, holds, is_terminating, section
from ..kube.polling import NotYet, Progress, TimedOut, poll_until
from .gone import wait_until_gone
from .meaning import aligned
from .misfits import misfits, schema_of
from .outcome import Outcome, explain, missing_namespace
from .ownership import carries_us, is_current
from .policy import Policy
from .unserved import Bringer, Bringing, awaited, never_served, nobody_knows
from .volumes import has_volumes
from .waves import parallel, waves
from .writer import Writer
from .zeros import marked

LIST_FROM = 4
# A cluster has hundreds of them, each with a schema of many kilobytes.
_NEVER_LISTED = (CRD,)
# Server-side apply says 500 for a field that the schema lacks (1.24), later versions 400; validation says 422.
_OF_SCHEMA = (400, 422, 500)

RecreateReason = Callable[[Object], Optional[str]]
Collection = tuple[Kind, Optional[str]]  # a kind and a namespace


def apply_set(
    client: Client,
    objects: Objects,
    policy: Policy,
    deadline: float,
    progress: Progress,
    recreate: RecreateReason | None = None,
    bringer: Bringer = nobody_knows,
) -> list[Outcome]:
    """Apply prepared objects and return their outcomes, wave by wave.

    A kind that isn't served yet is waited for until `deadline` (seconds of `time.monotonic()`), except in check mode,
    or until `bringer` says that what should bring it has failed.
    An object that fails has an outcome, too: nothing is raised for it. `recreate` says why a live object can only be
    deleted and created again (None: it is well). `policy`: what becomes of fields that others hold.
    """
    return [
        outcome
        for wave in waves(objects)
        for outcome in _Wave(client, policy, deadline, progress, recreate, bringer).run(wave)
    ]


class _Wave:
    def __init__(
        self,
        client: Client,
        policy: Policy,
        deadline: float,
        progress: Progress,
        recreate: RecreateReason | None,
        bringer: Bringer,
    ) -> None:
        self._client = client
        self._policy = policy
        self._writer = Writer(client, policy, deadline, progress)
        self._deadline = deadline
        self._progress = progress
        self._recreate_reason = recreate
        self._bringer = bringer
        self._listed: dict[Collection, dict[str, Object]] = {}

    def run(self, objects: Objects) -> list[Outcome]:
        self._list_where_it_pays(objects)
        outcomes = parallel(self._attempt, objects)
        done = [outcome for outcome in outcomes if outcome]
        done += self._once_served([obj for obj, outcome in zip(objects, outcomes) if not outcome])
        return parallel(self._established, done)

    def _list_where_it_pays(self, objects: Objects) -> None:
        groups: dict[Collection, int] = {}
        for obj in objects:
            key = _collection(obj)
            groups[key] = groups.get(key, 0) + 1
        wanted = [key for key, count in groups.items() if count >= LIST_FROM and key[0] not in _NEVER_LISTED]
        for key, listed in zip(wanted, parallel(self._list, wanted)):
            if listed is not None:
                self._listed[key] = listed

    def _list(self, key: Collection) -> dict[str, Object] | None:
        try:
            items = self._client.list(*key, deadline=self._deadline)
        except EngineError:
            return None  # not served, or we may get but not list: the objects' own requests tell
        return {item["metadata"]["name"]: item for item in items}

    def _attempt(self, obj: Object) -> Outcome | None:
        """Return the outcome for one object; None when its kind isn't served, and may be later."""
        try:
            return self._apply(_located(self._client, obj, self._deadline))
        except KindNotServed as error:
            if self._client.check_mode:
                return Outcome(obj, "created", f"would create ({error} yet)", after=obj)
            return None
        except ApiError as error:
            namespace = missing_namespace(error)
            if namespace and self._client.check_mode:
                return Outcome(obj, "created", f"would create (namespace {namespace} does not exist yet)", after=obj)
            return Outcome(obj, "failed", self._misfits(obj, error) or explain(error, obj, self._live(obj)))
        except EngineError as error:
            return Outcome(obj, "failed", str(error))

    def _misfits(self, obj: Object, error: ApiError) -> str:
        """Return what of a refused object its CRD does not take, empty when that is not why."""
        if error.status not in _OF_SCHEMA:
            return ""
        kind = Kind.of(obj)
        with suppress(EngineError):
            plural = self._client.resource(kind, self._deadline).plural
            schema = schema_of(self._client.get(CRD.named(f"{plural}.{kind.group}"), self._deadline), kind)
            return "; ".join(each.told(kind, self._policy.given_by) for each in misfits(obj, schema or {}))
        return ""

    def _live(self, obj: Object) -> Object | None:
        """Return what a refused object is now, where that tells why."""
        with suppress(EngineError):
            return self._client.get(Reference.of(obj), self._deadline) if has_volumes(obj) else None
        return None

    def _apply(self, obj: Object) -> Outcome:
        reference, listed = Reference.of(obj), self._listed.get(_collection(obj))
        before = listed.get(reference.name) if listed is not None else self._client.get(reference, self._deadline)
        if before and is_terminating(before):
            # It would take our fields and be gone a moment later.
            if self._client.check_mode and not carries_us(before):
                return Outcome(obj, "created", "would create, once the one that is being deleted is gone", after=obj)
            if not self._client.check_mode:
                self._wait_for_the_end(before)
                before = None
        obj = marked(aligned(obj, before) if before else obj, before, self._policy.zeros)
        reason = self._recreate_reason(before) if before and self._recreate_reason else None
        if before and reason and self._writer.may_replace(before, obj):
            return self._recreate(obj, before, reason)
        if before and is_current(obj, before):
            return Outcome(obj, "unchanged", before=before, after=before)
        outcome = self._writer.write(obj, before)
        if is_terminating(outcome.after) and not self._client.check_mode:  # since it was read
            self._wait_for_the_end(outcome.after or obj)
            return self._writer.write(obj, None)
        return outcome

    def _wait_for_the_end(self, live: Object) -> None:
        uid = live["metadata"]["uid"]
        wait_until_gone(self._client, Reference.of(live), self._deadline, self._progress, uid)

    def _recreate(self, obj: Object, before: Object, reason: str) -> Outcome:
        """Delete the object and create it again; what it held beside `obj` is gone."""
        if self._client.check_mode:
            return Outcome(obj, "recreated", f"would be deleted and created again: {reason}", before=before, after=obj)
        reference = Reference.of(obj)
        self._progress(f"deleting {reference} and creating it again: {reason}")
        self._client.delete(reference, uid=before["metadata"]["uid"], deadline=self._deadline)
        self._wait_for_the_end(before)
        made = self._writer.write(obj, None)
        return Outcome(obj, "recreated", f"deleted and created again: {reason}", before=before, after=made.after)

    def _once_served(self, waiting: Objects) -> list[Outcome]:
        """Return the outcomes of objects whose kinds are not served yet."""
        outcomes: list[Outcome] = []
        known: dict[Kind, Bringing] = {}
        started = time.monotonic()

        def look() -> None:
            nonlocal waiting
            kinds = set(map(Kind.of, waiting))
            served = {kind for kind in kinds if self._client.serves(kind)}
            ready = [obj for obj in waiting if Kind.of(obj) in served]
            attempts = list(zip(ready, parallel(self._attempt, ready)))
            outcomes.extend(outcome for _obj, outcome in attempts if outcome)
            known.update({kind: self._bringer(kind) for kind in kinds - served})
            failed = {kind for kind in kinds - served if known[kind].failed}
            outcomes.extend(given_up(obj) for obj in waiting if Kind.of(obj) in failed)
            unserved = [obj for obj in waiting if Kind.of(obj) not in served | failed]
            waiting = [*unserved, *(obj for obj, outcome in attempts if not outcome)]
            if waiting:
                left = sorted(set(map(Kind.of, waiting)))
                raise NotYet(", ".join(awaited(kind, known.get(kind, Bringing())) for kind in left))

        def given_up(obj: Object) -> Outcome:
            kind, seconds = Kind.of(obj), time.monotonic() - started
            bringing = known.get(kind, Bringing())
            return Outcome(obj, "failed", never_served(kind, bringing, seconds), unserved=not bringing.said)

        try:
            poll_until(look, self._deadline, self._progress, "waiting until the cluster serves")
        except TimedOut:
            outcomes += map(given_up, waiting)
        except EngineError as error:
            outcomes += [Outcome(obj, "failed", str(error)) for obj in waiting]
        return outcomes

    def _established(self, outcome: Outcome) -> Outcome:
        """Wait until a CustomResourceDefinition is Established, so that the next wave finds its kind."""
        if Kind.of(outcome.obj) != CRD or outcome.action == "failed" or self._client.check_mode:
            return outcome
        live, reference = outcome.after, Reference.of(outcome.obj)

        def look() -> None:
            nonlocal live
            if not holds(live, "Established"):
                live = self._client.get(reference, self._deadline)
            if not holds(live, "Established"):
                raise NotYet(_conditions(live or {}))

        try:
            poll_until(look, self._deadline, self._progress, f"waiting until {reference} is established")
        except TimedOut as error:
            return Outcome(outcome.obj, "failed", f"the API server does not establish it: {error.reason}")
        except EngineError as error:
            return Outcome(outcome.obj, "failed", str(error))
        return outcome


def _located(client: Client, obj: Object, deadline: float) -> Object:
    """Return the object as its kind's scope wants it. Raises KindNotServed, and EngineError for a missing namespace."""
    namespaced = client.resource(Kind.of(obj), deadline).namespaced
    given = obj["metadata"].get("namespace")
    if namespaced and not given:
        raise EngineError(f"{obj['kind']} lives in a namespace: give metadata.namespace, or the option namespace.")
    if given and not namespaced:
        return {**obj, "metadata": {key: value for key, value in obj["metadata"].items() if key != "namespace"}}
    return obj


def _collection(obj: Object) -> Collection:
    return Kind.of(obj), obj["metadata"].get("namespace")


def _conditions(crd: Object) -> str:
    conditions = section(crd, "status").get("conditions") or []
    return "; ".join(f"{each['type']}={each['status']} {each.get('message', '')}" for each in conditions) or "no status"
