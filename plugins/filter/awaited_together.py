# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter awaited_together."""

from __future__ import annotations

DOCUMENTATION = r"""
name: awaited_together
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: What several chapters wait for, for one task
description:
  - Returns the objects that chapters wait for as one list for O(seldon.openshift.seldon_wait#module:resources), each
    with its chapter and the chapter's time limit.
positional: _input
options:
  _input:
    description: The chapters.
    type: list
    elements: str
    required: true
  readiness:
    description: For each chapter, the objects that it waits for.
    type: list
    elements: list
    required: true
  timeouts:
    description: For each chapter, the seconds that it waits.
    type: list
    elements: int
    required: true
seealso:
  - module: seldon.openshift.seldon_wait
"""

EXAMPLES = r"""
- name: Wait for two chapters
  seldon.openshift.seldon_wait:
    resources: "{{ ['kafka', 'gitops'] | seldon.openshift.awaited_together([kafka_all, gitops_all], [900, 600]) }}"
"""

RETURN = r"""
_value:
  description: The objects, chapter by chapter.
  type: list
  elements: dict
  sample:
    - {api_version: kafka.strimzi.io/v1beta2, kind: Kafka, name: seldon, namespace: kafka, group: kafka, timeout: 900}
"""

from collections.abc import Sequence
from typing import Any


def awaited_together(
    chapters: Sequence[str], readiness: Sequence[Sequence[dict[str, Any]]], timeouts: Sequence[int | str]
) -> list[dict[str, Any]]:
    """Return the objects (as in DOCUMENTATION)."""
    return [
        {**resource, "group": chapter, "timeout": int(timeouts[place])}
        for place, chapter in enumerate(chapters)
        for resource in readiness[place]
    ]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"awaited_together": awaited_together}
