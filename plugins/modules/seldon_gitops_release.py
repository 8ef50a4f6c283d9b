#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_gitops_release."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_gitops_release
short_description: Let go of what an Argo CD manages
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Prepares the removal of an Argo CD or of one of its projects. It takes the label
    C(argocd.argoproj.io/managed-by) off the namespaces that name this Argo CD, and waits until its operator has taken
    its rights in them away. That has to happen first, as they would stay in the namespaces permanently.
  - Then it deletes the project's Applications, and the project. What they have deployed stays. While an Application
    does not go, the project stays, too, because Argo CD needs it to let the Application go.
options:
  namespace:
    description:
      - The namespace of the Argo CD.
    type: str
    default: seldon-argocd
  project:
    description:
      - The project whose Applications to delete, and which to delete.
    type: str
    default: seldon
  labels:
    description:
      - Release only namespaces that this label selector finds, too. An Argo CD that others use keeps theirs.
    type: str
    default: ''
  timeout:
    description:
      - Seconds to wait until everything is gone.
    type: int
    default: 120
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: The API server tries the changes without keeping them. It waits for nothing.
    support: full
  diff_mode:
    description: Shows the namespaces and the objects.
    support: full
"""

EXAMPLES = r"""
- name: Nothing is managed by the Argo CD any more
  seldon.openshift.seldon_gitops_release:
    namespace: seldon-argocd
"""

RETURN = r"""
namespaces:
  description: The namespaces that were released.
  returned: success
  type: list
  elements: str
  sample: [seldon-gitops]
applications:
  description: The Applications that were deleted.
  returned: success
  type: list
  elements: str
  sample: [seldon-gitops-seldon-gitops]
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.remove import remove_set
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError, KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import (
    APPLICATION,
    ARGOCD,
    NAMESPACE,
    ROLE_BINDING,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import (
    Kind,
    Object,
    Objects,
    Reference,
    is_terminating,
    section,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import NotYet, Progress, poll_until
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, edit
from ansible_collections.seldon.openshift.plugins.module_utils.shared.gitops_project import project

ARGUMENT_SPEC: dict[str, Any] = {
    "namespace": {"type": "str", "default": "seldon-argocd"},
    "project": {"type": "str", "default": "seldon"},
    "labels": {"type": "str", "default": ""},
    "timeout": {"type": "int", "default": 120},
}
LABEL = "argocd.argoproj.io/managed-by"
# argocd-operator puts it on each RoleBinding that it makes in a managed namespace.
_MADE_FOR = "argocds.argoproj.io/namespace"


def run(client: Client, params: dict[str, Any], check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Release what `params` (as in DOCUMENTATION) names, and return the result."""
    deadline = time.monotonic() + params["timeout"]
    argocd = params["namespace"]
    selector = ",".join(filter(None, (f"{LABEL}={argocd}", params["labels"])))
    labelled = client.list(NAMESPACE, label_selector=selector, deadline=deadline)
    # One that is being deleted takes label and rights with it.
    managed = [namespace for namespace in labelled if not is_terminating(namespace)]
    released = [_unlabelled(client, namespace, argocd, deadline) for namespace in managed]
    names = [namespace["metadata"]["name"] for namespace in managed]
    if names and not check_mode and _operated(client, argocd, deadline):
        poll_until(lambda: _rights_gone(client, names, argocd, deadline), deadline, progress)
    applications = [
        each for each in _list(client, APPLICATION, argocd, deadline) if each["spec"]["project"] == params["project"]
    ]
    outcomes = _removed(client, [Reference.of(each).bare() for each in applications], deadline, progress)
    # Only then: Argo CD takes no finalizer off an Application whose project is gone.
    outcomes += _removed(client, [project(params["project"], argocd)], deadline, progress)
    return {
        "changed": any(each.changed for each in released) or any(outcome.changed for outcome in outcomes),
        "namespaces": names,
        "applications": [each["metadata"]["name"] for each in applications],
        "diff": [
            *(entry for each in released for entry in each.diff()),
            *(entry for entry in (outcome.diff() for outcome in outcomes) if entry),
        ],
    }


def _removed(client: Client, objects: Objects, deadline: float, progress: Progress) -> list[Outcome]:
    """Remove the objects. Raises EngineError that names those that stay."""
    outcomes = remove_set(client, objects, deadline, progress)
    if failed := [f"{Reference.of(each.obj)}: {each.message}" for each in outcomes if each.action == "failed"]:
        raise EngineError("; ".join(failed))
    return outcomes


def _unlabelled(client: Client, namespace: Object, argocd: str, deadline: float) -> Edit:
    skeleton = Reference.of(namespace).bare()

    def mutate(there: Object) -> Object:
        labels = section(there["metadata"], "labels")
        if labels.get(LABEL) != argocd:
            return there
        kept = {key: value for key, value in labels.items() if key != LABEL}
        return {**there, "metadata": {**there["metadata"], "labels": kept}}

    return edit(client, skeleton, mutate, deadline)


def _operated(client: Client, argocd: str, deadline: float) -> bool:
    """Say whether there is an operator's Argo CD, so that somebody takes the rights away."""
    return bool(_list(client, ARGOCD, argocd, deadline))


def _rights_gone(client: Client, namespaces: list[str], argocd: str, deadline: float) -> None:
    for namespace in namespaces:
        bindings = client.list(ROLE_BINDING, namespace, deadline=deadline)
        left = [
            each["metadata"]["name"]
            for each in bindings
            if section(each["metadata"], "annotations").get(_MADE_FOR) == argocd
        ]
        if left:
            raise NotYet(
                f"the operator of Argo CD has not removed {', '.join(left)} from {namespace}; see: "
                "oc get csv -A | grep gitops"
            )


def _list(client: Client, kind: Kind, namespace: str, deadline: float) -> Objects:
    try:
        return client.list(kind, namespace, deadline=deadline)
    except KindNotServed:
        return []


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
