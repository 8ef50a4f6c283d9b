# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter pull_secret_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: pull_secret_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: What is wrong with logins for registries
description:
  - Judges C(seldon_image_pull_secret), the logins that the cluster's pull secret gets.
options:
  _input:
    description: The logins, as a mapping or as the text of a file that C(podman login --authfile) writes.
    type: raw
    required: true
"""

EXAMPLES = r"""
# => ["seldon_image_pull_secret: auths[https://registry.example.com] has a protocol or a path; …"]
problems: "{{ {'auths': {'https://registry.example.com': {'auth': 'dTpw'}}} | seldon.openshift.pull_secret_problems }}"
"""

RETURN = r"""
_value:
  description: What is wrong, as sentences without any login; nothing when the cluster can use it.
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.shared.registry_logins import login_problems

_REMEDY = (
    "write a file by: podman login --authfile=FILE HOST; ansible-vault encrypt FILE; and give "
    "seldon_image_pull_secret: \"{{ lookup('ansible.builtin.file', 'FILE') }}\""
)


def pull_secret_problems(given: Any) -> list[str]:
    """Return what is wrong (as in DOCUMENTATION)."""
    return [f"seldon_image_pull_secret: {problem}\n{_REMEDY}" for problem in login_problems(given)]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"pull_secret_problems": pull_secret_problems}
