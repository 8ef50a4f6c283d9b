# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The chapters of a tree, in the order of site.yml; and what is wanted of each, an object once: pure functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import (
    Manifest,
    Note,
    Record,
    Release,
    Secret,
)

# As site.yml applies them (tests/unit/plugins/plugin_utils/test_render.py).
ORDER = (
    "namespaces",
    "monitoring",
    "postgresql",
    "service_mesh",
    "kafka",
    "elasticsearch",
    "serverless",
    "seldon_core_v2",
    "gitops",
    "logging",
    "model_namespace",
    "seldon_deploy",
    "seldon_core_v1",
)
# What the chapter model_namespace applies once more, and who has it: two files for one object would fight.
_HOMES = {("model_namespace", "Namespace"): "namespaces", ("model_namespace", "AppProject"): "gitops"}


@dataclass(frozen=True)
class Chapter:
    """All that one chapter wants. hidden: the paths of placeholders, by what they are in."""

    name: str
    manifests: tuple[Manifest, ...] = ()
    secrets: tuple[Secret, ...] = ()
    releases: tuple[Release, ...] = ()
    notes: tuple[Note, ...] = ()
    hidden: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        """The chapter's folder in the tree."""
        return folder_of(self.name)

    @property
    def wave(self) -> int:
        """The chapter's place in the order, which its folder's name begins with."""
        return ORDER.index(self.name)


def folder_of(chapter: str) -> str:
    """Return the name of a chapter's folder."""
    return f"{ORDER.index(chapter):02}-{chapter.replace('_', '-')}"


def asked_for(tags: Iterable[str], skipped: Iterable[str]) -> list[str]:
    """Return the chapters that a run with these tags renders."""
    run, skip = set(tags), set(skipped)
    return [name for name in ORDER if (run & {"all", "tagged", name}) and name not in skip]


def chapters_of(records: Iterable[Record], wanted: Iterable[str]) -> list[Chapter]:
    """Return the `wanted` chapters. What several tasks want of one object becomes one object, in the first chapter."""
    found, kept = _at_home(records), set(wanted)
    merged: dict[tuple[str, str], Record] = {}
    for record in sorted(found, key=lambda each: ORDER.index(each.chapter)):
        key = type(record.wanted).__name__, subject(record.wanted)
        merged[key] = _both(merged[key], record) if key in merged else record
    return [_chapter(name, merged.values()) for name in ORDER if name in kept]


def subject(wanted: Any) -> str:
    """Return what something that is wanted is called in texts."""
    if isinstance(wanted, Manifest):
        return str(Reference.of(wanted.obj))
    if isinstance(wanted, Note):
        return wanted.subject
    return f"{type(wanted).__name__} {wanted.namespace}/{wanted.name}"


def _at_home(records: Iterable[Record]) -> list[Record]:
    return [replace(each, chapter=_HOMES.get((each.chapter, _kind(each)), each.chapter)) for each in records]


def _kind(record: Record) -> str:
    return str(record.wanted.obj["kind"]) if isinstance(record.wanted, Manifest) else ""


def _both(first: Record, second: Record) -> Record:
    one, other = first.wanted, second.wanted
    if isinstance(one, Manifest) and isinstance(other, Manifest):
        one = Manifest(merged_objects(one.obj, other.obj), one.alone or other.alone)
    return replace(first, wanted=one, hidden=tuple(dict.fromkeys((*first.hidden, *second.hidden))))


def merged_objects(one: Object, other: Object) -> Object:
    """Return what two tasks want of one object: mappings key by key, lists with what the second has more."""
    merged = dict(one)
    for key, value in other.items():
        there = merged.get(key)
        if isinstance(there, Mapping) and isinstance(value, Mapping):
            merged[key] = merged_objects(dict(there), dict(value))
        elif isinstance(there, list) and isinstance(value, list):
            merged[key] = [*there, *(each for each in value if each not in there)]
        else:
            merged[key] = value
    return merged


def _chapter(name: str, records: Iterable[Record]) -> Chapter:
    own = sorted((each for each in records if each.chapter == name), key=lambda each: subject(each.wanted))
    wanted = [each.wanted for each in own]
    return Chapter(
        name,
        tuple(each for each in wanted if isinstance(each, Manifest)),
        tuple(each for each in wanted if isinstance(each, Secret)),
        tuple(each for each in wanted if isinstance(each, Release)),
        tuple(each for each in wanted if isinstance(each, Note)),
        {subject(each.wanted): each.hidden for each in own if each.hidden},
    )
