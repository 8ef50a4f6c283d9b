"""The comments above variables, in roles' defaults and in the example inventory, from the roles' argument specs.

The values, their order, and comments that an empty line sets apart are written by hand and stay.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from tools.markup import code, plain
from tools.options import Spec, inline, traits

EXAMPLE = "inventories/example/group_vars/seldon_clusters.yml"
WIDTH = 120  # columns
_KEY = re.compile(r"(\w+):")
_CODE = re.compile(r"`[^`]*`")
_KEPT = "\N{NO-BREAK SPACE}"  # stands for a space inside backquotes, where no line ends


class NotDescribed(ValueError):
    """A variable is set in a file, and no role's argument spec describes it."""


@dataclass(frozen=True)
class Variable:
    """A variable as the argument spec of its role describes it."""

    role: str
    spec: Spec


def texts(checkout: Path) -> dict[Path, str]:
    """Return what every file with commented variables should hold.

    Raises NotDescribed when a file sets a variable that has no description, ValueError when its markup cannot be read.
    """
    variables = described(checkout / "roles")
    files = [*sorted(checkout.glob("roles/*/defaults/main.yml")), checkout / EXAMPLE]
    return {file: commented(file.read_text(), variables, str(file.relative_to(checkout))) for file in files}


def described(roles: Path) -> dict[str, Variable]:
    """Return the variables of all roles by name, as their main entry points take them."""
    found = {}
    for file in sorted(roles.glob("*/meta/argument_specs.yml")):
        main = yaml.safe_load(file.read_text())["argument_specs"]["main"]
        role = file.parents[1].name
        found.update({name: Variable(role, spec) for name, spec in (main.get("options") or {}).items()})
    return found


def commented(text: str, variables: Mapping[str, Variable], where: str) -> str:
    """Return a file's text with the comment above each variable replaced.

    Raises NotDescribed, which names the file `where`, when one of its variables has no description.
    """
    lines: list[str] = []
    for line in text.splitlines():
        if key := _KEY.match(line):
            while lines and lines[-1].startswith("#"):
                lines.pop()
            lines += _comment_of(key[1], variables, where)
        lines.append(line)
    return "\n".join(lines) + "\n"


def _comment_of(name: str, variables: Mapping[str, Variable], where: str) -> list[str]:
    if name not in variables or not variables[name].spec.get("description"):
        raise NotDescribed(f"{where}: {name} has no description in any roles/*/meta/argument_specs.yml")
    return list(comment(variables[name]))


def comment(variable: Variable) -> Iterator[str]:
    """Yield the lines of a variable's comment: description, choices that it does not name, options of its value."""
    paragraphs = plain(variable.role, variable.spec["description"])
    for paragraph in paragraphs:
        yield from _wrapped(paragraph)
    choices = [code(inline(choice)) for choice in variable.spec.get("choices", ())]
    if not all(choice in " ".join(paragraphs) for choice in choices):
        yield from _wrapped(f"{'Any' if variable.spec.get('type') == 'list' else 'One'} of {', '.join(choices)}.")
    for name, inner in (variable.spec.get("options") or {}).items():
        text = " ".join(plain(variable.role, inner["description"]))
        yield from _wrapped(f"{name} ({traits(inner)}): {text}", indent="  ")


def _wrapped(text: str, indent: str = "") -> list[str]:
    """Return a paragraph as lines of a comment; none ends inside backquotes, so that a command can be pasted."""
    kept = _CODE.sub(lambda span: span[0].replace(" ", _KEPT), text)
    lines = textwrap.wrap(
        kept,
        WIDTH,
        initial_indent=f"# {indent}",
        subsequent_indent=f"# {indent}{indent}",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_KEPT, " ") for line in lines]
