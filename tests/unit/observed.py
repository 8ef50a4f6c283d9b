"""A cluster made of plain objects, for the unit tests of checks."""

from __future__ import annotations

from typing import Any, cast

from ansible_collections.seldon.openshift.plugins.module_utils.checks.observed import Observed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind, Reference

Object = dict[str, Any]


class Objects:
    """Answers as a Client does from what it was given; kinds in `forbidden` may not be read."""

    def __init__(self, objects: tuple[Object, ...], forbidden: tuple[str, ...] = ()) -> None:
        self._objects = objects
        self._forbidden = forbidden

    def get(self, reference: Reference) -> Object | None:
        found = self.list(reference.kind, reference.namespace)
        return next((obj for obj in found if obj["metadata"]["name"] == reference.name), None)

    def list(
        self,
        kind: Kind,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        deadline: float | None = None,
    ) -> list[Object]:
        if kind.name in self._forbidden:
            raise ApiError(403, "Forbidden", f'{kind.name} is forbidden: User "someone" cannot list it')
        wanted = dict(part.split("=") for part in (label_selector or "").split(",") if part)
        return [
            o
            for o in self._objects
            if Kind.of(o) == kind
            and namespace in (None, o["metadata"].get("namespace"))
            and wanted.items() <= (o["metadata"].get("labels") or {}).items()
        ]


def observed(*objects: Object, forbidden: tuple[str, ...] = ()) -> Observed:
    """Return what checks see of a cluster that holds exactly `objects`."""
    return Observed(cast(Client, Objects(objects, forbidden)))
