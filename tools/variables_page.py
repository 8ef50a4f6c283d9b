"""docs/variables.md: every variable, from the heads of the playbooks and the argument specs of the roles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.markup import OnePage, code, escaped, markdown
from tools.role_readmes import SHARED, Role, order, read, variable
from tools.role_summaries import listed

PAGE = "docs/variables.md"
HEAD = """\
<!-- Written by `make texts`; what to edit are the argument specs of the roles and the heads of the playbooks. -->

# Variables

Set them in an inventory ([the example](../inventories/example/group_vars/seldon_clusters.yml) explains those in which
clusters differ), in a file (`-e @values.yml`), or one by one (`-e kafka_replicas=1`); mappings and lists then as JSON
(`-e '{"kafka_config": {…}}'`). Booleans and numbers may be typed in every form. A name that no role has is warned of,
with the nearest one, and a value that cannot work is refused before the first write.
`ansible-doc -t role seldon.openshift.kafka` prints those of one role.
"""
_ENTRY = re.compile(r"#   (\S.*?)\s{2,}(\S.*)")
_MORE = re.compile(r"#\s{5,}(\S.*)")
_DEFAULT = re.compile(r"\{\{ (\w+) \| default\(omit\) \}\}")


@dataclass(frozen=True)
class Head:
    """The comment at the top of a playbook: its sentences, and what can be typed with it, each with what that does."""

    sentences: tuple[str, ...]
    typed: tuple[tuple[str, str], ...]


def texts(checkout: Path) -> dict[Path, str]:
    """Return what the page should hold.

    Raises ValueError when the markup of a description cannot be read.
    """
    lines = [HEAD, *playbooks(checkout / "playbooks"), *roles(checkout)]
    return {checkout / PAGE: "\n".join(lines).rstrip("\n") + "\n"}


def playbooks(folder: Path) -> Iterator[str]:
    """Yield the lines on what is typed with each playbook, and on the variables with which all of them connect."""
    yield from ("## Playbooks", "", "What can be typed with each of them, beside the variables of the roles.", "")
    files = sorted(folder.glob("*.yml"), key=order)
    for file in files:
        yield from told(file.name, head(file.read_text()))
    yield from connection(yaml.safe_load(files[0].read_text())[0]["module_defaults"])


def head(text: str) -> Head:
    """Return the comment at the top of a playbook, which is its text."""
    sentences: list[str] = []
    typed: list[tuple[str, str]] = []
    for line in text.removeprefix("---\n").splitlines():
        if not line.startswith("#"):
            break
        if entry := _ENTRY.fullmatch(line):
            typed.append((entry[1], entry[2]))
        elif typed and (more := _MORE.fullmatch(line)):
            typed[-1] = (typed[-1][0], f"{typed[-1][1]} {more[1]}")
        else:
            sentences.append(line.removeprefix("# "))
    return Head(tuple(sentences), tuple(typed))


def told(name: str, found: Head) -> list[str]:
    """Return the section of a playbook."""
    rows = [f"| {_cell(typed)} | {_cell(text, typed)} |" for typed, text in found.typed]
    table = ["| typed | does |", "|---|---|", *rows, ""] if rows else []
    return [f"### {code(name)}", "", escaped(" ".join(found.sentences)), "", *table]


def _cell(text: str, before: str = "") -> str:
    """Return the text of a cell: what is typed as code, which begins with a dash or follows a colon."""
    shown = code(text) if text.startswith("-") or before.endswith(":") else escaped(text)
    return shown.replace("|", r"\|")


def connection(defaults: dict[str, dict[str, str]]) -> list[str]:
    """Return the section on the variables that the playbooks hand to all modules, which are a play's defaults."""
    (options,) = defaults.values()
    rows = [f"| {code(_DEFAULT.findall(value)[0])} | {code(option)} |" for option, value in options.items()]
    return [
        "### The cluster",
        "",
        "Of a host in an inventory. Without them, the kubeconfig or `K8S_AUTH_*` of the environment tells it.",
        "",
        "| variable | option of all modules, as in `kubernetes.core` |",
        "|---|---|",
        *rows,
        "",
    ]


def roles(checkout: Path) -> Iterator[str]:
    """Yield the lines on the variables of each role, the shared ones first, then in the order of README's table."""
    found = {role.name: role for role in read(checkout)}
    names = dict.fromkeys([SHARED, *listed((checkout / "README.md").read_text()), *found])
    for name in names:
        if found[name].options:
            yield from section(found[name])


def section(role: Role) -> Iterator[str]:
    """Yield the lines on the variables of one role."""
    main = role.entry_points["main"]
    yield from (f"## {role.name}", "")
    for paragraph in [f"{main['short_description']}.", *markdown(role.name, main["description"], OnePage())]:
        yield from (paragraph, "")
    for name, option in role.options.items():
        yield from variable(role.name, name, option, OnePage())
