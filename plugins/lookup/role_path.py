# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The lookup role_path."""

from __future__ import annotations

DOCUMENTATION = r"""
name: role_path
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Where a role of this collection is
description:
  - Returns the folder of a role of this collection, also for a task outside of it. There, Ansible's variable
    C(role_path) is not set, and files and templates are looked for beside the playbook.
options:
  _terms:
    description: Short names of roles.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
kafka_folder: "{{ lookup('seldon.openshift.role_path', 'kafka') }}"
kafka_values: "{{ lookup('ansible.builtin.file', kafka_folder ~ '/files/values.yaml') }}"
"""

RETURN = r"""
_raw:
  description: The folders, in the order of the roles.
  type: list
  elements: str
"""

from pathlib import Path
from typing import Any

from ansible.plugins.lookup import LookupBase

ROLES = Path(__file__).parents[2] / "roles"


class LookupModule(LookupBase):  # type: ignore[misc]  # Ansible ships no types
    """What Ansible loads."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:
        """Return the folders (as in DOCUMENTATION)."""
        self.set_options(var_options=variables, direct=options)
        return [str(ROLES / str(term)) for term in terms]
