# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter text_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: text_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Whether values are texts
description:
  - >-
    Says which values are no texts, because YAML has read something else in them: of V(0123), V(no) and V(~) without
    quotes, a number, a boolean and nothing are left.
  - No value is shown, because it may be a password. One that is missing or null is passed over.
positional: _input
options:
  _input:
    description:
      - Values by the names of their variables.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Fail when the password is no text
  ansible.builtin.assert:
    that: "{'postgresql_password': postgresql_password} | seldon.openshift.text_problems | length == 0"
"""

RETURN = r"""
_value:
  description: What is wrong, a sentence for each value; empty when all is well.
  type: list
  elements: str
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.texts import no_texts


def text_problems(values: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the values (as in DOCUMENTATION)."""
    given = {name: value for name, value in values.items() if value is not None}
    return [f"{problem}." for problem in no_texts(given)]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"text_problems": text_problems}
