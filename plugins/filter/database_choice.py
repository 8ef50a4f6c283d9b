# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter database_choice."""

from __future__ import annotations

DOCUMENTATION = r"""
name: database_choice
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Which database Seldon Deploy gets
description:
  - Chooses the database as the role P(seldon.openshift.postgresql#role) documents it, and judges whether it can be had.
  - What the cluster holds counts more than what could be made, so that no later run looks for another database.
positional: _input
options:
  _input:
    description:
      - >-
        What the cluster holds, as the role looks for it - C(instance), C(config), C(deployment), C(template), C(secret)
        and C(internal_secret), each empty when it is not there.
    type: dict
    required: true
  mode:
    description:
      - What is wanted.
    type: str
    choices: [auto, template, manifest, external]
    default: auto
  host:
    description:
      - Host of a database elsewhere.
    type: str
    default: ""
  password:
    description:
      - Password for a database elsewhere.
    type: str
    default: ""
  sslmode:
    description:
      - How the connection is encrypted, as PostgreSQL's clients name it.
    type: str
    default: prefer
"""

EXAMPLES = r"""
# => {'kind': 'template', 'instantiated': true, 'problems': []}
database: "{{ {'template': ['postgresql-persistent']} | seldon.openshift.database_choice }}"
"""

RETURN = r"""
_value:
  description: The database.
  type: dict
  contains:
    kind:
      description: V(template), V(manifest) or V(external).
      type: str
    instantiated:
      description: Whether a C(TemplateInstance) makes it.
      type: bool
    problems:
      description: What is wrong with the input, a sentence for each problem; empty when all is well.
      type: list
      elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.plugin_utils.database import (
    There,
    Wanted,
    is_instantiated,
    kind_of,
    problems,
)


def database_choice(there: Mapping[str, Any], **wanted: str) -> dict[str, Any]:
    """Return the database (as in DOCUMENTATION)."""
    found, asked = There(**{name: bool(each) for name, each in there.items()}), Wanted(**wanted)
    kind = kind_of(asked, found)
    return {"kind": kind, "instantiated": is_instantiated(kind, found), "problems": list(problems(asked, found))}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"database_choice": database_choice}
