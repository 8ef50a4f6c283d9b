# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What OpenShift does not mend of a TemplateInstance, and what does: pure functions.

OpenShift acts upon one once; Ready and InstantiateFailure are final. To delete it deletes its objects, volumes with
their data among them: so it is made again only while there is no volume, and otherwise what is missing is created
beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..kube.kinds import CLAIM
from ..kube.objects import Kind, Object, Reference, condition, condition_text, holds, section

OWNER = "template.openshift.io/template-instance-owner"
FAILURE = "InstantiateFailure"


@dataclass(frozen=True)
class Made:
    """An object that the template asks for, and the live one of its name."""

    wanted: Object
    live: Object | None


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a TemplateInstance: what was found, and what mends it.

    missing: objects to create beside it. recreate: it is to be deleted and made again. strangers: what is in its way.
    """

    found: str
    missing: tuple[Object, ...] = ()
    recreate: bool = False
    strangers: tuple[Reference, ...] = ()


def is_over(instance: Object) -> bool:
    """Tell whether OpenShift has created what it will: from then on a missing object stays missing."""
    return holds(instance, FAILURE) or holds(instance, "Ready") or bool(section(instance, "status").get("objects"))


def trouble(instance: Object, made: Sequence[Made]) -> Trouble | None:
    """Return what is wrong with a TemplateInstance for which all is over, or None."""
    missing = tuple(each.wanted for each in made if each.live is None)
    if holds(instance, FAILURE) and not any(each.live and Kind.of(each.live) == CLAIM for each in made):
        said = f"instantiation failed: {condition_text(condition(instance, FAILURE), 'no reason given')}"
        strangers = tuple(Reference.of(each.live) for each in made if each.live and not _belongs(each.live, instance))
        return Trouble(said, recreate=not strangers, strangers=strangers)
    if not missing:
        return None
    names = ", ".join(str(Reference.of(obj)) for obj in missing)
    return Trouble(f"of its objects there is no {names}", missing=missing)


def owned(obj: Object, instance: Object) -> Object:
    """Return the object as one of the TemplateInstance's: with OpenShift's label, and gone when the instance goes."""
    metadata = section(instance, "metadata")
    owner = {
        "apiVersion": instance["apiVersion"],
        "kind": instance["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
    }
    labels = {**section(obj, "metadata", "labels"), OWNER: metadata["uid"]}
    return {**obj, "metadata": {**obj["metadata"], "labels": labels, "ownerReferences": [owner]}}


def _belongs(live: Object, instance: Object) -> bool:
    return bool(section(live, "metadata", "labels").get(OWNER) == section(instance, "metadata").get("uid"))
