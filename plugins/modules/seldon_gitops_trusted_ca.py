#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_gitops_trusted_ca."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_gitops_trusted_ca
short_description: Let a running Argo CD trust certificate authorities of a Git server
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Adds certificates to the ConfigMap C(argocd-tls-certs-cm), which every Argo CD has mounted, under the key of a host,
    or removes them. Keys of other hosts stay, and so do certificates that others have put under the same key.
  - >-
    For a host with a key, Argo CD trusts its certificates instead of the system's. So don't give one of a public host.
  - >-
    Kubernetes brings a change of a ConfigMap into the pods that have it mounted, a minute or so later.
  - >-
    The field C(tls.initialCerts) of an ArgoCD is read only when its operator creates the ConfigMap.
  - >-
    What the ConfigMap was before stays in one beside it, C(argocd-tls-certs-cm-before-seldon), until it is that again.
  - >-
    Waits for a ConfigMap that does not exist yet. The operator of Argo CD creates it.
options:
  namespace:
    description:
      - The namespace of the Argo CD.
    type: str
    default: seldon-argocd
  git_host:
    description:
      - The host of the Git server, as it stands in the repository's URL, without a port. Argo CD looks it up so.
    type: str
    default: ''
  certificates:
    description:
      - The certificates in PEM, one or more. They replace those that this module added earlier, of any host.
    type: str
    default: ''
  state:
    description:
      - Whether Argo CD shall trust them. V(absent) removes all that this module added.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds to wait for the ConfigMap, and in which to win against other writers.
    type: int
    default: 120
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: The API server tries the change without keeping it. A ConfigMap that does not exist is not waited for.
    support: full
  diff_mode:
    description: Shows the ConfigMap. Certificates are no secrets.
    support: full
"""

EXAMPLES = r"""
- name: Let Argo CD trust the company's authority for its Git server
  seldon.openshift.seldon_gitops_trusted_ca:
    namespace: openshift-gitops
    git_host: git.example.com
    certificates: "{{ lookup('ansible.builtin.file', 'company-ca.pem') }}"

- name: End that
  seldon.openshift.seldon_gitops_trusted_ca:
    namespace: openshift-gitops
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
hosts:
  description: The hosts for which certificates of this module count.
  returned: success
  type: list
  elements: str
  sample: [git.example.com]
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply import previous
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.awaited import edit_when_made
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import result_of
from ansible_collections.seldon.openshift.plugins.module_utils.shared.tls_certificates import (
    config_map,
    ours,
    trusting,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "namespace": {"type": "str", "default": "seldon-argocd"},
    "git_host": {"type": "str", "default": ""},
    "certificates": {"type": "str", "default": ""},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 120},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Add or remove the certificates of `params` (as in DOCUMENTATION), and return the result."""
    deadline, namespace = time.monotonic() + params["timeout"], params["namespace"]
    wanted = "" if params["state"] == "absent" or not params["git_host"] else params["certificates"]
    hint = f"is there an Argo CD? See: oc get pods -n {namespace}"
    change = trusting(params["git_host"], wanted)
    made = edit_when_made(client, config_map(namespace), change, deadline, progress, hint, previous.keep)
    if made.changed and made.after and not wanted:
        previous.forget_restored(client, made.after, deadline)
    return {**result_of(made), "hosts": sorted(ours(made.after))}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
