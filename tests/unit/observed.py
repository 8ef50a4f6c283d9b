"""A cluster made of plain objects, for the unit tests of checks."""

from __future__ import annotations

from typing import Any, cast

from ansible_collections.seldon.openshift.plugins.module_utils.checks.observed import Observed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError

Object = dict[str, Any]


class Objects:
    """Answers as a Client does from what it was given; kinds in `forbidden` may not be read."""

    def __init__(self, objects: tuple[Object, ...], forbidden: tuple[str, ...] = ()) -> None:
        self._objects = objects
        self._forbidden = forbidden

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object | None:
        return next((o for o in self.list(api_version, kind, namespace) if o["metadata"]["name"] == name), None)

    def list(
        self, api_version: str, kind: str, namespace: str | None = None, label_selector: str | None = None
    ) -> list[Object]:
        if kind in self._forbidden:
            raise ApiError(403, "Forbidden", f'{kind} is forbidden: User "someone" cannot list it')
        wanted = dict(part.split("=") for part in (label_selector or "").split(",") if part)
        return [
            o
            for o in self._objects
            if (o["apiVersion"], o["kind"]) == (api_version, kind)
            and namespace in (None, o["metadata"].get("namespace"))
            and wanted.items() <= (o["metadata"].get("labels") or {}).items()
        ]


def observed(*objects: Object, forbidden: tuple[str, ...] = ()) -> Observed:
    """Return what checks see of a cluster that holds exactly `objects`."""
    return Observed(cast(Client, Objects(objects, forbidden)))
