# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter go_json."""

from __future__ import annotations

DOCUMENTATION = r"""
name: go_json
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: JSON that YAML readers of Go read as it is
description:
  - >-
    Writes a value as JSON in one line, in which every string has quotes. To Helm and to operators, C(y), C(1e5) or
    C(089) without quotes is a boolean or a number; YAML that Python writes has none there.
  - >-
    Different from P(ansible.builtin.to_json#filter), a character beyond U+FFFF stays as it is, because YAML does not
    know the pairs of escapes that JSON has for it.
positional: _input
options:
  _input:
    description:
      - The value.
    type: raw
    required: true
seealso:
  - plugin: ansible.builtin.to_json
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Write values for Helm
  ansible.builtin.copy:
    dest: /root/values.json
    mode: "0600"
    content: |
      # JSON, in which strings stay strings
      {{ seldon_deploy_values | seldon.openshift.go_json }}
"""

RETURN = r"""
_value:
  description: The text.
  type: str
  sample: '{"env": {"CLIENT_ID": "1e5"}}'
"""

from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import flow


def go_json(value: Any) -> str:
    """Return the text (as in DOCUMENTATION)."""
    return flow(value)


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"go_json": go_json}
