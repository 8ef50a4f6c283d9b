# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The outcome of one object, and words for what went wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ..kube.errors import ApiError
from ..kube.objects import Object, Reference, section
from ..kube.redaction import hiding, without_private_keys
from .changes import LEFT, TAKEN, TAKEN_BACK, Change
from .diff import content, entry
from .ownership import beside_identity, carries_us, ours, owned_fields, union
from .volumes import refused_volumes

_SHORT = 100


@dataclass
class Outcome:
    """What happened to an object.

    action: created, updated, recreated, unchanged, pruned, deleted, absent or failed.
    unserved: its kind was never served, and nobody knows why. fields: what differs from what is wanted, and its fate.
    """

    obj: Object
    action: str
    message: str = ""
    before: Object | None = None
    after: Object | None = None
    unserved: bool = False
    fields: list[Change] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether the cluster's object was changed (in check mode: would be)."""
        return self.action in ("created", "updated", "recreated", "pruned", "deleted")

    def report(self) -> dict[str, Any]:
        """Return what a module returns of it: never the object itself."""
        report = {**Reference.of(self.obj).as_options(), "action": self.action}
        secret = self.obj["kind"] == "Secret"
        told = {
            "message": self.message,
            "fields": [change.report(secret) for change in self.fields],
            "foreign": bool(self.before and beside_identity(self.obj) and not carries_us(self.before)),
        }
        return {**report, **{key: value for key, value in told.items() if value}}

    def warning(self) -> str | None:
        """Return what a person should know of it although it is well: what a controller holds, and goes on to hold."""
        left = [each.report(self.obj["kind"] == "Secret") for each in self.fields if each.fate == LEFT]
        if not left or self.action == "failed":
            return None
        held = "; ".join(f"{each['manager']} has set {each['field']}{_instead(each)}" for each in left)
        return (
            f"{Reference.of(self.obj)}: controllers hold other values than wanted, which are left to them: {held}. "
            f"To take them all the same: -e seldon_conflicts=force"
        )

    def _header(self) -> str:
        taken = self.told_taken()
        return f"{Reference.of(self.obj)} ({taken})" if taken else str(Reference.of(self.obj))

    def told_taken(self) -> str:
        """Return which fields were taken from whom, empty when none was."""
        told = []
        for fate, words in ((TAKEN_BACK, "taken back"), (TAKEN, "taken, because they are given explicitly")):
            fields = [f"{each.field} from {each.manager}" for each in self.fields if each.fate == fate]
            told += [f"{words}: {', '.join(fields)}"] if fields else []
        return "; ".join(told)

    def diff(self) -> dict[str, str] | None:
        """Return its entry for `--diff`: the fields that we own before or after; None when nothing changed."""
        if not self.changed:
            return None
        fields = union(owned_fields(self.before) or {}, owned_fields(self.after) or {})
        bare = not beside_identity(self.obj) and self.action in ("created", "updated", "recreated")
        return entry(self._header(), _shown(self.before, fields, bare), _shown(self.after, fields, bare))


def _instead(field: dict[str, Any]) -> str:
    """Return the values of a field, unless they are long."""
    told = f" to {field['live']} instead of {field['wanted']}"
    return told if len(told) <= _SHORT else ""


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the part of a module's result that `outcomes` make: `changed`, `results`, `diff` and `warnings`."""
    warnings = [told for told in (outcome.warning() for outcome in outcomes) if told]
    return {
        "changed": any(outcome.changed for outcome in outcomes),
        "results": [outcome.report() for outcome in outcomes],
        "diff": [shown for shown in (outcome.diff() for outcome in outcomes) if shown],
        **({"warnings": warnings} if warnings else {}),
    }


def _shown(obj: Object | None, fields: dict[str, Any], bare: bool) -> Object | None:
    kept = content(obj)
    if obj is None or kept is None or not (fields or bare):
        return kept
    identity = {key: obj["metadata"][key] for key in ("name", "namespace") if key in obj["metadata"]}
    part = ours(kept, fields) if fields else {}
    part["metadata"] = {**identity, **part.get("metadata", {})}
    return {"apiVersion": obj["apiVersion"], "kind": obj["kind"], **part}


def differs(before: Object | None, after: Object | None) -> bool:
    """Say whether two states of an object differ in more than status and the server's own metadata."""
    return content(before) != content(after)


def missing_namespace(error: ApiError) -> str | None:
    """Return the name of the namespace whose absence is the reason of `error`."""
    if error.status == 404 and error.details.get("kind") == "namespaces":
        return str(error.details.get("name"))
    return None


def explain(error: ApiError, obj: Object, live: Object | None = None) -> str:
    """Return what an error means for `obj` and what to do, without any value of a Secret.

    live: the object as it is, where that was read; words about volumes are told by what they would become.
    """
    namespace = missing_namespace(error)
    if namespace:
        return f"namespace {namespace} does not exist: apply it first, or put it into the same set."
    if any(each.get("reason") == "NamespaceTerminating" for each in error.causes):
        name = obj["metadata"].get("namespace")
        return (
            f"namespace {name} is being deleted and takes nothing new. Run again once it is "
            f"gone; what holds it: oc describe namespace {name}"
        )
    if volumes := refused_volumes(str(error), obj, live):
        return f"{volumes} The refusal: {error}"
    # A server may quote what it refuses.
    values = section(obj, "data").values() if obj["kind"] == "Secret" else ()
    return str(without_private_keys(hiding(map(str, filter(None, values)))(str(error))))
