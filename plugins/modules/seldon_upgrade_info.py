#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_upgrade_info."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_upgrade_info
short_description: Say what can be upgraded, by which steps, and what is in the way
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Reads operators, custom resources and Helm releases, and compares their versions with what is wanted and with what
    the catalogues offer. It changes nothing.
  - With O(consent) it also says what a run that upgrades has to do. The role P(seldon.openshift.upgrade#role) does
    it.
options:
  operators:
    description:
      - The operators of each chapter, as a mapping from the chapter's name to a list of entries as
        O(seldon.openshift.seldon_operator#module:operators).
      - A chapter without operators has an empty list. The order is that in which a run upgrades.
    type: dict
    required: true
  operands:
    description: Custom resources whose versions to read.
    type: list
    elements: dict
    default: []
    suboptions:
      chapter:
        description: The chapter that keeps it.
        type: str
        required: true
      kind:
        description: The kind.
        type: str
        required: true
        choices: [Elasticsearch, Kafka, ServiceMeshControlPlane]
      name:
        description: The name.
        type: str
        required: true
      namespace:
        description: The namespace.
        type: str
        required: true
      wanted:
        description: The wanted version, empty for the operator's default.
        type: str
        default: ''
      protocol:
        description: Of a Kafka, the wanted version of the protocol between brokers; empty for that of its version.
        type: str
        default: ''
      variable:
        description: The variable that says the wanted version.
        type: str
        required: true
  releases:
    description: Helm releases whose charts' versions to read.
    type: list
    elements: dict
    default: []
    suboptions:
      chapter:
        description: The chapter that keeps it.
        type: str
        required: true
      name:
        description: The name of the release.
        type: str
        required: true
      namespaces:
        description: The namespaces to look for it in.
        type: list
        elements: str
        required: true
      wanted:
        description: The wanted version of the chart, empty for any.
        type: str
        default: ''
      variable:
        description: The variable that says the wanted version.
        type: str
        required: true
  consent:
    description:
      - What may be upgraded, names of chapters (keys of O(operators)) or of packages, V(all) for everything.
      - A list, or a text with commas.
    type: raw
  to:
    description:
      - Where an operator with consent goes. V(wanted) is its C(starting_csv), when that is newer than what is
        installed. V(newest) is the head of its channel.
    type: str
    choices: [wanted, newest]
    default: wanted
  timeout:
    description: Seconds for the requests.
    type: int
    default: 60
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: Nothing is changed in any mode.
    support: full
  diff_mode:
    description: There is nothing to show.
    support: none
"""

EXAMPLES = r"""
- name: Read what can be upgraded
  seldon.openshift.seldon_upgrade_info:
    operators:
      kafka:
        - name: amq-streams
          namespace: seldon-operator-kafka
          channel: amq-streams-2.2.x
          source: redhat-operators
          starting_csv: amqstreams.v2.2.1-0
          approval: Manual
    operands:
      - {chapter: kafka, kind: Kafka, name: seldon, namespace: seldon-kafka, wanted: 3.2.3, variable: kafka_version}
  register: found

- name: Show it
  ansible.builtin.debug:
    msg: "{{ found.lines }}"
"""

RETURN = r"""
openshift:
  description: The version of OpenShift, empty when it is not known.
  returned: success
  type: str
  sample: 4.11.59
operators:
  description: How each operator stands.
  returned: success
  type: list
  elements: dict
  contains:
    chapter:
      description: The chapter that asks for it.
      type: str
    asked:
      description: The package that it asks for.
      type: str
    name:
      description: The package that is used, perhaps another one that others installed.
      type: str
    namespace:
      description: Its namespace.
      type: str
    channel:
      description: The channel.
      type: str
    installed:
      description: The installed version, empty when none is.
      type: str
      sample: amqstreams.v2.2.0-4
    wanted:
      description: The version that the variables want (C(starting_csv)).
      type: str
    newest:
      description: The head of the channel.
      type: str
    next:
      description: The version that OLM's next install plan brings, empty when there is none.
      type: str
    goal:
      description: The version where a run with consent would end.
      type: str
    adopted:
      description: Whether others installed it. It is never upgraded then.
      type: bool
    automatic:
      description: Whether OLM upgrades it by itself.
      type: bool
    blocked:
      description: What is in the way.
      type: list
      elements: str
    notes:
      description: What is good to know.
      type: list
      elements: str
products:
  description: How each product and chart stands.
  returned: success
  type: list
  elements: dict
  contains:
    chapter:
      description: The chapter that keeps it.
      type: str
    what:
      description: What the version is of.
      type: str
      sample: control plane
    name:
      description: The name of the custom resource or release.
      type: str
    namespace:
      description: Its namespace.
      type: str
    live:
      description: The version on the cluster.
      type: str
    wanted:
      description: The wanted version.
      type: str
    variable:
      description: The variable that says it.
      type: str
    steps:
      description: The versions on the way, the wanted one last.
      type: list
      elements: str
    blocked:
      description: Why it cannot be had, empty when it can.
      type: str
lines:
  description: All of that as tables.
  returned: success
  type: list
  elements: str
consent:
  description: The names in O(consent).
  returned: success
  type: list
  elements: str
chapters:
  description: The chapters that O(consent) names, in the order of O(operators).
  returned: success
  type: list
  elements: str
problems:
  description: What keeps a run from what was agreed to.
  returned: success
  type: list
  elements: str
wanted:
  description: O(operators), those with consent with their goal as C(starting_csv) and C(upgrade=true).
  returned: success
  type: dict
companions:
  description: For each chapter, the entries of others whose upgrades OLM may put into the same install plan.
  returned: success
  type: dict
passes:
  description: For each chapter, the variables of each time that it has to be applied.
  returned: success
  type: dict
  sample: {kafka: [{kafka_held: {kafka: {config: {inter.broker.protocol.version: '3.1'}}}}, {}]}
variables:
  description: The variables that have to be said after the upgrade, so that a later run wants what is installed.
  returned: success
  type: dict
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade import plan
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.consent import consent, named, strangers
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.observe import (
    openshift,
    operator_of,
    standings,
    versions,
)
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.operators import NEWEST, WANTED, Aim
from ansible_collections.seldon.openshift.plugins.module_utils.upgrade.table import lines

_TEXT: dict[str, Any] = {"type": "str", "required": True}
_WANTED: dict[str, Any] = {"type": "str", "default": ""}
OPERAND: dict[str, Any] = {
    "chapter": _TEXT,
    "kind": {**_TEXT, "choices": ["Elasticsearch", "Kafka", "ServiceMeshControlPlane"]},
    "name": _TEXT,
    "namespace": _TEXT,
    "wanted": _WANTED,
    "protocol": _WANTED,
    "variable": _TEXT,
}
RELEASE: dict[str, Any] = {
    "chapter": _TEXT,
    "name": _TEXT,
    "namespaces": {"type": "list", "elements": "str", "required": True},
    "wanted": _WANTED,
    "variable": _TEXT,
}
ARGUMENT_SPEC: dict[str, Any] = {
    "operators": {"type": "dict", "required": True},
    "operands": {"type": "list", "elements": "dict", "default": [], "options": OPERAND},
    "releases": {"type": "list", "elements": "dict", "default": [], "options": RELEASE},
    "consent": {"type": "raw"},
    "to": {"type": "str", "choices": [WANTED, NEWEST], "default": WANTED},
    "timeout": {"type": "int", "default": 60},
}
Entries = Mapping[str, Sequence[Mapping[str, Any]]]


def run(client: Client, params: dict[str, Any], _check_mode: bool, _progress: Progress) -> dict[str, Any]:
    """Return what DOCUMENTATION promises. Raises EngineError, for unknown names before any request."""
    entries = checked(params["operators"])
    packages = {chapter: [entry["name"] for entry in each] for chapter, each in entries.items()}
    names = named(params["consent"])
    if unknown := strangers(names, packages):
        raise EngineError(f"Nothing was read or written. {'; '.join(unknown)}")
    agreed = consent(names, packages)
    aim = Aim(params["to"], agreed.packages, openshift(client))
    chapters = {chapter: [operator_of(entry) for entry in each] for chapter, each in entries.items()}
    operators = standings(client, chapters, aim, params["timeout"])
    products = versions(client, params["operands"], params["releases"])
    wanted = plan.wanted(entries, agreed, operators)
    return {
        "changed": False,
        "openshift": aim.openshift,
        "operators": [asdict(each) for each in operators],
        "products": [asdict(each) for each in products],
        "lines": lines(operators, products),
        "consent": names,
        "chapters": list(agreed.chapters),
        "problems": plan.problems(agreed, operators, products),
        "wanted": wanted,
        "companions": {chapter: list(plan.companions(chapter, wanted, agreed)) for chapter in agreed.chapters},
        "passes": {chapter: plan.passes(chapter, products) for chapter in agreed.chapters},
        "variables": plan.kept(entries, agreed, operators, products),
    }


def checked(operators: Mapping[str, Any]) -> Entries:
    """Return the option `operators`. Raises EngineError for an entry that lacks what each has to have."""
    lacking = [
        f"{chapter}: each operator needs {key}"
        for chapter, each in operators.items()
        for entry in each
        for key in ("name", "namespace")
        if not isinstance(entry, Mapping) or not entry.get(key)
    ]
    if lacking:
        raise EngineError("; ".join(dict.fromkeys(lacking)))
    return operators


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
