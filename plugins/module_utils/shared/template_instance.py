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

from ..kube.kinds import CLAIM, DEPLOYMENT_CONFIG
from ..kube.objects import Kind, Object, Reference, condition, condition_text, holds, section

OWNER = "template.openshift.io/template-instance-owner"
FAILURE = "InstantiateFailure"
# What may hold data, or runs.
HOLDING = (CLAIM, DEPLOYMENT_CONFIG)
# On a TemplateInstance whose missing objects a repair has created: its own status says nothing of them.
COMPLETED = "seldon.openshift/completed"


@dataclass(frozen=True)
class Made:
    """An object that the template asks for, and the live one of its name."""

    wanted: Object
    live: Object | None


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a TemplateInstance: what was found, and what mends it.

    missing: objects to create beside it. recreate: it is to be deleted and made again, after `leftovers` of it.
    strangers: what is in its way.
    """

    found: str
    missing: tuple[Object, ...] = ()
    recreate: bool = False
    leftovers: tuple[Reference, ...] = ()
    strangers: tuple[Reference, ...] = ()


def is_over(instance: Object) -> bool:
    """Tell whether OpenShift has created what it will: from then on a missing object stays missing."""
    return holds(instance, FAILURE) or holds(instance, "Ready") or bool(section(instance, "status").get("objects"))


def trouble(instance: Object, made: Sequence[Made]) -> Trouble | None:
    """Return what is wrong with a TemplateInstance for which all is over, or None."""
    missing = tuple(each.wanted for each in made if each.live is None)
    there = [each.live for each in made if each.live]
    strangers = tuple(Reference.of(live) for live in there if not _belongs(live, instance))
    failed, complete = holds(instance, FAILURE), is_complete(instance)
    said = f"instantiation failed: {condition_text(condition(instance, FAILURE), 'no reason given')}"
    if failed and strangers and not complete:
        return Trouble(said, strangers=strangers)
    if failed and missing and not any(Kind.of(live) in HOLDING for live in there):
        return Trouble(said, recreate=True, leftovers=tuple(map(Reference.of, there)))
    if missing:
        return Trouble(
            f"of its objects there is no {', '.join(str(Reference.of(o)) for o in missing)}", missing=missing
        )
    return Trouble(f"{said}; its objects are all there") if failed and not complete else None


def is_complete(instance: Object) -> bool:
    """Tell whether all objects were created, by OpenShift or by a repair, whatever has failed after that."""
    made, wanted = section(instance, "status").get("objects"), section(instance, "spec", "template").get("objects")
    return COMPLETED in section(instance, "metadata", "annotations") or len(made or []) == len(wanted or [])


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
