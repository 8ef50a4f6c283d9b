# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Objects of a backup beside those of a cluster: created, left as they are, completed, or replaced with consent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..apply.diff import content, entry
from ..apply.outcome import explain
from ..kube.client import Client
from ..kube.errors import ApiError, EngineError, KindNotServed
from ..kube.kinds import APP_PROJECT, CONFIG_MAP
from ..kube.objects import Kind, Object, Objects, Reference
from .gather import KNOWN_HOSTS
from .kept import clean, united

CREATED, UPDATED, UNCHANGED, DIFFERS = "created", "updated", "unchanged", "differs"


@dataclass(frozen=True)
class Step:
    """One object: what is wanted, what is there, and what becomes of it."""

    reference: Reference
    action: str
    wanted: Object
    live: Object | None = None

    @property
    def changes(self) -> bool:
        """Whether the cluster's object is written."""
        return self.action in (CREATED, UPDATED)

    def report(self) -> dict[str, str | None]:
        """Return what a module returns of it: never the object itself."""
        return {**self.reference.as_options(), "action": self.action}

    def diff(self) -> dict[str, str]:
        """Return its entry for `--diff`, without the values of a Secret."""
        return entry(self.reference, content(self.live), content(self.wanted))


def plan(client: Client, objects: Iterable[Object], replaces: bool) -> list[Step]:
    """Return what becomes of each object. Raises EngineError for kinds that the cluster does not serve."""
    return [_step(client, obj, replaces) for obj in objects]


def differing(steps: Iterable[Step]) -> Iterator[str]:
    """Yield the names of objects that are there, differ, and are not replaced without consent."""
    return (str(step.reference) for step in steps if step.action == DIFFERS)


def write(client: Client, steps: Iterable[Step]) -> None:
    """Write what changes. Raises EngineError that names the object; a later run goes on after what was written."""
    for step in steps:
        if not step.changes:
            continue
        try:
            if step.action == CREATED:
                client.create(step.wanted, validation="Ignore")
            else:
                client.replace(step.wanted)
        except ApiError as error:
            raise EngineError(
                f"{step.reference} cannot be restored: {explain(error, step.wanted, step.live)}"
            ) from None


def judged(wanted: Object, live: Object | None, replaces: bool) -> Step:
    """Return what becomes of an object of a backup, whose cluster has `live` instead."""
    reference = Reference.of(wanted)
    if live is None:
        return Step(reference, CREATED, wanted)
    if _is_shared(reference):
        whole = united(live, wanted)
        return Step(reference, UNCHANGED if whole == live else UPDATED, whole, live)
    if clean(live) == wanted:
        return Step(reference, UNCHANGED, wanted, live)
    version = {"resourceVersion": live["metadata"]["resourceVersion"]}
    replacement = {**wanted, "metadata": {**wanted["metadata"], **version}}
    return Step(reference, UPDATED if replaces else DIFFERS, replacement, live)


def _step(client: Client, obj: Object, replaces: bool) -> Step:
    try:
        return judged(obj, client.get(Reference.of(obj)), replaces)
    except KindNotServed as error:
        raise EngineError(
            f"{error}, of which the backup has {Reference.of(obj)}.\n"
            "  next: ansible-playbook seldon.openshift.site, with the values of the installation"
        ) from None


def _is_shared(reference: Reference) -> bool:
    return reference.kind == APP_PROJECT or (reference.kind, reference.name) == (CONFIG_MAP, KNOWN_HOSTS)


def awaited(objects: Objects) -> list[dict[str, str | None]]:
    """Return the objects for the option `resources` of seldon_wait."""
    return [Kind.of(obj).named(obj["metadata"]["name"], obj["metadata"]["namespace"]).as_options() for obj in objects]
