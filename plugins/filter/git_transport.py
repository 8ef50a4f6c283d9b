# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter git_transport."""

from __future__ import annotations

DOCUMENTATION = r"""
name: git_transport
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: How Git opens a repository
description:
  - Tells from the address of a repository whether Git opens it by SSH or by HTTPS.
positional: _input
options:
  _input:
    description:
      - The address.
    type: str
    required: true
seealso:
  - plugin: seldon.openshift.git_problems
    plugin_type: filter
"""

EXAMPLES = r"""
# => ssh
transport: "{{ 'git@git.example.com:acme/models' | seldon.openshift.git_transport }}"
"""

RETURN = r"""
_value:
  description:
    - V(ssh) for C(ssh://) and C(git@host:path), V(https) for C(https://) and C(http://), empty for all else.
  type: str
  sample: https
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.shared.git_address import transport


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"git_transport": transport}
