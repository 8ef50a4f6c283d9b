"""The file of rights of a playbook: what was recorded, with what is added and left out by hand."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.rows import Row

from tools.rights.derive import rows, without_chapters
from tools.rights.uses import ALIKE, Use, together

BY_HAND = Path(__file__).with_name("by_hand.yaml")
# Which ask for the rights of what they are run for.
OF_CHAPTERS = ("site", "add_namespace")
EVERY = "always"
WIDTH = 150
HEAD = "# Written by `make rights`: what the API server was asked, and what tools/rights/by_hand.yaml adds.\n"


def completed(playbook: str, recorded: Iterable[Use]) -> list[Row]:
    """Return the rows of the playbook's file."""
    kept = {use for use in recorded if not is_left_out(playbook, use)} | by_hand(playbook, "added")
    placed = together(kept) if playbook in ALIKE else kept
    return rows(placed if playbook in OF_CHAPTERS else without_chapters(placed))


def is_left_out(playbook: str, use: Use) -> bool:
    """Tell whether a run goes on without this right, by what is noted by hand."""
    fields = ("where", "group", "resource", "verb")
    return any(
        all(getattr(each, field) in ("*", getattr(use, field)) for field in fields)
        for each in by_hand(playbook, "left_out")
    )


def superfluous(playbook: str, recorded: Iterable[Use]) -> list[Use]:
    """Return what is added by hand although it was recorded; a note of what depends on time may stay all the same."""
    placed = together(recorded) if playbook in ALIKE else set(recorded)
    seen = {(use.where, use.group, use.resource, use.verb) for use in placed}
    added = {replace(use, chapter="", name="") for use in by_hand(playbook, "added")}
    return sorted(use for use in added if (use.where, use.group, use.resource, use.verb) in seen)


@cache
def by_hand(playbook: str, part: str) -> frozenset[Use]:
    """Return the uses of a playbook that a part of the file (`added`, `left_out`) holds."""
    return frozenset(
        use
        for entry in yaml.safe_load(BY_HAND.read_text(encoding="utf-8"))[part]
        if playbook in entry["playbooks"]
        for right in entry["rights"]
        for use in _uses(right)
    )


def _uses(right: dict[str, Any]) -> Iterator[Use]:
    for resource in right["resources"]:
        for verb in right["verbs"]:
            for name in right.get("names") or [""]:
                for chapter in right.get("chapters") or [None]:
                    of = "" if chapter == EVERY else chapter
                    yield Use(right["where"], right["group"], resource, verb, name, of)


def text(found: Iterable[Row]) -> str:
    """Return the file that holds these rows."""
    return HEAD + "---\n" + "".join(f"- {{{_folded(list(_fields(row)))}}}\n" for row in found)


def _folded(fields: list[str]) -> str:
    """Return the fields in one line, or the last of them in lines of its own."""
    line = ", ".join(fields)
    return line if len(line) < WIDTH else f"{', '.join(fields[:-1])},\n   {_wrapped(fields[-1])}"


def _wrapped(field: str) -> str:
    """Return a field in lines of the file's width, the later ones below the first entry of its list."""
    below = "\n" + " " * (len("   [") + field.index("["))
    return below.join(textwrap.wrap(field, WIDTH, break_long_words=False, break_on_hyphens=False))


def _fields(row: Row) -> Iterator[str]:
    yield f"where: {row.where}"
    yield "group: " + (row.group or '""')
    yield f"resource: {row.resource}"
    for key, values in (("verbs", row.verbs), ("names", row.names), ("chapters", row.chapters)):
        if values:
            yield f"{key}: [{', '.join(values)}]"
