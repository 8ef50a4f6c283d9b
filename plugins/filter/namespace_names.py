# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter namespace_names."""

from __future__ import annotations

DOCUMENTATION = r"""
name: namespace_names
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: Namespaces, however they were given
description:
  - Takes the names of namespaces from a command line, a survey or an inventory, and returns them as a list.
  - >-
    Refuses, with all of them in one message, names that Kubernetes would refuse, names that are given twice, and those
    that are meant for something else.
positional: _input
options:
  _input:
    description:
      - >-
        A string with names between commas or blanks, YAML or JSON text of a list, or a list. An item of a list may be a
        mapping with C(name).
    type: raw
    required: true
  reserved:
    description:
      - Names to refuse.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
# ansible-playbook add_namespace.yml -e ns=team-a,team-b
names: "{{ ns | seldon.openshift.namespace_names }}"

# => ['seldon', 'seldon-gitops']
model_names: >-
  {{ [{'name': 'seldon'}, {'name': 'seldon-gitops', 'gitops': true}]
     | seldon.openshift.namespace_names(reserved=['seldon-system']) }}
"""

RETURN = r"""
_value:
  description: The names, in their order.
  type: list
  elements: str
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.module_utils.yamltext import load

# A label of DNS (RFC 1123), as the API server wants it.
_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_RULE = "a name has 1 to 63 lower-case letters, digits and '-', which neither begins nor ends it"


def namespace_names(value: Any, reserved: Iterable[str] = ()) -> list[str]:
    """Return the names in `value` (as in DOCUMENTATION). Raises AnsibleFilterError for those that can't be used."""
    names = [_name(item) for item in _items(value)]
    bad = [repr(name) for name in names if not isinstance(name, str) or not _NAME.fullmatch(name)]
    twice = [repr(name) for name, count in Counter(map(str, names)).items() if count > 1]
    taken = [repr(name) for name in names if name in set(reserved)]
    problems = [f"{', '.join(bad)}: {_RULE}"] if bad else []
    problems += [f"{', '.join(twice)}: given twice"] if twice else []
    problems += [f"{', '.join(taken)}: meant for something else, give another name"] if taken else []
    if problems:
        raise AnsibleFilterError(f"these namespaces can't be used: {'; '.join(problems)}")
    return names


def _items(value: Any) -> Sequence[Any]:
    if isinstance(value, str):
        text = value.strip()
        if not text.startswith(("[", "- ")):
            return [name for name in re.split(r"[,\s]+", text) if name]
        try:
            documents = load(text)
        except ValueError as error:
            raise AnsibleFilterError(f"the list of namespaces is no valid YAML: {error}") from error
        value = documents[0]
    if not isinstance(value, Sequence):
        raise AnsibleFilterError(f"namespaces are given as 'a,b' or as a list, not as {type(value).__name__}")
    return value


def _name(item: Any) -> Any:
    found = item.get("name") if isinstance(item, Mapping) else item
    # YAML reads a name of digits as a number.
    return str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else found


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"namespace_names": namespace_names}
