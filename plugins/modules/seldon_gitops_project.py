#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_gitops_project."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_gitops_project
short_description: Let an Argo CD project deploy to namespaces and from repositories
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Adds destinations and source repositories to an Argo CD AppProject, or removes them. Those that others added stay,
    and so does everything else in the project.
  - Any number of writers may do so at once and none is lost.
  - Creates the project when there is none, with O(description), O(cluster_resource_whitelist) and O(roles).
options:
  name:
    description:
      - The name of the AppProject.
    type: str
    default: seldon
  namespace:
    description:
      - The namespace of the Argo CD instance.
    type: str
    default: seldon-argocd
  destinations:
    description:
      - Where the project's applications may deploy to.
    type: list
    elements: dict
    default: []
    suboptions:
      namespace:
        description:
          - A namespace, or a pattern as Argo CD knows them.
        type: str
        required: true
      server:
        description:
          - The address of the cluster's API server, as Argo CD sees it.
        type: str
        default: https://kubernetes.default.svc
  source_repos:
    description:
      - The addresses of the Git repositories that the project's applications may come from.
      - An address with a user, password or token in it is refused, because everybody who may read the project would
        see it. With O(state=absent) it is accepted, so that it can be removed.
    type: list
    elements: str
    default: []
  description:
    description:
      - The description of a project that is created. That of an existing one stays.
    type: str
  cluster_resource_whitelist:
    description:
      - The kinds without a namespace that a project that is created may deploy. Those of an existing one stay.
    type: list
    elements: dict
    suboptions:
      group:
        description:
          - The API group, V(*) for every group.
        type: str
        required: true
      kind:
        description:
          - The kind, V(*) for every kind.
        type: str
        required: true
  roles:
    description:
      - The roles of a project that is created, as in C(spec.roles). Those of an existing one stay.
    type: list
    elements: dict
  state:
    description:
      - Whether the project shall have the destinations and repositories. V(absent) never deletes the project.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds in which to win against other writers and what fails for a moment.
      - What is being deleted is not changed but made anew once it is gone, also within this time.
    type: int
    default: 60
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: The API server tries the change without keeping it.
    support: full
  diff_mode:
    description: Shows the project.
    support: full
"""

EXAMPLES = r"""
- name: Let Argo CD deploy models to a namespace
  seldon.openshift.seldon_gitops_project:
    name: seldon
    namespace: seldon-argocd
    destinations:
      - namespace: seldon-gitops
    source_repos:
      - https://git.example.com/acme/models
    description: Seldon Deploy Project
    cluster_resource_whitelist:
      - group: "*"
        kind: "*"
    roles:
      - name: seldon-admin
        policies:
          - p, proj:seldon:seldon-admin, applications, get, seldon/*, allow
          - p, proj:seldon:seldon-admin, applications, sync, seldon/*, allow

- name: Take a namespace out
  seldon.openshift.seldon_gitops_project:
    destinations:
      - namespace: seldon-gitops
    state: absent
"""

RETURN = r"""
results:
  description:
    - What was done with each object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done.
  returned: success
  type: list
  elements: dict
destinations:
  description: All destinations of the project now.
  returned: success
  type: list
  elements: dict
  sample: [{namespace: seldon-gitops, server: https://kubernetes.default.svc}]
source_repos:
  description: All source repositories of the project now.
  returned: success
  type: list
  elements: str
  sample: [https://git.example.com/acme/models]
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared import gitops_project as gitops
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import edit, result_of
from ansible_collections.seldon.openshift.plugins.module_utils.shared.git_address import leaks

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "default": "seldon"},
    "namespace": {"type": "str", "default": "seldon-argocd"},
    "destinations": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "namespace": {"type": "str", "required": True},
            "server": {"type": "str", "default": gitops.THIS_CLUSTER},
        },
    },
    "source_repos": {"type": "list", "elements": "str", "default": []},
    "description": {"type": "str"},
    "cluster_resource_whitelist": {
        "type": "list",
        "elements": "dict",
        "options": {"group": {"type": "str", "required": True}, "kind": {"type": "str", "required": True}},
    },
    "roles": {"type": "list", "elements": "dict"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Add or remove the destinations and repositories of `params` (as in DOCUMENTATION), and return the result."""
    if params["state"] == "present":
        _refuse_credentials(params["source_repos"])
    wanted = params["destinations"], params["source_repos"]
    initial = {
        "description": params["description"],
        "clusterResourceWhitelist": params["cluster_resource_whitelist"],
        "roles": params["roles"],
    }
    given = {field: value for field, value in initial.items() if value is not None}
    mutate = gitops.admitting(*wanted, given) if params["state"] == "present" else gitops.expelling(*wanted)
    skeleton = gitops.project(params["name"], params["namespace"])
    made = edit(client, skeleton, mutate, time.monotonic() + params["timeout"], progress)
    return {
        **result_of(made),
        "destinations": gitops.destinations(made.after),
        "source_repos": gitops.source_repos(made.after),
    }


def _refuse_credentials(addresses: list[str]) -> None:
    """Raise EngineError for the first address that must not be stored; it is told by its place alone."""
    for place, address in enumerate(addresses, start=1):
        if leaks(address):
            raise EngineError(
                f"entry {place} of source_repos holds a password, a token or a user name, which everybody who may read"
                " the AppProject would see: give the address without, such as https://git.example.com/acme/models"
            )


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
