# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter needed_chapters."""

from __future__ import annotations

DOCUMENTATION = r"""
name: needed_chapters
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Which chapters cannot go, because others need them
description:
  - Takes the chapters that shall be removed, and returns those of them that installed chapters need which stay.
  - All installed chapters need the namespaces.
positional: _input
options:
  _input:
    description: The chapters that shall be removed.
    type: list
    elements: str
    required: true
  installed:
    description: The chapters that the cluster has.
    type: list
    elements: str
    required: true
  needs:
    description: Each chapter with a list of those that it needs.
    type: dict
    required: true
"""

EXAMPLES = r"""
# => {'kafka': ['seldon_core_v2']}
missed: "{{ ['kafka'] | seldon.openshift.needed_chapters(['kafka', 'seldon_core_v2'], {'seldon_core_v2': ['kafka']}) }}"
"""

RETURN = r"""
_value:
  description: Each chapter that cannot go, with the installed chapters that need it.
  type: dict
  sample: {kafka: [seldon_core_v2]}
"""

from collections.abc import Mapping, Sequence
from typing import Any

NAMESPACES = "namespaces"


def needed_chapters(
    value: Sequence[str], installed: Sequence[str], needs: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return the chapters of `value` that cannot go (as in DOCUMENTATION)."""
    staying = [chapter for chapter in installed if chapter not in value]
    found = {
        chapter: [user for user in staying if chapter == NAMESPACES or chapter in needs.get(user, ())]
        for chapter in value
    }
    return {chapter: users for chapter, users in found.items() if users}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"needed_chapters": needed_chapters}
