# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The lookup clusters."""

from __future__ import annotations

DOCUMENTATION = r"""
name: clusters
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: The hosts that stand for clusters
description:
  - Returns the pattern of hosts that every playbook of this collection runs for.
  - The group C(seldon_clusters), where the inventory has one.
  - Without that group, the hosts that C(--limit) names.
  - >-
    Without either, C(localhost), when the inventory lists it (also as C(127.0.0.1) or C(::1)) or lists nothing. The
    cluster is then the one that C(oc) talks to there.
  - >-
    Ends the run with what to type next when the group is empty, when C(--limit) fits none of its hosts, and when the
    inventory has other hosts only and none of them is named.
  - Ends it as well when C(--tags) or C(--skip-tags) names what is no tag of the playbook, as nothing would run, or all.
    A playbook that imports it may have tags of its own.
options:
  tags:
    description: The tags of the playbook. Left out, the names of the roles that the installation is made of.
    type: list
    elements: str
notes:
  - Meant for C(hosts) of a play, which Ansible reads once, before any of the play's tasks.
  - C(--limit) is read as Ansible reads it - patterns, groups, C(&), C(!), C(~) and C(@file) included.
"""

EXAMPLES = r"""
- name: Deploy Kafka alone
  hosts: "{{ lookup('seldon.openshift.clusters') }}"
  gather_facts: false
  roles:
    - seldon.openshift.kafka
"""

RETURN = r"""
_raw:
  description: One pattern, such as C(seldon_clusters).
  type: list
  elements: str
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.inventory.manager import InventoryManager
from ansible.plugins.lookup import LookupBase
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import is_ours
from ansible_collections.seldon.openshift.plugins.plugin_utils.tags import chapters, refusal
from ansible_collections.seldon.openshift.plugins.plugin_utils.targets import Groups, choose


class LookupModule(LookupBase):  # type: ignore[misc]  # Ansible ships no types
    """What Ansible loads."""

    def run(self, terms: list[Any], variables: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
        """Return the pattern (as in DOCUMENTATION). Raises AnsibleLookupError when it would name nothing."""
        self._judge_tags(options.get("tags"))
        known = variables or {}
        groups = {str(name): [str(host) for host in hosts] for name, hosts in known.get("groups", {}).items()}
        limit = str(known.get("ansible_limit") or "")
        try:
            return [choose(groups, limit, limited_by(limit, groups, self._loader))]
        except ValueError as error:
            raise AnsibleLookupError(str(error)) from error

    def _judge_tags(self, known: Sequence[str] | None) -> None:
        given = [tag for key in ("tags", "skip_tags") for tag in context.CLIARGS.get(key) or ()]
        wrong = refusal(given, chapters() if known is None else known)
        if wrong and is_ours(context.CLIARGS):
            raise AnsibleLookupError(wrong)


def limited_by(limit: str, groups: Groups, loader: Any) -> Callable[[str], Sequence[str]]:
    """Return the function from a pattern to the names of its hosts that --limit leaves, in Ansible's own reading."""

    def limited(pattern: str) -> Sequence[str]:
        inventory = InventoryManager(loader, parse=False)
        for group, hosts in groups.items():
            inventory.add_group(group)
            for host in hosts:
                inventory.add_host(host, group=group)
        inventory.subset(limit)
        return [host.name for host in inventory.get_hosts(pattern)]

    return limited
