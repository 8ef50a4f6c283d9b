# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter adoption_plan."""

from __future__ import annotations

DOCUMENTATION = r"""
name: adoption_plan
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: What an installation would do with objects that others made
description:
  - Reads what a play found in check mode, and returns what of it is about objects that this collection did not make, as
    a table, and the variables under which it would leave them as they are.
positional: _input
options:
  _input:
    description:
      - The findings, as C(playbooks/tasks/collect.yml) leaves them in the fact C(seldon_findings).
    type: list
    elements: dict
    required: true
  width:
    description: The longest line of the table, in characters.
    type: int
    default: 160
"""

EXAMPLES = r"""
# => {'rows': [...], 'lines': ['object  field  theirs  ours  what happens', ...], 'consent': 2, 'blocked': 0,
#     'rejected': 0, 'created': 14, 'variables': {'kafka_replicas': 1}}
plan: "{{ ansible_facts.seldon_findings | seldon.openshift.adoption_plan }}"
"""

RETURN = r"""
_value:
  description: The plan.
  type: dict
  contains:
    rows:
      description: One for each field that differs, and for each object of others that is used as it is.
      type: list
      elements: dict
    lines:
      description: The rows as a table.
      type: list
      elements: str
    consent:
      description: How many objects would be changed with consent only.
      type: int
    blocked:
      description: How many objects could not be brought to what is wanted even so, or not be read.
      type: int
    rejected:
      description: How many of those the API server would not let change.
      type: int
    created:
      description: How many objects are not there yet.
      type: int
    variables:
      description: Variables with which objects of others stay as they are.
      type: dict
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.plugin_utils.adoption import plan


def adoption_plan(findings: Iterable[Mapping[str, Any]], width: int = 160) -> dict[str, Any]:
    """Return the plan (as in DOCUMENTATION)."""
    return plan(findings, width)


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"adoption_plan": adoption_plan}
