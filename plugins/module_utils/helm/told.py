# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a task says of a release and its objects: results, diff, warnings and refusals, without secrets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..apply.changes import LEFT, REFUSED, Change
from ..kube.objects import Kind, Object, Reference
from .mend import Mended
from .values import hidden

# A release is no object of the API; this is how results name it.
RELEASE = Kind("helm.sh/v3", "Release")
_TAKE = "-e seldon_conflicts=heal takes back what people changed, -e seldon_conflicts=force takes all"
_ADOPT = (
    "See what would change with --check --diff, and agree with -e seldon_adopt=true. Helm keeps the revisions before."
)


def of_release(name: str, namespace: str, action: str, changes: Iterable[Change] = ()) -> Mended:
    """Return what becomes of the release itself, in the form of its objects."""
    return Mended(RELEASE.named(name, namespace).bare(), action, list(changes))


def results(parts: Iterable[Mended]) -> list[dict[str, Any]]:
    """Return the entries of a module's `results`."""
    return [_entry(part) for part in parts]


def diff(parts: Iterable[Mended]) -> list[dict[str, str]]:
    """Return the entries of a module's `diff`: a line for each field that changes."""
    lines = [_lines(part) for part in parts if part.action not in ("unchanged", "failed")]
    return [each for each in lines if each["before"] or each["after"]]


@dataclass(frozen=True)
class Additions:
    """What people added to an object, in words, and the command to remove it."""

    what: str
    do: str


def additions(obj: Object, added: Iterable[Change]) -> Additions:
    """Return what is to be said of items that people added to lists of an object."""
    who, fields = Reference.of(obj), ", ".join(f"{each.field} ({each.manager})" for each in added)
    place = f" -n {who.namespace}" if who.namespace else ""
    what = f"people added what Helm neither set nor removes: {fields}"
    return Additions(what, f"oc edit {who.kind.qualified} {who.name}{place}")


def warnings(parts: Iterable[Mended]) -> list[str]:
    """Return what a person should know although nothing fails: what is left to others, and where."""
    return [line for part in parts for line in _warnings(part)]


def _warnings(part: Mended) -> Iterator[str]:
    who, left = Reference.of(part.obj), [each for each in part.fields if each.fate == LEFT]
    held = ", ".join(f"{each.field} ({each.manager})" for each in left if each.wanted is not None)
    added = [each for each in left if each.wanted is None]
    if held:
        yield (
            f"{who}: controllers hold other values than Helm set, and keep them: {held}. "
            "To take them all the same: -e seldon_conflicts=force"
        )
    if added:
        told = additions(part.obj, added)
        yield f"{who}: {told.what}. To remove it: {told.do}"


def refusal(parts: Iterable[Mended]) -> str:
    """Return why drift fails the task, and what to type."""
    lines = "\n".join(f"- {_sentence(part)}" for part in parts)
    return f"objects of the release are not as Helm installed them:\n{lines}\nTo put them right: {_TAKE}."


def foreign(name: str, namespace: str, parts: Iterable[Mended]) -> str:
    """Return why a release of others is not changed, and what to type."""
    lines = "\n".join(f"- {_sentence(part)}" for part in parts)
    return f"the release {namespace}/{name} was not installed by this collection, and would change:\n{lines}\n{_ADOPT}"


def failure(parts: Iterable[Mended]) -> str:
    """Return why objects could not be put right."""
    lines = "\n".join(f"- {Reference.of(part.obj)}: {part.message}" for part in parts if part.action == "failed")
    return f"not every object of the release can be put right:\n{lines}"


def _sentence(part: Mended) -> str:
    found = [each for each in part.fields if each.wanted is not None or each.fate != LEFT]
    fields = ", ".join(f"{each.field}{f' ({each.manager})' if each.manager else ''}" for each in found)
    return f"{part.obj['kind']} {part.obj['metadata']['name']}: {fields or part.message}"


def _shown(part: Mended) -> list[dict[str, Any]]:
    secret = part.obj["kind"] == "Secret"
    return [hidden(change).report(secret) for change in part.fields]


def _entry(part: Mended) -> dict[str, Any]:
    told = {"message": part.message, "fields": _shown(part)}
    named = {**Reference.of(part.obj).as_options(), "action": part.action}
    return {**named, **{key: value for key, value in told.items() if value}}


def _lines(part: Mended) -> dict[str, str]:
    who = str(Reference.of(part.obj))
    shown = [each for each in _shown(part) if each["fate"] not in (LEFT, REFUSED)]
    managers = sorted({each["manager"] for each in shown if each["manager"]})
    before, after = (
        "".join(f"{each['field']}: {each[side]}\n" for each in shown if each[side] is not None)
        for side in ("live", "wanted")
    )
    existed = part.action != "created"
    after = after or (f"{who}\n" if not existed else "")
    held = f" (taken back from {', '.join(managers)})" if managers else ""
    return {"before_header": f"{who}{held}", "after_header": who, "before": before, "after": after}


def as_refused(parts: Iterable[Mended]) -> list[Mended]:
    """Return what was looked at, and is not done."""
    return [
        replace(part, action="failed", fields=[_refused(each) for each in part.fields]) if part.conflicts else part
        for part in parts
    ]


def _refused(change: Change) -> Change:
    return change if change.fate == LEFT and change.wanted is None else replace(change, fate=REFUSED)
