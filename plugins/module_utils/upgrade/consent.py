# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""To what a person has agreed: chapters and packages by name, from what was typed: pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..kube.spelling import advice, nearest

ALL = "all"


@dataclass(frozen=True)
class Consent:
    """What may be upgraded. chapters: those that a run works on, in its order. packages: those of operators."""

    chapters: tuple[str, ...]
    packages: frozenset[str]


def named(given: Any) -> list[str]:
    """Return the names in `kafka,service_mesh`, or in a list, each once."""
    texts = given if isinstance(given, (list, tuple)) else [given]
    names = (name.strip() for text in texts if text is not None for name in str(text).split(","))
    return list(dict.fromkeys(name for name in names if name))


def strangers(names: Sequence[str], chapters: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what to say of names that are neither chapters nor packages of `{chapter: packages}`, with the nearest."""
    known = [ALL, *chapters, *(name for packages in chapters.values() for name in packages)]
    return [f"{name} is nothing to upgrade here; {_advice(name, known)}" for name in names if name not in known]


def consent(names: Sequence[str], chapters: Mapping[str, Sequence[str]]) -> Consent:
    """Return what `names` agree to. A package's name agrees to its chapter, but to no other operator of it."""
    whole = {chapter for chapter in chapters if chapter in names or ALL in names}
    packages = {name for chapter, each in chapters.items() for name in each if chapter in whole or name in names}
    touched = [chapter for chapter, each in chapters.items() if chapter in whole or packages & {*each}]
    return Consent(tuple(touched), frozenset(packages))


def _advice(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return advice([near] if near else [], known)
