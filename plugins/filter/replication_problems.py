# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter replication_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: replication_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Whether the brokers of a Kafka can hold as many replicas as its configuration wants
description:
  - Compares the replication factors of a C(Kafka) of AMQ Streams or Strimzi with the number of its brokers, and the
    minima of replicas in sync with the replication factors. Strimzi refuses only the first; with the second wrong,
    every write to Kafka would fail.
positional: _input
options:
  _input:
    description:
      - The C(Kafka) object.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: The brokers can hold what the configuration wants
  ansible.builtin.assert:
    that: kafka | seldon.openshift.replication_problems | length == 0
"""

RETURN = r"""
_value:
  description: What is wrong; empty when all is well.
  type: list
  elements: str
  sample:
    - default.replication.factor is 3, of 1 brokers
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.checks.kafka_replication import replication_problems


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"replication_problems": replication_problems}
