# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""How filters take the names of namespaces."""

from __future__ import annotations


class ModuleDocFragment:
    """The documentation fragments seldon.openshift.namespaces and seldon.openshift.namespaces.reserved."""

    DOCUMENTATION = r"""
options:
  _input:
    description:
      - >-
        A string with names between commas or blanks, YAML or JSON text of a list, or a list. An item of a list may be a
        mapping with C(name).
    type: raw
    required: true
"""

    RESERVED = r"""
options:
  reserved:
    description:
      - Names, or patterns as the shell knows them, to refuse.
    type: list
    elements: str
    default: []
"""
