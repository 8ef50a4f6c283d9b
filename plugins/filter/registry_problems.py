# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter registry_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: registry_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: What is wrong with the prefix of a mirror
description:
  - Judges C(seldon_image_registry), the host, port and path that replace the registry of images.
options:
  _input:
    description: The prefix. An empty one is none.
    type: str
    required: true
"""

EXAMPLES = r"""
# => ["seldon_image_registry is 'https://registry.example.com': …"]
problems: "{{ 'https://registry.example.com' | seldon.openshift.registry_problems }}"
"""

RETURN = r"""
_value:
  description: What is wrong, as sentences; nothing when it can be a prefix.
  type: list
  elements: str
"""

import re
from typing import Any

# As container tools read names: the first part is a host when it has a dot or a port (distribution/reference).
_PREFIX = re.compile(r"(localhost|(?=[^/]*[.:])[a-zA-Z0-9.-]+)(:\d+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*/?")


def registry_problems(registry: Any) -> list[str]:
    """Return what is wrong (as in DOCUMENTATION)."""
    if registry == "" or (isinstance(registry, str) and _PREFIX.fullmatch(registry)):
        return []
    return [
        f"seldon_image_registry is '{registry}': give host, port and path in small letters, without a protocol, for "
        "instance -e seldon_image_registry=registry.example.com:5000/mirror"
    ]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"registry_problems": registry_problems}
