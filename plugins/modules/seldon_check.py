#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Look at one chapter of the installation as it is now."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_check
short_description: Look at one chapter of the installation and say what is right and wrong
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Runs the checks of one chapter (a role of this collection) against the running cluster and returns what each of them
    has found, why it matters, and what to do.
  - Never changes anything. Never fails because of what it finds; the role P(seldon.openshift.validate#role) decides on
    that, and makes a report of it.
  - What can't be read (a cluster that does not answer) is a finding as well. What may not be read for want of a right
    is skipped, and the rights are returned.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
options:
  chapter:
    description: The chapter, named as its role.
    type: str
    required: true
    choices:
      - elasticsearch
      - gitops
      - kafka
      - logging
      - model_namespace
      - monitoring
      - namespaces
      - postgresql
      - seldon_core_v1
      - seldon_core_v2
      - seldon_deploy
      - serverless
      - service_mesh
  only:
    description:
      - The names of some checks of the chapter. Without them, all of it is looked at.
    type: list
    elements: str
  settings:
    description:
      - What the checks must know of the installation - names, addresses, what is wanted. Each role's C(validate.yml)
        gives what its own checks read.
      - Holds no secrets.
    type: dict
    default: {}
  secrets:
    description:
      - What checks compare and never show. They read it as one of O(settings).
    type: dict
    default: {}
  resources:
    description:
      - Objects that the role has applied, as a list of mappings or as YAML text. The checks compare them with those of
        the cluster.
    type: raw
  files:
    description:
      - Files with such objects, looked up like those of M(ansible.builtin.copy). They are never templated.
    type: list
    elements: str
  templates:
    description:
      - Templates of such files, looked up and rendered like those of M(ansible.builtin.template).
    type: list
    elements: str
  timeout:
    description:
      - For how many seconds to look again while a check fails. What was changed a moment ago may not have settled yet,
        such as an operator that OLM installs once more.
    type: float
    default: 0
attributes:
  check_mode:
    support: full
    description: It looks in the same way.
  diff_mode:
    support: none
    description: Nothing is changed, so there is no difference to show.
"""

EXAMPLES = r"""
- name: Look at the namespaces
  seldon.openshift.seldon_check:
    chapter: namespaces
    settings:
      names: [seldon-system, seldon-logs]
  register: namespaces_checked

- name: Nothing is wrong with them
  ansible.builtin.assert:
    that: namespaces_checked.checks | selectattr('status', 'eq', 'fail') | length == 0
"""

RETURN = r"""
checks:
  description: What was found, one row for each thing looked at.
  returned: always
  type: list
  elements: dict
  contains:
    check:
      description: Name of the check.
      type: str
      sample: service_mesh.route
    chapter:
      description: As given.
      type: str
    title:
      description: What is true when the check passes.
      type: str
    why:
      description: Why it matters, in one sentence.
      type: str
    status:
      description: V(pass), V(warn), V(fail) or V(skipped).
      type: str
    subject:
      description: What was looked at.
      type: str
      sample: Route istio-system/seldon-route
    seen:
      description: What was found.
      type: str
    do:
      description: The next command to type, where something is to be done.
      type: str
lacking:
  description: The rights without which some checks were skipped.
  returned: always
  type: list
  elements: dict
  sample: [{verb: list, group: '', resource: secrets, namespace: seldon-system}]
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import read
from ansible_collections.seldon.openshift.plugins.module_utils.checks.model import Check, Rows, looked
from ansible_collections.seldon.openshift.plugins.module_utils.checks.observed import Observed
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import (
    NotYet,
    Progress,
    TimedOut,
    poll_until,
)
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

ARGUMENT_SPEC: dict[str, Any] = {
    "chapter": {"type": "str", "required": True, "choices": sorted(CHAPTERS)},
    "only": {"type": "list", "elements": "str"},
    "settings": {"type": "dict", "default": {}},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "resources": {"type": "raw"},
    "files": {"type": "list", "elements": "str"},
    "templates": {"type": "list", "elements": "str"},
    "timeout": {"type": "float", "default": 0},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Run the checks of `params["chapter"]` and return the module's result. Raises EngineError for an unknown check."""
    chapter = params["chapter"]
    settings = {**params["settings"], **params["secrets"], "objects": read(params["resources"], "resources")}
    found = _settled(client, _chosen(chapter, params["only"]), chapter, settings, params["timeout"], progress)
    return {"changed": False, "checks": found.checks, "lacking": [right.as_options() for right in found.lacking]}


def _settled(
    client: Client, checks: list[Check], chapter: str, settings: Mapping[str, Any], seconds: float, progress: Progress
) -> Rows:
    """Return what the checks find as soon as none of them fails, else what they find after `seconds`."""
    found = Rows([], [])

    def look() -> None:
        nonlocal found
        found = looked(checks, chapter, Observed(client), settings)
        failing = [f"{row['subject']}: {row['seen']}" for row in found.checks if row["status"] == "fail"]
        if failing:
            raise NotYet("; ".join(failing))

    with suppress(TimedOut):  # what fails then is in `found`
        poll_until(look, time.monotonic() + seconds, progress, f"looking at {chapter} again")
    return found


def _chosen(chapter: str, only: list[str] | None) -> list[Check]:
    checks = {check.name: check for check in CHAPTERS[chapter]}
    if unknown := [name for name in only or [] if name not in checks]:
        raise EngineError(f"{chapter} has no check {', '.join(unknown)}; it has {', '.join(checks)}")
    return [checks[name] for name in only or checks]


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
