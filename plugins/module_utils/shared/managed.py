# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Objects that an administrator may edit, unless something else manages them: pure functions over one object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Optional, TypeVar

from ..kube.errors import EngineError
from ..kube.objects import Object, Reference, section

Wanted = TypeVar("Wanted", bound=Optional[Object])


def manager(obj: Object) -> str | None:
    """Return who manages an object and would undo an edit of it, None when it is the administrator's.

    Of managed OpenShift, Hive labels what it applies, and configure-alertmanager-operator writes the whole content.
    """
    metadata = obj["metadata"]
    for owner in metadata.get("ownerReferences") or []:
        if owner.get("controller"):
            return f"{owner['kind']} {owner['name']}"
    if section(metadata, "labels").get("hive.openshift.io/managed") == "true":
        return "Hive (label hive.openshift.io/managed)"
    operator = "configure-alertmanager-operator"
    managers = [each.get("manager") for each in metadata.get("managedFields") or []]
    return operator if operator in managers else None


def unmanaged(mutate: Callable[[Object], Wanted], advice: str) -> Callable[[Object], Wanted]:
    """Return `mutate`, refusing to change what is managed: the function raises EngineError that ends with `advice`."""

    def guarded(obj: Object) -> Wanted:
        wanted = mutate(obj)
        owner = None if wanted == obj else manager(obj)
        if owner:
            raise EngineError(f"{Reference.of(obj)} is managed by {owner}, which would undo the change. {advice}")
        return wanted

    return guarded
