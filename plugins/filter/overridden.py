# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter overridden."""

from __future__ import annotations

DOCUMENTATION = r"""
name: overridden
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: An object with what somebody gives for it
description:
  - >-
    Merges overrides into an object: mappings are merged key by key, all else is replaced, and null leaves a field out,
    as in a JSON merge patch. A mapping of which nothing is left then is left out as well.
positional: _input, overrides
options:
  _input:
    description:
      - The object.
    type: dict
    required: true
  overrides:
    description:
      - What is merged over it.
    type: dict
    default: {}
"""

EXAMPLES = r"""
# => {'spec': {'replicas': 3, 'log': 'info'}}
kafka: "{{ {'spec': {'replicas': 1, 'log': 'info', 'debug': 1}}
        | seldon.openshift.overridden({'spec': {'replicas': 3, 'debug': none}}) }}"
"""

RETURN = r"""
_value:
  description: The object.
  type: dict
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.shared.merging import overridden


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"overridden": overridden}
