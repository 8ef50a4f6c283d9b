# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter namespace_names."""

from __future__ import annotations

DOCUMENTATION = r"""
name: namespace_names
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Namespaces, however they were given
description:
  - Takes the names of namespaces from a command line, a survey or an inventory, and returns them as a list.
  - >-
    Refuses, with all of them in one message, names that Kubernetes would refuse, names that are given twice, and those
    that are meant for something else.
positional: _input
extends_documentation_fragment:
  - seldon.openshift.namespaces
  - seldon.openshift.namespaces.reserved
seealso:
  - plugin: seldon.openshift.model_namespaces
    plugin_type: filter
"""

EXAMPLES = r"""
# ansible-playbook seldon.openshift.add_namespace -e ns=team-a,team-b
names: "{{ ns | seldon.openshift.namespace_names }}"

# => ['seldon', 'seldon-gitops']
model_names: >-
  {{ [{'name': 'seldon'}, {'name': 'seldon-gitops', 'gitops': true}]
     | seldon.openshift.namespace_names(reserved=['seldon-system', 'openshift-*']) }}
"""

RETURN = r"""
_value:
  description: The names, in their order.
  type: list
  elements: str
"""

from collections.abc import Iterable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.plugin_utils.namespaces import items, names


def namespace_names(value: Any, reserved: Iterable[str] = ()) -> list[str]:
    """Return the names in `value` (as in DOCUMENTATION). Raises AnsibleFilterError for those that can't be used."""
    try:
        return names(items(value), reserved)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"namespace_names": namespace_names}
