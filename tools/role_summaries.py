"""What each role does, in one line, for README.md and Galaxy: the short description of its argument spec.

Which roles README.md lists, in which order, is written by hand and stays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

PAGE = "README.md"
_METADATA = re.compile(r"^  description: .*$", re.MULTILINE)
_TABLE = re.compile(r"^\| role \| does \|\n\|---\|---\|\n(?:\| `\w+` \|.*\n)+", re.MULTILINE)
_ROW = re.compile(r"^\| `(\w+)` \|.*$", re.MULTILINE)


def texts(checkout: Path) -> dict[Path, str]:
    """Return what README.md and the Galaxy metadata of every role should hold.

    Raises LookupError when README.md lists a role that does not exist.
    """
    found = summaries(checkout / "roles")
    files = {name: checkout / "roles" / name / "meta/main.yml" for name in found}
    metadata = {file: with_description(file.read_text(), found[name]) for name, file in files.items()}
    return {**metadata, checkout / PAGE: with_table((checkout / PAGE).read_text(), found)}


def summaries(roles: Path) -> dict[str, str]:
    """Return the short description of every role by its name."""
    files = sorted(roles.glob("*/meta/argument_specs.yml"))
    specs = {file.parents[1].name: yaml.safe_load(file.read_text())["argument_specs"] for file in files}
    return {role: spec["main"]["short_description"] for role, spec in specs.items()}


def listed(page: str) -> list[str]:
    """Return the roles in the table of README.md, in its order.

    Raises LookupError when the page has no such table.
    """
    return _ROW.findall(_table(page)[0])


def with_description(metadata: str, summary: str) -> str:
    """Return a role's `meta/main.yml` with this description."""
    return _METADATA.sub(lambda _found: f"  description: {summary}", metadata, count=1)


def with_table(page: str, found: Mapping[str, str]) -> str:
    """Return a page with these summaries in its table of roles.

    Raises LookupError when the page has no such table, or the table lists a role without a summary.
    """
    table = _table(page)
    strangers = [role for role in _ROW.findall(table[0]) if role not in found]
    if strangers:
        raise LookupError(f"{PAGE} lists {', '.join(strangers)}, which no folder in roles/ has")
    rows = _ROW.sub(lambda row: f"| `{row[1]}` | {found[row[1]]} |", table[0])
    return page[: table.start()] + rows + page[table.end() :]


def _table(page: str) -> re.Match[str]:
    found = _TABLE.search(page)
    if not found:
        raise LookupError(f"{PAGE} has no table '| role | does |'")
    return found
