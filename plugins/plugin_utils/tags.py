# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The tags of a run: with one that no task has, a run does nothing, or also what was to be left out, and looks well."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ansible_collections.seldon.openshift.plugins.module_utils.kube.spelling import nearest

ROLES = Path(__file__).parents[2] / "roles"
# Of every playbook: Ansible's own, and the checks of a run.
_ALWAYS = ("all", "always", "never", "tagged", "untagged", "preflight")


def chapters(roles: Path = ROLES) -> list[str]:
    """Return the roles that the installation is made of, by name; each is a tag."""
    return sorted(path.parents[1].name for path in roles.glob("*/tasks/validate.yml"))


def refusal(given: Iterable[str], known: Sequence[str]) -> str:
    """Return why some of the tags `given`, to run or to skip, mean nothing; empty when all do.

    `known` are the tags of the playbook.
    """
    unknown = sorted(set(given) - {*known, *_ALWAYS})
    if not unknown:
        return ""
    told = f"Nothing was done, because {', '.join(unknown)} is no tag of this playbook."
    if not known:
        return f"{told} It has none: leave it out."
    meant = [near for tag in unknown if (near := nearest(tag, known))]
    advice = f" Is it {' and '.join(meant)}?" if meant else ""
    return f"{told} Its tags: {', '.join(known)}.{advice}"
