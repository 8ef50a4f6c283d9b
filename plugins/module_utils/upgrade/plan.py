# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a run with consent does, and what it needs to be told: from how everything stands, pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .consent import Consent
from .operands import KAFKAS_PROTOCOL, PROTOCOL, Product, held_protocol
from .operators import Standing

Entries = Mapping[str, Sequence[Mapping[str, Any]]]


def problems(agreed: Consent, operators: Sequence[Standing], found: Sequence[Product]) -> list[str]:
    """Return what keeps a run from what was agreed to; nothing of it is begun then."""
    return [
        *(
            f"{each.name} in {each.namespace}: {reason}"
            for each in operators
            if each.asked in agreed.packages and not each.adopted
            for reason in each.blocked
        ),
        *(
            f"{each.what} {each.namespace}/{each.name}: {each.blocked}"
            for each in found
            if each.chapter in agreed.chapters and each.blocked
        ),
    ]


def wanted(entries: Entries, agreed: Consent, operators: Sequence[Standing]) -> dict[str, list[dict[str, Any]]]:
    """Return the entries of seldon_operator for each chapter, those that may be upgraded with their goal."""
    standings = {(each.chapter, each.asked): each for each in operators}
    return {
        chapter: [_entry(entry, standings.get((chapter, entry["name"])), agreed) for entry in each]
        for chapter, each in entries.items()
    }


def kept(entries: Entries, agreed: Consent, operators: Sequence[Standing], found: Sequence[Product]) -> dict[str, Any]:
    """Return the variables that have to be said from now on, for a later site.yml to want what is there then."""
    after = {
        chapter: [{key: value for key, value in entry.items() if key != "upgrade"} for entry in each]
        for chapter, each in wanted(entries, agreed, operators).items()
    }
    moved = {
        each.variable: each.wanted
        for each in found
        if each.chapter in agreed.chapters and each.steps and each.what != KAFKAS_PROTOCOL
    }
    return {name: version for name, version in moved.items() if "." not in name} | {
        f"{chapter}_operators": each
        for chapter, each in after.items()
        if [entry.get("starting_csv") for entry in each] != [entry.get("starting_csv") for entry in entries[chapter]]
    }


def companions(chapter: str, entries: Mapping[str, list[dict[str, Any]]], agreed: Consent) -> Iterator[dict[str, Any]]:
    """Yield the entries of other chapters that share a namespace with this one's: OLM's plans carry both."""
    homes = {entry["namespace"] for entry in entries[chapter]}
    for other, each in entries.items():
        yield from (e for e in each if other != chapter and e["namespace"] in homes and e["name"] in agreed.packages)


def _entry(entry: Mapping[str, Any], found: Standing | None, agreed: Consent) -> dict[str, Any]:
    if found is None or found.asked not in agreed.packages or found.adopted or found.automatic or not found.installed:
        return dict(entry)
    return {**entry, "upgrade": True, **({"starting_csv": found.goal} if entry.get("starting_csv") else {})}


def passes(chapter: str, found: Sequence[Product]) -> list[dict[str, Any]]:
    """Return the variables of each time that a chapter is applied: versions that are held, nothing the last time."""
    own = [each for each in found if each.chapter == chapter]
    planes = [each for each in own if each.what == "control plane"]
    held: list[dict[str, Any]] = [
        {"service_mesh_held": {"version": step}} for each in planes for step in each.steps[:-1]
    ]
    if protocol := held_protocol(own):
        held.append({"kafka_held": {"kafka": {"config": {PROTOCOL: protocol}}}})
    return [*held, {}]
