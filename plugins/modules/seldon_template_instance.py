#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_template_instance."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_template_instance
short_description: Instantiate a Template of OpenShift once
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Makes a TemplateInstance of a Template that the cluster has, with parameters from a Secret. One that exists is left
    as it is, as OpenShift acts upon a TemplateInstance only once, and its content cannot be changed.
  - >-
    OpenShift then creates the template's objects. M(seldon.openshift.seldon_wait) waits for a C(TemplateInstance), and
    says why one has failed.
options:
  name:
    description:
      - The name of the TemplateInstance.
    type: str
    required: true
  namespace:
    description:
      - The namespace of it, of the Secret, and of the objects.
    type: str
    required: true
  template:
    description:
      - The name of the Template.
    type: str
    required: true
  template_namespace:
    description:
      - The namespace of the Template.
    type: str
    default: openshift
  secret:
    description:
      - The name of the Secret that holds the values of the template's parameters by their names.
    type: str
    required: true
  state:
    description:
      - V(absent) deletes the TemplateInstance. OpenShift then deletes the objects, volumes with their data among them.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds for what fails for a moment, and for the objects to be gone.
    type: int
    default: 120
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: The API server tries the change without keeping it.
    support: full
  diff_mode:
    description: Shows the TemplateInstance, which holds the template.
    support: full
"""

EXAMPLES = r"""
- name: OpenShift's database
  seldon.openshift.seldon_template_instance:
    name: metadata
    namespace: seldon-system
    template: postgresql-persistent
    secret: metadata-parameters
"""

RETURN = r"""
results:
  description:
    - What was done with each object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done.
  returned: success
  type: list
  elements: dict
action:
  description: What was done (in check mode, what would be done).
  returned: success
  type: str
  sample: created, unchanged, deleted or absent
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.diff import content
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import summary
from ansible_collections.seldon.openshift.plugins.module_utils.apply.remove import remove_set
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import TEMPLATE, TEMPLATE_INSTANCE
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import edit, result_of

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "template": {"type": "str", "required": True},
    "template_namespace": {"type": "str", "default": "openshift"},
    "secret": {"type": "str", "required": True, "no_log": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 120},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Make or remove the TemplateInstance of `params` (as in DOCUMENTATION), and return the result."""
    deadline = time.monotonic() + params["timeout"]
    reference = TEMPLATE_INSTANCE.named(params["name"], params["namespace"])
    skeleton = reference.bare()
    if params["state"] == "absent":
        (outcome,) = remove_set(client, [skeleton], deadline, progress)
        if outcome.action == "failed":
            raise EngineError(f"{reference}: {outcome.message}")
        return {**summary([outcome]), "action": outcome.action}

    def instantiated(there: Object) -> Object:
        if "uid" in there["metadata"]:
            return there
        return {
            **there,
            "spec": {"template": _template(client, params, deadline), "secret": {"name": params["secret"]}},
        }

    made = edit(client, skeleton, instantiated, deadline, progress)
    return {**result_of(made), "action": made.action}


def _template(client: Client, params: dict[str, Any], deadline: float) -> Object | None:
    name, namespace = params["template"], params["template_namespace"]
    found = content(client.get(TEMPLATE.named(name, namespace), deadline=deadline))
    if found is None:
        raise EngineError(
            f"there is no Template {namespace}/{name}; see: oc -n {namespace} get templates "
            "(OpenShift's Samples operator brings them, unless it is set to Removed)"
        )
    return found


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
