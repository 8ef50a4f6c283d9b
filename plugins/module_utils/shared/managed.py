# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Objects that an administrator may edit, unless something else manages them: a pure function over one object."""

from __future__ import annotations

from ..kube.objects import Object, section


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
