# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter alert_matchers."""

from __future__ import annotations

DOCUMENTATION = r"""
name: alert_matchers
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Matchers of Alertmanager, as an AlertmanagerConfig holds them
description:
  - Reads matchers as Alertmanager 0.24 does, and returns them as C(spec.route.matchers) of an C(AlertmanagerConfig)
    holds them.
positional: _input
options:
  _input:
    description:
      - The matchers, each a label, one of C(=), C(!=), C(=~) and C(!~), and a value with or without double quotes.
    type: list
    elements: str
    required: true
seealso:
  - plugin: seldon.openshift.matcher_problems
    plugin_type: filter
"""

EXAMPLES = r"""
# => [{'name': 'severity', 'matchType': '=~', 'value': 'warning|critical'}]
matchers: "{{ ['severity =~ \"warning|critical\"'] | seldon.openshift.alert_matchers }}"
"""

RETURN = r"""
_value:
  description: The matchers, in their order.
  type: list
  elements: dict
  sample:
    - {name: severity, matchType: '=~', value: 'warning|critical'}
"""

from collections.abc import Iterable
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.module_utils.shared.matchers import read


def alert_matchers(texts: Iterable[str]) -> list[dict[str, str]]:
    """Return the matchers (as in DOCUMENTATION). Raises AnsibleFilterError for what Alertmanager refuses."""
    try:
        found = [matcher for text in texts for matcher in read(text)]
    except ValueError as error:
        raise AnsibleFilterError(str(error)) from error
    return [{"name": each.label, "matchType": each.operator, "value": each.value} for each in found]


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"alert_matchers": alert_matchers}
