# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter image_set."""

from __future__ import annotations

DOCUMENTATION = r"""
name: image_set
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: What oc-mirror copies, as an ImageSetConfiguration
description:
  - Makes an C(ImageSetConfiguration) (C(mirror.openshift.io/v1alpha2)) of operators and images.
  - An operator that is held at a version is mirrored in it, one that follows its channel from there to the head.
  - >-
    The channel of an operator becomes the default one of its package in the mirror (C(defaultChannel)). A catalogue
    without the default channel is not valid, and the published one may be another.
positional: _input, indexes, images, storage
options:
  _input:
    description: The operators, as M(seldon.openshift.seldon_operator) takes them.
    type: list
    elements: dict
    required: true
  indexes:
    description: The index image of each catalogue, by the name of its CatalogSource.
    type: dict
    required: true
  images:
    description: Further images.
    type: list
    elements: str
    required: true
  storage:
    description: The C(storageConfig).
    type: dict
    required: true
"""

EXAMPLES = r"""
content: "{{ kafka_operators | seldon.openshift.image_set(indexes, images, {'local': {'path': '/srv/oc-mirror'}}) }}"
"""

RETURN = r"""
_value:
  description: The ImageSetConfiguration.
  type: dict
"""

from typing import Any

Operator = dict[str, Any]


def image_set(
    operators: list[Operator], indexes: dict[str, str], images: list[str], storage: dict[str, Any]
) -> dict[str, Any]:
    """Return the configuration (as in DOCUMENTATION). Raises KeyError for a catalogue without an index."""
    packages: dict[str, list[dict[str, Any]]] = {}
    for operator in operators:
        packages.setdefault(indexes[operator["source"]], []).append(_package(operator))
    return {
        "apiVersion": "mirror.openshift.io/v1alpha2",
        "kind": "ImageSetConfiguration",
        "storageConfig": storage,
        "mirror": {
            "operators": [{"catalog": index, "packages": packages[index]} for index in sorted(packages)],
            "additionalImages": [{"name": image} for image in images],
        },
    }


def _package(operator: Operator) -> dict[str, Any]:
    channel = operator.get("channel")
    if not channel:
        return {"name": operator["name"], **_versions(operator)}
    return {"name": operator["name"], "defaultChannel": channel, "channels": [{"name": channel, **_versions(operator)}]}


def _versions(operator: Operator) -> dict[str, str]:
    """Return the range of versions: some bundles have a build number (2.3.0-0) that the CSV's name leaves out."""
    version = str(operator.get("starting_csv") or "").partition(".")[2].removeprefix("v")
    if not version:
        return {}
    lowest = {"minVersion": version if "-" in version else f"{version}-0"}
    return {**lowest, "maxVersion": version} if operator.get("approval") == "Manual" else lowest


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"image_set": image_set}
