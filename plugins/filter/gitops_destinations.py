# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter gitops_destinations."""

from __future__ import annotations

DOCUMENTATION = r"""
name: gitops_destinations
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Namespaces as destinations of an Argo CD project
description:
  - Returns what C(spec.destinations) of an C(AppProject) holds for namespaces, one destination for each.
positional: _input
options:
  _input:
    description:
      - The names of the namespaces.
    type: list
    elements: str
    required: true
  server:
    description:
      - The address of the cluster's API server, as Argo CD sees it.
    type: str
    default: https://kubernetes.default.svc
seealso:
  - plugin: seldon.openshift.namespace_names
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Applications may deploy to these namespaces
  seldon.openshift.seldon_gitops_project:
    destinations: "{{ ['seldon-gitops', 'team-a'] | seldon.openshift.gitops_destinations }}"
"""

RETURN = r"""
_value:
  description: The destinations, in the order of the namespaces.
  type: list
  elements: dict
  sample:
    - {namespace: seldon-gitops, server: 'https://kubernetes.default.svc'}
"""

from collections.abc import Iterable
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.shared.gitops_project import THIS_CLUSTER


def gitops_destinations(namespaces: Iterable[str], server: str = THIS_CLUSTER) -> list[dict[str, str]]:
    """Return the destinations (as in DOCUMENTATION)."""
    return [{"namespace": namespace, "server": server} for namespace in namespaces]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"gitops_destinations": gitops_destinations}
