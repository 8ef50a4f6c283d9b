# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The filter leftovers."""

from __future__ import annotations

DOCUMENTATION = r"""
name: leftovers
author: Contributors to the seldon.openshift collection (@seldonio)
version_added: 1.0.0
short_description: What an uninstallation has left, with the commands that remove it
description:
  - Takes objects, as P(seldon.openshift.seldon_cluster_info#module) names them, and returns a line for each thing that
    an uninstallation leaves.
  - What belongs to an operator that is still installed is no leftover, and neither are the volumes and the namespace of
    what runs on because of its data.
positional: _input
options:
  _input:
    description:
      - The collections C(definitions), C(versions), C(operators), C(dashboards), C(namespaces), C(claims), C(secrets),
        C(config_maps), C(user_workload), and what tells that a chapter was left with its data - C(elasticsearch),
        C(postgresql).
    type: dict
    required: true
  chapters:
    description: The chapters that were removed.
    type: list
    elements: str
    required: true
  operators:
    description: Their operators.
    type: list
    elements: dict
    required: true
    suboptions:
      chapter:
        description: The chapter.
        type: str
        required: true
      package:
        description: The package of OLM, a regular expression. Without one, a chart of Helm brings the CRDs.
        type: str
      version:
        description: The beginning of the names of its versions (C(ClusterServiceVersion)), up to the first dot.
        type: str
        required: true
      definitions:
        description: The names of the CRDs that it, or what it runs, brings. A regular expression.
        type: str
        required: true
      dashboards:
        description: The names of its dashboards in the console. A regular expression.
        type: str
  names:
    description: The namespaces of the installation and of models.
    type: list
    elements: str
    required: true
  command:
    description: The command that uninstalls, with what this run was given for that.
    type: str
    required: true
"""

EXAMPLES = r"""
told: "{{ left.objects | seldon.openshift.leftovers(chapters, operators, names, 'ansible-playbook uninstall.yml') }}"
"""

RETURN = r"""
_value:
  description: The lines.
  type: list
  elements: str
  sample: ["Namespaces, with all that they hold: oc delete namespace seldon"]
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

Objects = Sequence[Mapping[str, Any]]
KEPT = "-before-seldon"
# By the chapter, which is also the name of the objects that tell.
KEEPING = {
    "elasticsearch": "Elasticsearch, with all requests and logs, and its operator",
    "postgresql": "The database, with the model catalogue,",
}
CONFIRM = "-e confirm=uninstall"
REMOVE_DATA = "-e remove_data=true"


def leftovers(
    value: Mapping[str, Objects], chapters: Sequence[str], operators: Objects, names: Sequence[str], command: str
) -> list[str]:
    """Return what is left (as in DOCUMENTATION)."""
    gone = [
        operator
        for operator in operators
        if operator["chapter"] in chapters and not _matching(value["versions"], rf"^{operator['version']}\.")
    ]
    homes = {obj["namespace"] for name in KEEPING for obj in value[name]}
    return [
        *_of_operators(value, gone, command),
        *_with_data(value, chapters, command),
        *(_user_workload(value, command) if "monitoring" in chapters else ()),
        *(
            _of_the_installation(value, [each for each in names if each not in homes])
            if "namespaces" in chapters
            else ()
        ),
    ]


def _with_data(left: Mapping[str, Objects], chapters: Sequence[str], command: str) -> Iterator[str]:
    """Yield what runs on because of its data, with its volumes and its namespace."""
    for chapter, what in KEEPING.items():
        for obj in left[chapter]:
            if chapter in chapters:
                yield f"{what} in {obj['namespace']} runs on: {_removing(command, chapter)}"


def _of_operators(left: Mapping[str, Objects], gone: Objects, command: str) -> Iterator[str]:
    for operator in gone:
        found = _matching(left["definitions"], operator["definitions"])
        title = f"CRDs of {operator['version']} ({len(found)})"
        if found and operator.get("package"):
            yield f"{title}, with all custom resources and OLM's ClusterRoles: oc delete crd {' '.join(found)}"
        elif found:
            yield f"{title}, with all custom resources: {_removing(command, operator['chapter'])}"
    packages = [operator["package"] for operator in gone if operator.get("package")]
    if found := [name for package in packages for name in _matching(left["operators"], rf"^{package}\.")]:
        yield f"OLM's Operators, once their CRDs are gone: oc delete operators.operators.coreos.com {' '.join(found)}"
    patterns = [operator["dashboards"] for operator in gone if operator.get("dashboards")]
    if found := [name for pattern in patterns for name in _matching(left["dashboards"], pattern)]:
        yield f"Dashboards of the console: oc delete configmap -n openshift-config-managed {' '.join(found)}"


def _user_workload(left: Mapping[str, Objects], command: str) -> Iterator[str]:
    if left["user_workload"]:
        yield (
            "Monitoring of user-defined projects (enableUserWorkload), for projects of others: "
            f"{command} --tags monitoring {CONFIRM} -e monitoring_remove_user_workload=true"
        )


def _of_the_installation(left: Mapping[str, Objects], names: Sequence[str]) -> Iterator[str]:
    for collection, kind in (("secrets", "secret"), ("config_maps", "configmap")):
        for obj in left[collection]:
            if obj["name"].endswith(KEPT):
                what = f"What {obj['name'].removesuffix(KEPT)} in {obj['namespace']} was before"
                yield f"{what}: oc delete {kind} {obj['name']} -n {obj['namespace']}"
    claims = sorted((each["namespace"], each["name"]) for each in left["claims"] if each["namespace"] in names)
    for namespace, found in groupby(claims, key=lambda claim: claim[0]):
        claimed = " ".join(name for _namespace, name in found)
        yield f"Volumes in {namespace}, with their data: oc delete pvc -n {namespace} {claimed}"
    if there := [each["name"] for each in left["namespaces"] if each["name"] in names]:
        yield f"Namespaces, with all that they hold: oc delete namespace {' '.join(there)}"


def _removing(command: str, chapter: str) -> str:
    """Return the command that removes a chapter with its data, where this run's does not do so already."""
    data = [] if REMOVE_DATA in command else [REMOVE_DATA]
    return " ".join([command, "--tags", chapter, CONFIRM, *data])


def _matching(objects: Objects, pattern: str) -> list[str]:
    return sorted(each["name"] for each in objects if re.search(pattern, each["name"]))


class FilterModule:
    """What Ansible loads."""

    def filters(self) -> dict[str, Any]:
        """Return the filter by its name."""
        return {"leftovers": leftovers}
