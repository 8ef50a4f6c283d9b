# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter quantity_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: quantity_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Whether values are quantities of Kubernetes
description:
  - Judges amounts of memory, storage and processors as the API server reads them.
positional: _input
options:
  _input:
    description:
      - The values, each under the name of its variable.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Fail when a size cannot be read
  ansible.builtin.assert:
    that: "{'kafka_size': '100Gi'} | seldon.openshift.quantity_problems | length == 0"
"""

RETURN = r"""
_value:
  description: What is wrong, a sentence for each value; empty when all is well.
  type: list
  elements: str
"""

import re
from collections.abc import Mapping
from typing import Any

_QUANTITY = re.compile(r"(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][-+]?\d+)?")


def quantity_problems(values: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the values (as in DOCUMENTATION)."""
    return [
        f"{name} is {value}, which is not a quantity of Kubernetes: use a number, with a unit if needed, such as 4Gi."
        for name, value in values.items()
        if not _QUANTITY.fullmatch(str(value))
    ]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"quantity_problems": quantity_problems}
