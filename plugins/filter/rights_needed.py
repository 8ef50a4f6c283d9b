# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter rights_needed."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rights_needed
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: The rights that a run of a playbook needs
description:
  - Returns the rights that a playbook of this collection needs, as O(seldon.openshift.seldon_preflight#module:rights)
    takes them.
  - They are those of the roles that the playbook C(rights.yml) writes.
positional: _input
extends_documentation_fragment:
  - seldon.openshift.rights
options:
  unneeded:
    description: What this run's variables make needless, each entry with some of C(where), C(group) and C(resource).
    type: list
    elements: dict
    default: []
"""

EXAMPLES = r"""
rights: "{{ 'add_namespace' | seldon.openshift.rights_needed(models=['foo']) }}"
"""

RETURN = r"""
_value:
  description: The rights.
  type: list
  elements: dict
  sample:
    - {verbs: [get, patch], resource: kafkas, group: kafka.strimzi.io, namespaces: [seldon-kafka], names: []}
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.seldon.openshift.plugins.plugin_utils.rights.rows import Places, asked, needed, read


def rights_needed(
    playbook: str,
    chapters: Sequence[str] | None = None,
    unneeded: Sequence[Mapping[str, str]] = (),
    **places: Any,
) -> list[dict[str, Any]]:
    """Return the rights (as in DOCUMENTATION). Raises UnknownPlaybook for a playbook that has none."""
    return [asked(row, Places(**places)) for row in needed(read(playbook), chapters, unneeded)]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"rights_needed": rights_needed}
