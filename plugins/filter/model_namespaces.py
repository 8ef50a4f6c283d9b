# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter model_namespaces."""

from __future__ import annotations

DOCUMENTATION = r"""
name: model_namespaces
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: What is wanted of namespaces for models, from names
description:
  - Takes the names of namespaces as P(seldon.openshift.namespace_names#filter) does, which also judges them, and
    returns an entry for each, as C(seldon_model_namespaces) holds them.
  - What an item says itself wins over O(gitops) and O(v2), these over O(configured), and that over O(there).
positional: _input
extends_documentation_fragment:
  - seldon.openshift.namespaces
options:
  configured:
    description:
      - What is known of namespaces already, usually C(seldon_model_namespaces).
    type: list
    elements: dict
    default: []
  there:
    description:
      - >-
        Namespaces of the cluster, each with C(name) and C(labels). One with GitOps stays so, and keeps its application,
        when nothing else is said.
    type: list
    elements: dict
    default: []
  gitops:
    description:
      - Whether Seldon Deploy shall write to Git for all of them.
    type: bool
  v2:
    description:
      - Whether all of them shall have a runtime of Seldon Core v2.
    type: bool
seealso:
  - plugin: seldon.openshift.namespace_names
    plugin_type: filter
"""

EXAMPLES = r"""
# ansible-playbook seldon.openshift.add_namespace -e ns=team-a,team-b
# => [{'name': 'team-a', 'gitops': true}, {'name': 'team-b', 'gitops': true}]
entries: "{{ ns | seldon.openshift.model_namespaces(seldon_model_namespaces, gitops=true) }}"
"""

RETURN = r"""
_value:
  description: The entries, in the order of the names.
  type: list
  elements: dict
  sample:
    - {name: team-a, gitops: true}
"""

from collections.abc import Iterable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.plugin_utils.namespaces import Entry, entries, items


def model_namespaces(
    value: Any, configured: Iterable[Entry] = (), there: Iterable[Entry] = (), gitops: Any = None, v2: Any = None
) -> list[Entry]:
    """Return the entries (as in DOCUMENTATION). Raises AnsibleFilterError for what is no list."""
    try:
        return entries(items(value), configured, there, gitops=gitops, v2=v2)
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"model_namespaces": model_namespaces}
