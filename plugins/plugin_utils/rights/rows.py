# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The rows of a playbook's file of rights."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from ansible.errors import AnsibleFilterError

FILES = Path(__file__).parent / "files"
# Where a row counts: in the whole cluster, or in every namespace of the installation, of its operators, or for models.
# Anything else is a namespace by its name, the default one where a variable holds it.
CLUSTER, INSTALLATION, OPERATORS, MODELS = "cluster", "installation", "operators", "models"


@dataclass(frozen=True)
class Places:
    """The namespaces that rows mean; None: all of the cluster's, also later ones.

    names: the names of namespaces, by their defaults, where they differ.
    """

    installation: Sequence[str] | None = None
    operators: Sequence[str] | None = None
    models: Sequence[str] | None = None
    names: Mapping[str, str] = field(default_factory=dict)

    def of(self, where: str) -> Sequence[str] | None:
        """Return the namespaces where a row counts."""
        several = {
            CLUSTER: None,
            INSTALLATION: self.installation,
            OPERATORS: self.operators,
            MODELS: self.models,
        }
        return several[where] if where in several else [self.names.get(where, where)]


class UnknownPlaybook(AnsibleFilterError):  # type: ignore[misc]  # Ansible ships no types
    """There is no file of rights for a playbook of that name; the message names those that have one."""


@dataclass(frozen=True, order=True)
class Row:
    """What is allowed: verbs on a resource, of the objects `names` alone unless it is empty.

    chapters: the roles that need it; empty, every run does.
    """

    where: str
    group: str
    resource: str
    verbs: tuple[str, ...]
    names: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()


def playbooks() -> list[str]:
    """Return the names of the playbooks that have a file."""
    return sorted(path.stem for path in FILES.glob("*.yaml"))


def read(playbook: str) -> list[Row]:
    """Return the rows of a playbook. Raises UnknownPlaybook."""
    if playbook not in playbooks():
        raise UnknownPlaybook(f"no rights are known for a playbook {playbook!r}; there are: {', '.join(playbooks())}")
    return parsed((FILES / f"{playbook}.yaml").read_text(encoding="utf-8"))


def parsed(text: str) -> list[Row]:
    """Return the rows that a file's text holds."""
    return [
        Row(
            each["where"],
            each["group"],
            each["resource"],
            tuple(each["verbs"]),
            tuple(each.get("names") or ()),
            tuple(each.get("chapters") or ()),
        )
        for each in yaml.safe_load(text) or []
    ]


def needed(
    rows: Iterable[Row], chapters: Collection[str] | None, unneeded: Iterable[Mapping[str, str]] = ()
) -> list[Row]:
    """Return the rows that a run of these chapters needs; of all chapters when `chapters` is None.

    unneeded: what its variables make needless of what chapters need, by some of the fields `where`, `group` and
    `resource`.
    """
    needless = list(unneeded)
    return [row for row in rows if not row.chapters or (_is_of(row, chapters) and not _is_among(row, needless))]


def without(rows: Iterable[Row], unneeded: Iterable[Mapping[str, str]]) -> list[Row]:
    """Return the rows that are left without what variables make needless, also of what every run needs."""
    needless = list(unneeded)
    return [row for row in rows if not _is_among(row, needless)]


def _is_of(row: Row, chapters: Collection[str] | None) -> bool:
    return chapters is None or bool({*row.chapters} & {*chapters})


def _is_among(row: Row, needless: Iterable[Mapping[str, str]]) -> bool:
    return any(all(getattr(row, key) == value for key, value in each.items()) for each in needless)


def asked(row: Row, places: Places) -> dict[str, Any]:
    """Return a row as a right that `seldon_preflight` looks up."""
    return {
        "verbs": [*row.verbs],
        "resource": row.resource,
        "group": row.group,
        "namespaces": [*(places.of(row.where) or ())],
        "names": [*row.names],
    }
