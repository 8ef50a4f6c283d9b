# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter namespace_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: namespace_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Whether namespaces can have their names
description:
  - Takes the names of namespaces as P(seldon.openshift.namespace_names#filter) does, and says what that filter would
    refuse.
positional: _input
options:
  unquoted:
    description:
      - Whether a Helm chart writes the names without quotes, so that words and numbers of YAML (V(no), V(007)) are no
        names for it.
    type: bool
    default: false
extends_documentation_fragment:
  - seldon.openshift.namespaces
  - seldon.openshift.namespaces.reserved
seealso:
  - plugin: seldon.openshift.namespace_names
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Fail when a namespace cannot have its name
  ansible.builtin.assert:
    that: ns | seldon.openshift.namespace_problems(reserved=['openshift-*']) | length == 0
"""

RETURN = r"""
_value:
  description: What is wrong; empty when all is well.
  type: list
  elements: str
"""

from collections.abc import Iterable
from typing import Any

from ansible_collections.seldon.openshift.plugins.plugin_utils.namespaces import items, names, unquotable

_UNQUOTED = (
    "these namespaces can't be used: {}: the chart of Seldon Deploy writes them without quotes, and YAML reads a "
    "word or a number; give other names"
)


def namespace_problems(value: Any, reserved: Iterable[str] = (), unquoted: bool = False) -> list[str]:
    """Return what is wrong with the names in `value` (as in DOCUMENTATION)."""
    try:
        found = names(items(value), reserved)
    except ValueError as error:
        return [str(error)]
    words = ", ".join(map(repr, unquotable(found) if unquoted else ()))
    return [_UNQUOTED.format(words)] if words else []


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"namespace_problems": namespace_problems}
