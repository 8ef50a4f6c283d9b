# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter eck_manifest."""

from __future__ import annotations

DOCUMENTATION = r"""
name: eck_manifest
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: An Elasticsearch as Elastic's operator writes it back
description:
  - >-
    Merges overrides into the spec of an Elasticsearch, and completes its C(nodeSets) as Elastic's operator (ECK 2.x)
    does when it writes the object - quantities in their shortest form, and what pods and claims hold that is empty.
  - >-
    The API server knows one owner of C(nodeSets) as a whole. Written in another form they would become the operator's
    with its first annotation, and the next run would find a conflict where nothing differs.
positional: _input, overrides
options:
  _input:
    description:
      - The Elasticsearch.
    type: dict
    required: true
  overrides:
    description:
      - Merged over its spec. Mappings are merged key by key, all else is replaced; null leaves a field out.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Elasticsearch
  seldon.openshift.seldon_apply:
    resources:
      - "{{ lookup('ansible.builtin.file', 'elasticsearch.yaml') | from_yaml
         | seldon.openshift.eck_manifest({'version': '7.17.7'}) }}"
"""

RETURN = r"""
_value:
  description: The Elasticsearch.
  type: dict
"""

import re
from fractions import Fraction
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.shared.merging import overridden

Object = dict[str, Any]

# From the largest; a quantity is written with the first that leaves a whole number.
_BINARY = {suffix: Fraction(1024**power) for power, suffix in reversed([*enumerate(("Ki", "Mi", "Gi", "Ti", "Pi"), 1)])}
_DECIMAL = {
    suffix: Fraction(1000) ** power for power, suffix in zip(range(5, -2, -1), ("P", "T", "G", "M", "k", "", "m"))
}


def eck_manifest(elasticsearch: Object, overrides: Object | None = None) -> Object:
    """Return the Elasticsearch (as in DOCUMENTATION)."""
    spec = overridden(elasticsearch.get("spec"), overrides or {})
    if isinstance(spec.get("nodeSets"), list):
        spec = {**spec, "nodeSets": [_node_set(each) if isinstance(each, dict) else each for each in spec["nodeSets"]]}
    return {**elasticsearch, "spec": spec}


def quantity(value: Any) -> Any:
    """Return a quantity in the form that Kubernetes' programs write; what is none, as it is."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Za-z]*)", str(value))
    if not match or match[2] not in {**_BINARY, **_DECIMAL}:
        return value
    number = Fraction(match[1]) * {**_BINARY, **_DECIMAL}[match[2]]
    # Below one Ki, and for fractions of a byte, they change over to decimal.
    units = _BINARY if match[2] in _BINARY and number >= 1024 and number.denominator == 1 else _DECIMAL
    for suffix, factor in {**units, "": Fraction(1)}.items():
        if number and (number / factor).denominator == 1:
            return f"{number / factor}{suffix}"
    return value if number else "0"


def _node_set(given: Object) -> Object:
    whole = {**given, "podTemplate": _pod_template(given.get("podTemplate") or {})}
    if given.get("volumeClaimTemplates"):
        whole["volumeClaimTemplates"] = [_claim(each) for each in given["volumeClaimTemplates"]]
    return whole


def _pod_template(given: Object) -> Object:
    spec = {"containers": None, **(given.get("spec") or {})}
    for part in ("containers", "initContainers"):
        if spec.get(part):
            spec[part] = [_with_resources(each) for each in spec[part]]
    return {**given, "metadata": {"creationTimestamp": None, **(given.get("metadata") or {})}, "spec": spec}


def _claim(given: Object) -> Object:
    return {**given, "spec": _with_resources(given.get("spec") or {}), "status": {}}


def _with_resources(given: Object) -> Object:
    resources = {
        part: {name: quantity(amount) for name, amount in amounts.items()}
        for part, amounts in (given.get("resources") or {}).items()
    }
    return {**given, "resources": resources}


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"eck_manifest": eck_manifest}
