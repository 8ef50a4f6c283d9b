# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter version_problems."""

from __future__ import annotations

DOCUMENTATION = r"""
name: version_problems
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Which versions an operator would not take
description:
  - Judges versions by their form, and by what the operator is known to run.
positional: _input, example
options:
  _input:
    description:
      - The versions, by the names of the variables that give them.
    type: dict
    required: true
  example:
    description:
      - A version of the right form. More may follow a hyphen or a dot.
    type: str
    required: true
  operator:
    description:
      - The operator with its version; empty when nobody knows what it runs.
    type: str
    default: ""
  oldest:
    description:
      - The oldest version that it runs.
    type: str
    default: ""
  newest:
    description:
      - The newest version that it runs, with as many numbers as count.
    type: str
    default: ""
"""

EXAMPLES = r"""
# => ['elasticsearch_version is 9.0.0, and eck.v2.5.0 runs 7.10.0 to 8.x: choose one of these, or another operator.']
problems: "{{ {'elasticsearch_version': '9.0.0'}
           | seldon.openshift.version_problems('7.12.1', 'eck.v2.5.0', '7.10.0', '8') }}"
"""

RETURN = r"""
_value:
  description: What is wrong, a sentence for each; empty when all is well.
  type: list
  elements: str
"""

import re
from collections.abc import Mapping
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.versions import numbers


def version_problems(
    versions: Mapping[str, Any], example: str, operator: str = "", oldest: str = "", newest: str = ""
) -> list[str]:
    """Return what is wrong with the versions (as in DOCUMENTATION)."""
    form = re.compile(re.sub(r"\d+", r"\\d+", re.escape(example)) + r"([-.][0-9A-Za-z.-]+)?")
    found = []
    for name, value in versions.items():
        if not form.fullmatch(str(value)):
            found.append(f"{name} is '{value}', which is no version: give one like {example}.")
        elif operator and not _is_between(str(value), oldest, newest):
            runs = f"{oldest} to {newest}{'.x' if len(numbers(newest)) < len(numbers(oldest)) else ''}"
            found.append(f"{name} is {value}, and {operator} runs {runs}: choose one of these, or another operator.")
    return found


def _is_between(version: str, oldest: str, newest: str) -> bool:
    given, last = numbers(version), numbers(newest)
    return numbers(oldest) <= given and given[: len(last)] <= last


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"version_problems": version_problems}
