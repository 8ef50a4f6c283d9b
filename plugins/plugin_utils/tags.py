# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The tags of a run: with one that no task has, a run does nothing and looks well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path

ROLES = Path(__file__).parents[2] / "roles"
# Of every playbook: Ansible's own, and the checks of a run.
_ALWAYS = ("all", "always", "never", "tagged", "untagged", "preflight")


def chapters(roles: Path = ROLES) -> list[str]:
    """Return the roles that the installation is made of, by name; each is a tag."""
    return sorted(path.parents[1].name for path in roles.glob("*/tasks/validate.yml"))


def refusal(given: Iterable[str], known: Sequence[str]) -> str:
    """Return why a run with the tags `given` would do nothing for some of them; empty when it would.

    `known` are the tags of the playbook.
    """
    unknown = sorted(set(given) - {*known, *_ALWAYS})
    if not unknown:
        return ""
    told = f"Nothing was done, because {', '.join(unknown)} is no tag of this playbook."
    if not known:
        return f"{told} It has none: leave out --tags."
    nearest = [near for tag in unknown for near in get_close_matches(tag, known, 1)]
    advice = f" Next: --tags {','.join(nearest)}" if nearest else ""
    return f"{told} Its tags: {', '.join(known)}.{advice}"
