# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter rights_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rights_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: What is wrong with a playbook and chapters whose rights are asked for
description:
  - Judges the names of a playbook and of chapters. With a misspelt chapter, a file of rights would lack what it needs.
positional: _input
options:
  _input:
    description: The name of the playbook.
    type: str
    required: true
  chapters:
    description: The chapters of its runs.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
# => ["kafak is no chapter: did you mean kafka?"]
problems: "{{ 'site' | seldon.openshift.rights_problems(chapters=['kafak']) }}"
"""

RETURN = r"""
_value:
  description: What is wrong, as sentences; nothing when all names are known.
  type: list
  elements: str
"""

from collections.abc import Iterable, Sequence
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.spelling import advice, nearest
from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.rows import playbooks
from ansible_collections.seldon.openshift.plugins.plugin_utils.tags import chapters as known_chapters


def rights_problems(playbook: str, chapters: Iterable[str] = ()) -> list[str]:
    """Return what is wrong (as in DOCUMENTATION)."""
    wrong = [] if playbook in playbooks() else [f"no rights are known for {playbook}: {_meant(playbook, playbooks())}"]
    known = known_chapters()
    return wrong + [f"{each} is no chapter: {_meant(each, known)}" for each in chapters if each not in known]


def _meant(name: str, known: Sequence[str]) -> str:
    near = nearest(name, known)
    return advice([near] if near else [], known)


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"rights_problems": rights_problems}
