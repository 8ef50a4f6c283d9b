# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What is in the way by the variables alone, or by what CRDs say of them."""

from __future__ import annotations

from collections.abc import Iterator

from .model import Observation, Problem, Wanted


def values(seen: Observation, _wanted: Wanted) -> Iterator[Problem]:
    """Yield what the roles refuse."""
    for each in dict.fromkeys(seen.input):
        what, _line, remedy = each.partition("\n")
        yield Problem("input", what, remedy)


def names(seen: Observation, _wanted: Wanted) -> Iterator[Problem]:
    """Yield variables that no role has: they warn."""
    for each in seen.misspelt:
        yield Problem(
            "variables",
            f"{each['name']} is not a variable of the role {each['role']}",
            f"did you mean {each['nearest']}?"
            if each.get("nearest")
            else f"ansible-doc -t role seldon.openshift.{each['role']} lists them",
            stops=False,
        )


def overrides(seen: Observation, _wanted: Wanted) -> Iterator[Problem]:
    """Yield what CRDs do not take of overrides."""
    for each in seen.misfits:
        yield Problem("overrides", each, "correct it in the variable, or take it out")
