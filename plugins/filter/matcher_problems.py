# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter matcher_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: matcher_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Whether Alertmanager can read matchers
description:
  - Judges matchers as M(seldon.openshift.seldon_alertmanager_receiver) does, which writes them. A value that could be
    read in two ways has to be in double quotes, and an expression must be one that Go knows.
positional: _input
options:
  _input:
    description:
      - The matchers.
    type: list
    elements: str
    required: true
seealso:
  - plugin: seldon.openshift.alert_matchers
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Fail when a matcher cannot be read
  ansible.builtin.assert:
    that: monitoring_webhook_matchers | seldon.openshift.matcher_problems | length == 0
"""

RETURN = r"""
_value:
  description: What is wrong, a sentence for each matcher; empty when all is well.
  type: list
  elements: str
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.shared.matchers import problems


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"matcher_problems": problems}
