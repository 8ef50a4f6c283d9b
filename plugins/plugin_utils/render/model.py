# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a task wants, told without a cluster: manifests, Secrets without values, Helm releases, what is left to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Union

from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object

Values = dict[str, Any]


@dataclass(frozen=True)
class Manifest:
    """An object as the task would apply it.

    alone: why applying it would overwrite the parts of others; empty where it holds nothing but ours.
    """

    obj: Object
    alone: str = ""


@dataclass(frozen=True)
class Secret:
    """A Secret without what is secret.

    values: those that everybody may know; keys: of the others, where the value comes from.
    """

    namespace: str
    name: str
    keys: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Release:
    """A Helm release. repository: empty when `chart` says where it comes from."""

    name: str
    namespace: str
    chart: str
    repository: str
    version: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """What no manifest can say: of which object, why not, and what to do."""

    subject: str
    why: str
    do: str


Wanted = Union[Manifest, Secret, Release, Note]
_FORMS: dict[str, type[Wanted]] = {form.__name__: form for form in (Manifest, Secret, Release, Note)}


@dataclass(frozen=True)
class Record:
    """Something that is wanted, and the chapter whose task wants it. hidden: the paths of placeholders in it."""

    chapter: str
    wanted: Wanted
    hidden: tuple[str, ...] = ()


def packed(chapter: str, wanted: Iterable[Wanted]) -> list[Values]:
    """Return plain data that a fact can hold."""
    return [{"chapter": chapter, "form": type(each).__name__, **asdict(each)} for each in wanted]


def unpacked(entries: Iterable[Mapping[str, Any]]) -> list[Record]:
    """Return the records in the data that `packed` has made."""
    return [_record(dict(entry)) for entry in entries]


def _record(entry: Values) -> Record:
    chapter, form = entry.pop("chapter"), _FORMS[entry.pop("form")]
    hidden = tuple(entry.pop("hidden", ()))
    return Record(chapter, form(**entry), hidden)
