#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_trusted_ca."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_trusted_ca
short_description: Let the pods of a Deployment trust certificate authorities of one's own
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    For a Deployment whose Helm chart has no field for authorities. Adds to every container what makes programs in Go
    trust the certificates beside the system's. That is a volume of the ConfigMap C(seldon-trusted-ca), its mount at
    C(/etc/seldon-trusted-ca), and the variable C(SSL_CERT_DIR).
  - >-
    An annotation of the pods' template tells which certificates these are. So pods start anew when they change, and
    only then.
  - >-
    Helm leaves all that, because no manifest of its own ever had it.
options:
  name:
    description:
      - The name of the Deployment.
    type: str
    required: true
  namespace:
    description:
      - Its namespace, which holds the ConfigMap, too. Apply that first, with the certificates under C(ca-bundle.crt).
    type: str
    required: true
  certificates:
    description:
      - The certificates in PEM that the ConfigMap holds. Needed for V(present).
    type: str
    default: ''
  state:
    description:
      - Whether the pods shall trust them. V(absent) removes what this module added.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds to wait for the Deployment, and in which to win against other writers.
    type: int
    default: 60
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: The API server tries the change without keeping it. A Deployment that does not exist is not waited for.
    support: full
  diff_mode:
    description: Shows what this module adds, and nothing else of the Deployment.
    support: full
"""

EXAMPLES = r"""
- name: Let Seldon Deploy trust the company's authority
  seldon.openshift.seldon_trusted_ca:
    name: seldon-deploy
    namespace: seldon-system
    certificates: "{{ lookup('ansible.builtin.file', 'company-ca.pem') }}"

- name: End that
  seldon.openshift.seldon_trusted_ca:
    name: seldon-deploy
    namespace: seldon-system
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
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.pem import digest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.awaited import edit_when_made
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, result_of
from ansible_collections.seldon.openshift.plugins.module_utils.shared.pod_authorities import (
    deployment,
    doubting,
    ours,
    trusting,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "certificates": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Let the pods trust the certificates of `params` (as in DOCUMENTATION), or no longer, and return the result."""
    deadline, name, namespace = time.monotonic() + params["timeout"], params["name"], params["namespace"]
    change = trusting(digest(params["certificates"])) if params["state"] == "present" else doubting
    hint = f"is it installed? See: oc get deployments -n {namespace}"
    made = edit_when_made(client, deployment(name, namespace), change, deadline, progress, hint)
    # Of the Deployment nothing else is shown: its environment may hold secrets.
    return result_of(Edit(ours(made.before), ours(made.after)) if made.changed else made)


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
