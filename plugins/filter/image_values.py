# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter image_values."""

from __future__ import annotations

DOCUMENTATION = r"""
name: image_values
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Values with which a Helm chart takes its images from a mirror
description:
  - >-
    Finds the images among the values of a chart: texts whose key ends in C(image), in any case, and mappings with
    C(registry) and C(repository), or C(repository) and C(tag).
positional: _input, registry
options:
  _input:
    description: Values of a chart, its defaults among them.
    type: dict
    required: true
  registry:
    description: Host, port and path of the mirror. Empty, nothing is overridden.
    type: str
    required: true
"""

EXAMPLES = r"""
# => {'requestLogger': {'image': 'registry.example.com:5000/mirror/seldonio/metronome:1.3.1'}}
images: "{{ {'requestLogger': {'replicas': 1, 'image': 'seldonio/metronome:1.3.1'}}
  | seldon.openshift.image_values('registry.example.com:5000/mirror') }}"
"""

RETURN = r"""
_value:
  description: The values that override the others, and nothing else.
  type: dict
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.helm import images


def image_values(values: Any, registry: str) -> dict[str, Any]:
    """Return the values (as in DOCUMENTATION)."""
    return images.image_values(values or {}, registry) if registry else {}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"image_values": image_values}
