# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter mirrored_image."""

from __future__ import annotations

DOCUMENTATION = r"""
name: mirrored_image
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: The name of an image in a mirror
description:
  - Replaces the registry of an image by a prefix, and keeps its path, as C(oc-mirror) does.
  - An image that is below the prefix already stays as it is.
positional: _input, registry
options:
  _input:
    description: The image. Without a registry, it is of Docker Hub.
    type: str
    required: true
  registry:
    description: Host, port and path of the mirror. Empty, the image stays as it is.
    type: str
    required: true
"""

EXAMPLES = r"""
# => registry.example.com:5000/mirror/seldonio/mlserver:1.2.3
image: "{{ 'docker.io/seldonio/mlserver:1.2.3' | seldon.openshift.mirrored_image('registry.example.com:5000/mirror') }}"
"""

RETURN = r"""
_value:
  description: The image.
  type: str
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.helm.images import mirrored


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"mirrored_image": mirrored}
