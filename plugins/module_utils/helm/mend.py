# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Putting right what people changed of a release's objects, as Helm's three-way merge would, and nothing else.

`helm upgrade` would do less, and more: custom resources get only what is other in the new manifest, and what a
controller holds, such as the replicas of an autoscaler, is overwritten (Helm 3, pkg/kube/client.go, createPatch).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from ..apply.changes import LEFT, TAKEN_BACK, Change
from ..apply.gone import wait_until_gone
from ..apply.outcome import explain, missing_namespace
from ..apply.policy import Policy, may_take
from ..apply.waves import parallel, waves
from ..kube.client import Client
from ..kube.errors import ApiError, EngineError, KindNotServed
from ..kube.objects import Kind, Object, Objects, Reference
from ..kube.polling import NotYet, Progress, TimedOut, poll_until
from .drift import drift, mended
from .live import Found

TRIES = 5


@dataclass(frozen=True)
class Mended:
    """What an object of a release has become. action: unchanged, created, updated or failed.

    fields: what differs from the manifest, and the fate of each. message: what is to be known of it.
    """

    obj: Object
    action: str = "unchanged"
    fields: list[Change] = field(default_factory=list)
    message: str = ""

    @property
    def conflicts(self) -> bool:
        """Whether somebody made it other than Helm did, whatever becomes of it."""
        held = any(each.fate == LEFT and each.wanted is not None for each in self.fields)
        return held or self.action != "unchanged"


class Mender:
    """Looks at the objects of a release, and puts them right; `deadline` is in seconds of `time.monotonic()`."""

    def __init__(self, client: Client, policy: Policy, deadline: float, progress: Progress) -> None:
        """Nothing is read or written yet."""
        self._client = client
        self._policy = policy
        self._deadline = deadline
        self._progress = progress

    def look(self, found: Iterable[Found]) -> list[Mended]:
        """Return what `mend` would do with each object. Nothing is written, and nothing raised."""
        return parallel(lambda each: self._attempt(each, self._look), found)

    def mend(self, found: Iterable[Found]) -> list[Mended]:
        """Put the objects right, and return what they have become. What fails has a message; nothing is raised."""
        by_object = {id(each.wanted): each for each in found}
        groups = waves(each.wanted for each in by_object.values())
        return [done for objects in groups for done in self._wave(objects, by_object)]

    def _wave(self, objects: Objects, by_object: dict[int, Found]) -> list[Mended]:
        return parallel(lambda obj: self._attempt(by_object[id(obj)], self._mend), objects)

    def _attempt(self, found: Found, do: Callable[[Found], Mended]) -> Mended:
        try:
            return do(found)
        except ApiError as error:
            return Mended(found.wanted, "failed", message=explain(error, found.wanted))
        except EngineError as error:
            return Mended(found.wanted, "failed", message=str(error))

    def _look(self, found: Found) -> Mended:
        if found.missing:
            return Mended(found.wanted, "created", message="it was deleted")
        if found.live is None:
            return Mended(found.wanted)
        fields = self._changes(found.wanted, found.live)
        wanted = [change for change in fields if change.fate != LEFT]
        left = [change for change in fields if change.fate == LEFT]
        real = self._real(found.wanted, found.live, wanted) if wanted else []
        return Mended(found.wanted, "updated" if real else "unchanged", [*real, *left])

    def _changes(self, wanted: Object, live: Object) -> list[Change]:
        """Return what differs; with `force`, what controllers hold is taken back, too."""
        found = drift(wanted, live)
        if not self._policy.forces:
            return found
        return [
            replace(each, fate=TAKEN_BACK)
            if each.wanted is not None and not may_take(each.manager, Kind.of(wanted))
            else each
            for each in found
        ]

    def _real(self, wanted: Object, live: Object, changes: list[Change]) -> list[Change]:
        """Return those of `changes` that the API server would keep; it drops fields that it does not know."""
        try:
            tried = self._send(wanted, live, changes, dry_run=True)
        except ApiError as error:
            if "dry run" in error.message or self._is_old(error):
                return changes
            raise
        remaining = {change.field for change in drift(wanted, tried)}
        return [change for change in changes if change.field not in remaining]

    @staticmethod
    def _is_old(error: ApiError) -> bool:
        return error.status == 409

    def _send(self, wanted: Object, live: Object, changes: list[Change], dry_run: bool = False) -> Object:
        body = mended(wanted, live, [change.field for change in changes])
        # As it was read: who writes meanwhile is not overwritten.
        body["metadata"] = {**body.get("metadata", {}), "resourceVersion": live["metadata"]["resourceVersion"]}
        return self._client.patch(Reference.of(wanted).bare(), body, dry_run=dry_run, deadline=self._deadline)

    def _mend(self, found: Found) -> Mended:
        return self._create(found) if found.missing else self._patch(found)

    def _patch(self, found: Found) -> Mended:
        for _try in range(TRIES):
            seen = self._look(found)
            if seen.action != "updated" or found.live is None:
                return seen
            try:
                self._send(found.wanted, found.live, [each for each in seen.fields if each.fate != LEFT])
                return replace(seen, message=_taken(seen.fields))
            except ApiError as error:
                if not self._is_old(error):
                    raise
            found = Found(found.wanted, self._client.get(Reference.of(found.wanted), self._deadline))
            if found.missing:
                return self._create(found)
        raise EngineError(f"somebody writes it again and again: it was never as it had been read, {TRIES} times.")

    def _create(self, found: Found) -> Mended:
        wanted, reference = found.wanted, Reference.of(found.wanted)
        made = Mended(wanted, "created", message="it was deleted: made again")
        if found.live is not None and not self._client.check_mode:
            uid = found.live["metadata"]["uid"]
            wait_until_gone(self._client, reference, self._deadline, self._progress, uid)
        try:
            poll_until(lambda: self._post(wanted), self._deadline, self._progress, "waiting until the cluster serves")
        except TimedOut as error:
            raise EngineError(f"the cluster does not serve {Kind.of(wanted)}: {error}") from error
        return made

    def _post(self, wanted: Object) -> None:
        try:
            namespaced = self._client.resource(Kind.of(wanted), self._deadline).namespaced
            metadata = {key: each for key, each in wanted["metadata"].items() if namespaced or key != "namespace"}
            # Helm does not refuse what the server does not know.
            self._client.create({**wanted, "metadata": metadata}, deadline=self._deadline, validation="Ignore")
        except KindNotServed as error:  # its CRD was made a moment ago, or will be
            if not self._client.check_mode:
                raise NotYet(str(Kind.of(wanted))) from error
        except ApiError as error:
            if missing_namespace(error) and self._client.check_mode:
                return
            if error.status != 409:  # somebody was faster, or this is the repetition of what arrived
                raise


def _taken(fields: Iterable[Change]) -> str:
    managers = dict.fromkeys(each.manager for each in fields if each.fate == TAKEN_BACK and each.manager)
    return f"taken back from {', '.join(managers)}" if managers else "put back"
