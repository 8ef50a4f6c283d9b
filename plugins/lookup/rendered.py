# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The lookup rendered."""

from __future__ import annotations

DOCUMENTATION = r"""
name: rendered
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: The text of a template
description:
  - Returns what P(ansible.builtin.template#lookup) does, by that lookup, but without its copy of all variables of the
    host, which takes longer than to render a manifest.
options:
  _terms:
    description: Templates, found where Ansible looks for templates.
    type: list
    elements: str
    required: true
  template_vars:
    description: Further variables for the templates.
    type: dict
    default: {}
seealso:
  - plugin: ansible.builtin.template
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Apply the cluster
  seldon.openshift.seldon_apply:
    resources: ["{{ lookup('seldon.openshift.rendered', 'kafka.yaml.j2') | from_yaml | combine(kafka_overrides) }}"]
"""

RETURN = r"""
_raw:
  description: The texts, in the order of the templates; empty for one without output.
  type: list
  elements: str
"""

from typing import Any

from ansible.plugins.lookup import LookupBase
from ansible_collections.seldon.openshift.plugins.plugin_utils.rendering import rendered


class LookupModule(LookupBase):  # type: ignore[misc]  # Ansible ships no types
    """What Ansible loads."""

    def run(self, terms: list[str], variables: dict[str, Any] | None = None, **options: Any) -> list[str]:
        """Return the texts (as in DOCUMENTATION). Raises AnsibleError for a template that is not there."""
        self.set_options(var_options=variables, direct=options)
        known = {**(variables or {}), **self.get_option("template_vars")}
        return [rendered(str(term), self._loader, self._templar, known) for term in terms]
