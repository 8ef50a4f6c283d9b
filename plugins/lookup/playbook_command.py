# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The lookup playbook_command."""

from __future__ import annotations

DOCUMENTATION = r"""
name: playbook_command
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: The command that starts a playbook of this collection
description:
  - >-
    Returns what the user of this run would type to start another playbook of this collection - by the name under which
    this run was started, C(playbooks/site.yml) in a checkout and C(seldon.openshift.site) elsewhere.
  - Repeats C(--inventory) and C(--limit) of this run, so that the command meets the same cluster.
options:
  _terms:
    description: Names of playbooks, such as C(site).
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Fail when no namespace is named
  ansible.builtin.assert:
    that: ns is defined
    fail_msg: "Name the namespaces. Next: {{ lookup('seldon.openshift.playbook_command', 'add_namespace') }} -e ns=foo"
    # => Name the namespaces. Next: ansible-playbook playbooks/add_namespace.yml -i inventories/lab -e ns=foo
"""

RETURN = r"""
_raw:
  description: The commands, in the order of the names.
  type: list
  elements: str
"""

from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import started


class LookupModule(LookupBase):  # type: ignore[misc]  # Ansible ships no types
    """What Ansible loads."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:
        """Return the commands (as in DOCUMENTATION)."""
        run = started()
        return [run.command(str(term)) for term in terms]
