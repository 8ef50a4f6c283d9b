#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_es_credentials."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_es_credentials
short_description: Copy the credentials of an Elasticsearch to where they are read
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Waits until Elastic's operator (ECK) has made the password of an Elasticsearch, refuses an empty one, and copies
    user, password and, where asked for, the certificate to trust into any number of Secrets.
  - Run again after the password was renewed, it renews the copies.
  - >-
    Says which workloads still run with earlier values, as they read them only when they start, and restarts them if
    wanted. That holds for copies that an earlier run has renewed, too. OpenShift Logging's collector is one of them,
    which its operator does not restart for a new password.
options:
  name:
    description:
      - The name of the Elasticsearch.
    type: str
    default: elasticsearch-seldon
  namespace:
    description:
      - Its namespace.
    type: str
    default: seldon-logs
  external:
    description:
      - The credentials of an Elasticsearch that no operator of this cluster runs. Then O(name) is not looked at.
    type: dict
    suboptions:
      username:
        description:
          - The user. Like the others, refused when it is no text, as a number that lacks its quotes is.
        type: raw
        default: elastic
      password:
        description:
          - The password.
        type: raw
        required: true
      ca:
        description:
          - The certificate to trust (PEM). Needed when a target has V(ca).
        type: raw
  targets:
    description:
      - The Secrets to keep the copies in.
    type: list
    elements: dict
    required: true
    suboptions:
      namespace:
        description:
          - The namespace, which must exist.
        type: str
        required: true
      name:
        description:
          - The name of the Secret.
        type: str
        default: elastic-credentials
      keys:
        description:
          - The keys in the Secret.
        type: dict
        default: {}
        suboptions:
          username:
            description:
              - The key of the user.
            type: str
            default: username
          password:
            description:
              - The key of the password.
            type: str
            default: password
          ca:
            description:
              - The key of the certificate.
            type: str
            default: ca-bundle.crt
      ca:
        description:
          - Whether to copy the certificate to trust, too.
        type: bool
        default: false
  restart:
    description:
      - >-
        Restart the Deployments and DaemonSets that still run with earlier values, as C(oc rollout restart) does. It
        does not wait for them.
    type: bool
    default: false
  state:
    description:
      - V(absent) removes the copies. What others made stays.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds to wait for the password, and for what fails for a moment.
    type: int
    default: 300
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
  - seldon.openshift.conflicts
attributes:
  check_mode:
    description: The API server tries the change without keeping it. It waits for nothing.
    support: full
  diff_mode:
    description: Shows the objects; of a Secret its keys, never a value.
    support: full
"""

EXAMPLES = r"""
- name: Elasticsearch's password for Seldon Deploy, the request logger and the log forwarder
  seldon.openshift.seldon_es_credentials:
    targets:
      - namespace: seldon-logs
      - namespace: seldon-system
      - namespace: openshift-logging
        name: seldon-elasticsearch
        ca: true
    restart: true

- name: An Elasticsearch elsewhere
  seldon.openshift.seldon_es_credentials:
    external:
      username: seldon
      password: "{{ vault_elasticsearch_password }}"
    targets:
      - namespace: seldon-logs
      - namespace: seldon-system
"""

RETURN = r"""
results:
  description: One entry for each object, never the object itself.
  returned: success
  type: list
  elements: dict
  contains:
    api_version:
      description: The object's apiVersion.
      type: str
      returned: always
    kind:
      description: The object's kind.
      type: str
      returned: always
    name:
      description: The object's name.
      type: str
      returned: always
    namespace:
      description: The object's namespace; none for an object of the whole cluster.
      type: str
      returned: always
    action:
      description: What was done (in check mode, what would be done).
      type: str
      returned: always
      sample: created, updated, unchanged, deleted or absent
    message:
      description: What check mode could not try.
      type: str
      returned: when there is something to say
  sample:
    - {api_version: v1, kind: Secret, name: elastic-credentials, namespace: seldon-system, action: updated}
restart:
  description: The workloads that run with earlier values and need a restart. Empty with O(restart=true).
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    api_version:
      description: The object's apiVersion.
      type: str
    kind:
      description: The object's kind.
      type: str
    namespace:
      description: The object's namespace.
      type: str
    name:
      description: The object's name.
      type: str
  sample:
    - {api_version: apps/v1, kind: Deployment, namespace: seldon-system, name: seldon-deploy}
restarted:
  description: The workloads that were restarted, or would be in check mode.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    api_version:
      description: The object's apiVersion.
      type: str
    kind:
      description: The object's kind.
      type: str
    namespace:
      description: The object's namespace.
      type: str
    name:
      description: The object's name.
      type: str
  sample:
    - {api_version: apps/v1, kind: Deployment, namespace: seldon-system, name: seldon-deploy}
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import prepare
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import POLICY_SPEC, policy_of
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import copies, elasticsearch
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.elasticsearch import Login
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.result import finish, warned
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import NotYet, Progress, poll_until
from ansible_collections.seldon.openshift.plugins.module_utils.kube.secrets import encoded
from ansible_collections.seldon.openshift.plugins.module_utils.kube.texts import no_texts
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

KEYS_SPEC = {
    "username": {"type": "str", "default": "username"},
    "password": {"type": "str", "default": "password", "no_log": False},
    "ca": {"type": "str", "default": "ca-bundle.crt"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "default": "elasticsearch-seldon"},
    "namespace": {"type": "str", "default": "seldon-logs"},
    "external": {
        "type": "dict",
        "options": {
            # A text would also be what Ansible makes of a boolean or a number.
            "username": {"type": "raw", "default": "elastic"},
            "password": {"type": "raw", "required": True, "no_log": True},
            "ca": {"type": "raw", "no_log": True},
        },
    },
    "targets": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "namespace": {"type": "str", "required": True},
            "name": {"type": "str", "default": "elastic-credentials"},
            "keys": {"type": "dict", "default": {}, "options": KEYS_SPEC, "no_log": False},
            "ca": {"type": "bool", "default": False},
        },
    },
    "restart": {"type": "bool", "default": False},
    **POLICY_SPEC,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 300},
}


def run(client: Client, params: dict[str, Any], check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Make or remove the copies that `params` (as in DOCUMENTATION) names, and return the result."""
    deadline = time.monotonic() + params["timeout"]
    targets = params["targets"]
    if params["state"] == "absent":
        return warned(*copies.remove(client, elasticsearch.copies(Login("", ""), targets), deadline, progress))
    with_authority = any(target["ca"] for target in targets)

    def look() -> Login:
        if params["external"]:
            return _given(params["external"], with_authority)
        return _operators(client, params["name"], params["namespace"], with_authority, deadline)

    try:
        login = look() if check_mode else poll_until(look, deadline, progress)
        wanted = prepare(elasticsearch.copies(login, targets))
        outcomes = copies.write(client, wanted, policy_of(params), deadline, progress)
    except NotYet as reason:  # check mode only
        outcomes = copies.foreseen(
            client, elasticsearch.copies(Login("", ""), targets), str(reason), policy_of(params), deadline
        )
    return finish(client, outcomes, outcomes, params["restart"], deadline)


def _given(external: dict[str, Any], with_authority: bool) -> Login:
    if wrong := no_texts({key: value for key, value in external.items() if value is not None}, "external."):
        raise EngineError(f"{', '.join(wrong)}. Nothing was written.")
    if not (external["password"] or "").strip():
        raise EngineError("external.password is empty.")
    if with_authority and not external["ca"]:
        raise EngineError("external.ca is needed, as a target has ca: true.")
    username = external["username"] or elasticsearch.USER
    return Login(encoded(username), encoded(external["password"]), encoded(external["ca"] or ""))


def _operators(client: Client, name: str, namespace: str, with_authority: bool, deadline: float) -> Login:
    user = client.get(SECRET.named(elasticsearch.user_secret(name), namespace), deadline=deadline)
    password = elasticsearch.password_in(user, name, namespace)
    if not with_authority:
        return Login(encoded(elasticsearch.USER), password)
    certificates = client.get(SECRET.named(elasticsearch.certificate_secret(name), namespace), deadline=deadline)
    return Login(encoded(elasticsearch.USER), password, elasticsearch.authority_in(certificates, name, namespace))


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
