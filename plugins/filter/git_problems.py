# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter git_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: git_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Whether a Git repository and the credentials for it fit together
description:
  - Judges the address of a repository and the credentials that were given for it, as the role
    P(seldon.openshift.gitops#role) takes them. A repository that is opened by SSH needs a private key and known hosts,
    one that is opened by HTTPS takes a token.
positional: _input, credentials
options:
  _input:
    description:
      - The address.
    type: str
    required: true
  credentials:
    description:
      - C(username), C(email), C(token), C(ssh_private_key), C(ssh_known_hosts), C(ssh_passphrase) and
        C(argocd_ssh_private_key). What is empty or left out was not given.
    type: dict
    required: true
  kept:
    description:
      - Whether the cluster has credentials already, so that none need be given.
    type: bool
    default: false
seealso:
  - plugin: seldon.openshift.git_transport
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Fail when the repository cannot be opened
  ansible.builtin.assert:
    that: "'git@git.example.com:acme/models' | seldon.openshift.git_problems({'ssh_private_key': key}) | length == 0"
"""

RETURN = r"""
_value:
  description: What is wrong, a sentence for each problem; empty when all is well.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.plugin_utils.git_repository import Credentials, problems


def git_problems(address: str, credentials: Mapping[str, str], kept: bool = False) -> list[str]:
    """Return what is wrong (as in DOCUMENTATION)."""
    return problems(address, Credentials(**credentials), kept)


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"git_problems": git_problems}
