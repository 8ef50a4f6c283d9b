#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_gitops_known_hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_gitops_known_hosts
short_description: Let a running Argo CD accept the SSH host keys of a Git repository
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Adds host keys to the ConfigMap C(argocd-ssh-known-hosts-cm), which every Argo CD has mounted, or removes them.
    Lines of others stay, and so does their text.
  - >-
    Kubernetes brings a change of a ConfigMap into the pods that have it mounted, a minute or so later.
  - >-
    The field C(initialSSHKnownHosts) of an ArgoCD is read only when its operator creates the ConfigMap.
  - >-
    A key comes before those that others have of the same host and type, because Argo CD heeds only the first. What the
    list was before stays in a ConfigMap beside it, C(argocd-ssh-known-hosts-cm-before-seldon), until it is that again.
  - >-
    Waits for a ConfigMap that does not exist yet. The operator of Argo CD creates it, with the hosts that everybody
    uses.
options:
  namespace:
    description:
      - The namespace of the Argo CD.
    type: str
    default: seldon-argocd
  known_hosts:
    description:
      - The host keys, as C(ssh-keyscan) prints them. They replace those that this module added earlier.
    type: str
    default: ''
  secret:
    description:
      - Where to read the host keys when O(known_hosts) is empty. Without value there, nothing is changed.
    type: dict
    suboptions:
      name:
        description: The name of the Secret.
        type: str
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
      key:
        description: Its key.
        type: str
        default: known_hosts
  state:
    description:
      - Whether Argo CD shall accept the host keys. V(absent) removes all that this module added.
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
    description: Shows the ConfigMap.
    support: full
"""

EXAMPLES = r"""
- name: Let Argo CD accept the host keys of the repository
  seldon.openshift.seldon_gitops_known_hosts:
    namespace: openshift-gitops
    known_hosts: "{{ lookup('ansible.builtin.file', 'known_hosts') }}"

- name: Remove them again
  seldon.openshift.seldon_gitops_known_hosts:
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
known_hosts:
  description: The host keys that this module has added, a line each.
  returned: success
  type: list
  elements: str
  sample: [git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA]
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
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import section
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.kube.secrets import decoded
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.awaited import edit_when_made
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import result_of
from ansible_collections.seldon.openshift.plugins.module_utils.shared.known_hosts import (
    OURS,
    config_map,
    entries,
    trusting,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "namespace": {"type": "str", "default": "seldon-argocd"},
    "known_hosts": {"type": "str", "default": ""},
    "secret": {
        "type": "dict",
        "no_log": False,
        "options": {
            "name": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "key": {"type": "str", "default": "known_hosts", "no_log": False},
        },
    },
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 120},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Add or remove the host keys of `params` (as in DOCUMENTATION), and return the result."""
    deadline = time.monotonic() + params["timeout"]
    hosts = "" if params["state"] == "absent" else _wanted(client, params, deadline)
    if hosts is None:
        return {"changed": False, "known_hosts": []}
    namespace = params["namespace"]
    hint = f"is there an Argo CD? See: oc get pods -n {namespace}"
    made = edit_when_made(client, config_map(namespace), trusting(hosts), deadline, progress, hint, previous.keep)
    if made.changed and made.after and params["state"] == "absent":
        previous.forget_restored(client, made.after, deadline)
    ours = section(made.after, "metadata", "annotations").get(OURS, "")
    return {**result_of(made), "known_hosts": entries(ours)}


def _wanted(client: Client, params: dict[str, Any], deadline: float) -> str | None:
    """Return the host keys that were given, else those of the Secret; None: nobody says."""
    given: str = params["known_hosts"]
    secret = params["secret"]
    if entries(given) or not secret:
        return given
    kept = decoded(client.get(SECRET.named(secret["name"], secret["namespace"]), deadline)).get(secret["key"], "")
    return kept if entries(kept) else None


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
