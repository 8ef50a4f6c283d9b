# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The objects of a release's manifest beside what the cluster has of them, read in few requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Optional, Protocol

from ..apply.waves import parallel
from ..kube.client import FIELD_MANAGER, Client
from ..kube.errors import ApiError, KindNotServed
from ..kube.objects import Kind, Object, Objects, Reference, is_terminating, section
from ..kube.rights import is_forbidden

# Helm puts it on all that it makes.
LABELS = "app.kubernetes.io/managed-by=Helm"
_OURS = f"{FIELD_MANAGER}/"
_Collection = tuple[Kind, Optional[str]]


class Reader(Protocol):
    """What reads a cluster: the client, or what checks observe."""

    def get(self, reference: Reference, /) -> Object | None:
        """Return one object, None when there is none."""

    def list(self, kind: Kind, namespace: str | None, labels: str | None, /) -> Objects:
        """Return the objects of a kind in a namespace that match the label selector."""


@dataclass(frozen=True)
class Found:
    """An object as Helm wrote it, and as it is now. live: None when it is not there, or is being deleted.

    readable: whether we may read it; what may not be read counts as well.
    """

    wanted: Object
    live: Object | None = None
    readable: bool = True

    @property
    def missing(self) -> bool:
        """Whether it is not there (any more)."""
        return self.readable and (self.live is None or is_terminating(self.live))


def find(reader: Reader, objects: Objects) -> list[Found]:
    """Return what the cluster has of each of `objects`, in order: a request for each kind, and for what is missing.

    Raises EngineError.
    """
    groups: dict[_Collection, Objects] = {}
    for obj in objects:
        groups.setdefault((Kind.of(obj), obj["metadata"].get("namespace")), []).append(obj)
    several = [key for key, members in groups.items() if len(members) > 1]
    listed = {Reference.of(obj): obj for items in parallel(lambda key: _listed(reader, key), several) for obj in items}
    return parallel(lambda obj: _found(reader, obj, listed), objects)


def marks(found: Iterable[Found]) -> list[str]:
    """Return which annotations of this collection the pods' templates of these objects carry, each once."""
    templates = (section(each.live, "spec", "template", "metadata", "annotations") for each in found)
    return sorted({key for annotations in templates for key in annotations if key.startswith(_OURS)})


def _listed(reader: Reader, key: _Collection) -> Objects:
    kind, namespace = key
    try:
        found = reader.list(kind, namespace, LABELS)
    except (ApiError, KindNotServed):
        return []  # we may get but not list: the objects' own requests tell
    # A cluster-scoped object has no namespace of its own; the manifest's has that of the release.
    return [_placed(obj, namespace) for obj in found]


def _placed(obj: Object, namespace: str | None) -> Object:
    home = {"namespace": namespace} if namespace and "namespace" not in obj["metadata"] else {}
    return {**obj, "metadata": {**obj["metadata"], **home}}


def _found(reader: Reader, wanted: Object, listed: Mapping[Reference, Object]) -> Found:
    reference = Reference.of(wanted)
    if reference in listed:
        return Found(wanted, listed[reference])
    try:
        return Found(wanted, reader.get(reference))
    except KindNotServed:
        return Found(wanted)
    except ApiError as error:
        if is_forbidden(error):  # Helm needs the right as well, and says so
            return Found(wanted, readable=False)
        raise


@dataclass(frozen=True)
class Until:
    """Reads by a client until a deadline, in seconds of `time.monotonic()`."""

    client: Client
    deadline: float

    def get(self, reference: Reference, /) -> Object | None:
        """Return one object, None when there is none. Raises EngineError."""
        return self.client.get(reference, self.deadline)

    def list(self, kind: Kind, namespace: str | None, labels: str | None, /) -> Objects:
        """Return the objects of a kind in a namespace that match the label selector. Raises EngineError."""
        return self.client.list(kind, namespace, labels, deadline=self.deadline)
