# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter rights_manifests."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rights_manifests
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Roles and bindings with which somebody may run a playbook
description:
  - Returns roles of RBAC with all that a playbook of this collection needs and nothing else, and the bindings that give
    them to one user or ServiceAccount.
  - Each of the namespaces O(installation), O(operators) and O(models) gets a binding. Where there is no such list, one
    binding counts in the whole cluster, as for what does not exist yet.
positional: _input
extends_documentation_fragment:
  - seldon.openshift.rights
options:
  user:
    description: The name of the user, or of the ServiceAccount.
    type: str
    required: true
  account_namespace:
    description: The namespace of the ServiceAccount, which is created as well; empty for a user.
    type: str
    default: ''
  unneeded:
    description: What variables make needless, each entry with some of C(where), C(group) and C(resource).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
manifests: "{{ 'add_namespace' | seldon.openshift.rights_manifests('alice', models=['foo']) }}"
"""

RETURN = r"""
_value:
  description: The objects, in the order in which they can be applied.
  type: list
  elements: dict
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.manifests import Subject, manifests
from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.rows import Places, needed, read, without


def rights_manifests(
    playbook: str,
    user: str,
    account_namespace: str = "",
    chapters: Sequence[str] | None = None,
    unneeded: Sequence[Mapping[str, str]] = (),
    **places: Any,
) -> list[dict[str, Any]]:
    """Return the objects (as in DOCUMENTATION). Raises UnknownPlaybook for a playbook that has none."""
    rows = without(needed(read(playbook), chapters), unneeded)
    return manifests(playbook, rows, Subject(user, account_namespace), Places(**places))


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"rights_manifests": rights_manifests}
