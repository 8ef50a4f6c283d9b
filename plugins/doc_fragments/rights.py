# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What filters say of a playbook and the places where its rights count."""

from __future__ import annotations


class ModuleDocFragment:
    """The documentation fragment seldon.openshift.rights."""

    DOCUMENTATION = r"""
options:
  _input:
    description: The name of the playbook.
    type: str
    required: true
  installation:
    description: The namespaces of the installation.
    type: list
    elements: str
  operators:
    description: The namespaces of its operators.
    type: list
    elements: str
  models:
    description: The namespaces for models that the playbook is about.
    type: list
    elements: str
  names:
    description: The names of the installation's namespaces, by their default names.
    type: dict
    default: {}
  chapters:
    description: The chapters of the runs; without them, all.
    type: list
    elements: str
"""
