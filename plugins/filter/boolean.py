# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter boolean."""

from __future__ import annotations

DOCUMENTATION = r"""
name: boolean
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: A boolean, however it was typed
description:
  - Reads a boolean variable of a role by the rules by which the role's argument specs accept it, so that
    C(-e name=false) is false, and C(-e name=y) is true. P(ansible.builtin.bool#filter) takes C(y), C(t) and what has
    blanks around it for false.
  - Refuses what is neither true nor false.
positional: _input
options:
  _input:
    description:
      - The value. A C(null) is false.
    type: raw
    required: true
seealso:
  - plugin: ansible.builtin.bool
    plugin_type: filter
"""

EXAMPLES = r"""
- name: The policy is there, or not
  seldon.openshift.seldon_apply:
    templates: [network_policy.yaml.j2]
    state: "{{ 'present' if elasticsearch_network_policy | seldon.openshift.boolean else 'absent' }}"
"""

RETURN = r"""
_value:
  description: The boolean.
  type: bool
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.plugin_utils.booleans import truth


def boolean(value: Any) -> bool:
    """Return the boolean (as in DOCUMENTATION). Raises AnsibleFilterError for what is none."""
    try:
        return truth(value)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"boolean": boolean}
