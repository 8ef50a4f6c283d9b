"""docs/guide-map.md: the guide's sections, each with the role, variables, command and checks that stand for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS

from tools.markup import COLLECTION, code, linked
from tools.role_summaries import summaries
from tools.variable_comments import described

PAGE = "docs/guide-map.md"
SOURCE = "tools/guide_map.yml"
# Roles with a playbook of their own name; the others are tags of site.yml.
PLAYBOOKS = ("preflight", "validate")
HEAD = """\
<!-- Written by `make texts`; what to edit is tools/guide_map.yml. -->

# The guide, section by section

[Seldon's installation guide for OpenShift][guide] from its first to its last section: which role does it, by which
variables, with which command, and which checks of [`validate.yml`](validation.md#every-check) look at the result.
`site.yml` does all of it at once. What differs from the guide is told at the section; why, and how to get the guide's
own, is in [Deviations from the guide](deviations.md).

[guide]: https://deploy.seldon.io/en/v2.0/contents/getting-started/openshift-installation/index.html
"""


@dataclass(frozen=True)
class Part:
    """A section of the guide. role: who does it. playbook: with which playbook, where it is not the chapter's."""

    title: str
    role: str
    playbook: str
    variables: tuple[str, ...]
    checks: tuple[str, ...]
    note: str


@dataclass(frozen=True)
class Chapter:
    """A chapter of the guide, and the role that stands for it."""

    title: str
    role: str
    parts: tuple[Part, ...]


def texts(checkout: Path) -> dict[Path, str]:
    """Return what the page should hold.

    Raises LookupError when the map names a variable or a check that does not exist.
    """
    variables = {name: variable.role for name, variable in described(checkout / "roles").items()}
    chapters = read(checkout)
    lines = [HEAD]
    mapped = {name for chapter in chapters for part in chapter.parts for name in part.checks}
    for chapter in chapters:
        lines += [*section(chapter, variables), *others(chapter.role, mapped)]
    lines += beyond(chapters, summaries(checkout / "roles"), variables)
    return {checkout / PAGE: "\n".join(lines).rstrip("\n") + "\n"}


def read(checkout: Path) -> list[Chapter]:
    """Return the map."""
    return [_chapter(each) for each in yaml.safe_load((checkout / SOURCE).read_text())]


def _chapter(each: Mapping[str, Any]) -> Chapter:
    return Chapter(each["chapter"], each["role"], tuple(_part(part, each["role"]) for part in each["parts"]))


def _part(each: Mapping[str, Any], role: str) -> Part:
    return Part(
        title=each["title"],
        role=each.get("role", role),
        playbook=each.get("playbook", ""),
        variables=tuple(each.get("variables", ())),
        checks=tuple(each.get("checks", ())),
        note=each.get("note", ""),
    )


def section(chapter: Chapter, variables: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a chapter; `variables` are the roles of all variables.

    Raises LookupError when the map names a variable or a check that does not exist.
    """
    yield from (f"## {chapter.title}", "")
    yield from (f"Role {of(chapter.role, variables)}: {code(command(chapter.role))}", "")
    yield from ("| section | variables | checks | differs |", "|---|---|---|---|")
    for part in chapter.parts:
        section = f"{part.title}{_by(part, chapter, variables)}"
        yield f"| {section} | {_variables(part, variables)} | {_checks(part)} | {part.note} |"
    yield ""


def others(role: str, mapped: set[str]) -> list[str]:
    """Return the line on the checks of a role's chapter that belong to no section; `mapped` are those that do."""
    names = [code(check.name) for check in CHAPTERS.get(role, ()) if check.name not in mapped]
    return [f"Checked as well: {', '.join(names)}.", ""] if names else []


def beyond(chapters: list[Chapter], found: Mapping[str, str], variables: Mapping[str, str]) -> list[str]:
    """Return the section on the roles that stand for nothing in the guide; `found` is what each role does."""
    mapped = {role for chapter in chapters for role in (chapter.role, *(part.role for part in chapter.parts))}
    rows = [f"| {of(role, variables)} | {text} |" for role, text in found.items() if role not in mapped]
    return ["## Beyond the guide", "", "| role | does |", "|---|---|", *rows, ""]


def of(role: str, variables: Mapping[str, str]) -> str:
    """Return a role's name, linked with its variables where it has some."""
    return linked(code(role), f"variables.md#{role}" if role in variables.values() else None)


def command(role: str) -> str:
    """Return the command that does what a role stands for."""
    return f"ansible-playbook {COLLECTION}.{role if role in PLAYBOOKS else f'site --tags {role}'}"


def _by(part: Part, chapter: Chapter, variables: Mapping[str, str]) -> str:
    """Return who does a section that its chapter's role does not."""
    other = "" if part.role == chapter.role else f"role {of(part.role, variables)}"
    typed = code(f"{part.playbook}.yml") if part.playbook else ""
    told = ", ".join(each for each in (other, typed) if each)
    return f"<br>{told}" if told else ""


def _variables(part: Part, known: Mapping[str, str]) -> str:
    if missing := [name for name in part.variables if name not in known]:
        raise LookupError(f"{SOURCE}: {part.title} names {', '.join(missing)}, which no role has")
    return ", ".join(linked(code(name), f"variables.md#{name}") for name in part.variables)


def _checks(part: Part) -> str:
    known = {check.name for checks in CHAPTERS.values() for check in checks}
    if missing := [name for name in part.checks if name not in known]:
        raise LookupError(f"{SOURCE}: {part.title} names {', '.join(missing)}, which is no check")
    return ", ".join(code(name) for name in part.checks)
