# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter helm_values."""

from __future__ import annotations

DOCUMENTATION = r"""
name: helm_values
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Values of a Helm chart, merged
description:
  - Merges values as C(helm --values) does when it is given several files. Mappings are merged key by key, all else is
    replaced by what comes later.
  - >-
    Different from Helm's own merging, a C(null) stays in the result, so that Helm sees it and drops the chart's
    default.
  - >-
    Different from Helm's own merging, too, what means a boolean, such as C('false') or C(1), becomes one where the
    values to begin with hold a boolean. To a chart, every text is true.
  - >-
    YAML text is read as it is. What looks like a template of Jinja, such as C({{ .Token }}) in the values of Seldon
    Deploy, stays as it is.
positional: _input, overrides
options:
  _input:
    description:
      - The values to begin with, as a mapping or as YAML text.
    type: raw
    required: true
  overrides:
    description:
      - Any number of further values, as mappings or as YAML text, each of which wins over those before it.
    type: list
    elements: raw
"""

EXAMPLES = r"""
- name: The guide's values, and ours
  seldon.openshift.seldon_helm:
    name: seldon-deploy
    namespace: seldon-system
    chart_ref: seldon-charts/seldon-deploy
    values: "{{ lookup('ansible.builtin.file', 'values.yaml') | seldon.openshift.helm_values(seldon_deploy_values) }}"
"""

RETURN = r"""
_value:
  description: The merged values.
  type: dict
  sample: {gitops: {argocd: {enabled: true}}, prometheus: {knative: null}}
"""

from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import load
from ansible_collections.seldon.openshift.plugins.module_utils.shared.merging import merged
from ansible_collections.seldon.openshift.plugins.plugin_utils.booleans import like

Values = dict[str, Any]


def helm_values(base: Any, *overrides: Any) -> Values:
    """Return the merged values (as in DOCUMENTATION). Raises AnsibleFilterError for what is no mapping."""
    values: Values = {}
    mappings = [_mapping(given, number) for number, given in enumerate((base, *overrides), start=1)]
    for mapping in mappings:
        values = merged(values, like(mappings[0], mapping))
    return values


def _mapping(given: Any, number: int) -> Values:
    if isinstance(given, str):
        try:
            documents = load(given)
        except ValueError as error:
            raise AnsibleFilterError(f"part {number} of the Helm values is not valid YAML: {error}") from error
        if len(documents) > 1:
            raise AnsibleFilterError(f"part {number} of the Helm values holds {len(documents)} YAML documents, not one")
        given = documents[0] if documents else None
    if given is None:  # a file of comments
        return {}
    if not isinstance(given, dict):
        raise AnsibleFilterError(f"part {number} of the Helm values is not a mapping but {type(given).__name__}")
    return given


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"helm_values": helm_values}
