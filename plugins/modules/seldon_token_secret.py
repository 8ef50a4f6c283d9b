#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_token_secret."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_token_secret
short_description: Give Seldon Deploy a token for OpenShift's monitoring
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Makes a ServiceAccount that may read metrics (Thanos, Prometheus) and alerts (Alertmanager) and nothing else, with a
    token that does not expire, and copies the token into the Secret that Seldon Deploy reads.
  - Notices that the account was made again, which ends its earlier token, and renews token and copy.
  - >-
    Says which workloads still run with an earlier token, as they read it only when they start, and restarts them if
    wanted. That holds for a copy that an earlier run has renewed, too.
options:
  name:
    description:
      - The name of the Secret with the copy.
    type: str
    default: jwt-seldon
  namespace:
    description:
      - Its namespace, which must exist.
    type: str
    default: seldon-system
  key:
    description:
      - Its key.
    type: str
    default: jwt-seldon.txt
  mode:
    description:
      - V(own) makes an account of its own with the two bindings it needs.
      - >-
        V(existing) copies the token that OpenShift 4.11 made for an account that is there, and waits for it. It hands
        over all rights of that account.
    type: str
    choices: [own, existing]
    default: own
  service_account:
    description:
      - >-
        The name of the account. Left out, V(seldon-monitoring), or V(prometheus-user-workload) with O(mode=existing).
    type: str
  service_account_namespace:
    description:
      - >-
        Its namespace. Left out, O(namespace), or V(openshift-user-workload-monitoring) with O(mode=existing).
    type: str
  restart:
    description:
      - >-
        Restart the Deployments and DaemonSets that still run with earlier values, as C(oc rollout restart) does. It
        does not wait for them.
    type: bool
    default: false
  state:
    description:
      - >-
        V(absent) removes the copy and, with O(mode=own), the account, its token and its bindings. What others made
        stays.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds to wait for the token, and for what fails for a moment.
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
- name: Token for monitoring
  seldon.openshift.seldon_token_secret:
    restart: true

- name: The token that the installation guide takes
  seldon.openshift.seldon_token_secret:
    mode: existing
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
    - {api_version: v1, kind: Secret, name: jwt-seldon, namespace: seldon-system, action: updated}
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
from dataclasses import replace
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.ownership import carries_us
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import POLICY_SPEC, Policy, policy_of
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import copies, service_token
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.result import finish, warned
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, ObjectsFailed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET, SERVICE_ACCOUNT
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import (
    Object,
    Objects,
    Reference,
    is_terminating,
)
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import NotYet, Progress, poll_until
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "default": "jwt-seldon"},
    "namespace": {"type": "str", "default": "seldon-system"},
    "key": {"type": "str", "default": "jwt-seldon.txt", "no_log": False},
    "mode": {"type": "str", "choices": ["own", "existing"], "default": "own"},
    "service_account": {"type": "str"},
    "service_account_namespace": {"type": "str"},
    "restart": {"type": "bool", "default": False},
    **POLICY_SPEC,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 300},
}
EXISTING = ("prometheus-user-workload", "openshift-user-workload-monitoring")


def run(client: Client, params: dict[str, Any], check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Make or remove what `params` (as in DOCUMENTATION) names, and return the result."""
    deadline = time.monotonic() + params["timeout"]
    name, namespace = EXISTING if params["mode"] == "existing" else ("seldon-monitoring", params["namespace"])
    account = service_token.service_account(
        params["service_account"] or name, params["service_account_namespace"] or namespace
    )
    own = _own(account) if params["mode"] == "own" else []
    copy = copies.copy_of(params["name"], params["namespace"], {params["key"]: ""})
    if params["state"] == "absent":
        return warned(*copies.remove(client, [*own, copy], deadline, progress))
    policy, made = policy_of(params), dict[Reference, Outcome]()

    def look() -> str:
        if not own:
            return _existing_token(client, account, deadline)
        seen = {Reference.of(each.obj): each for each in _applied(client, own, copy, policy, deadline, progress)}
        made.update({key: outcome for key, outcome in seen.items() if outcome.changed or key not in made})
        live_account, secret = (seen[Reference.of(obj)].after or obj for obj in own[:2])
        return _own_token(client, live_account, secret, deadline)

    try:
        copy["data"][params["key"]] = look() if check_mode else poll_until(look, deadline, progress)
        copied = copies.write(client, [copy], policy, deadline, progress)
    except NotYet as reason:  # check mode only
        copied = copies.foreseen(client, [copy], str(reason), policy, deadline)
    return finish(client, [*made.values(), *copied], copied, params["restart"], deadline)


def _own(account: Object) -> Objects:
    name, namespace = account["metadata"]["name"], account["metadata"]["namespace"]
    return [account, service_token.token_secret(name, namespace), *service_token.bindings(name, namespace)]


def _applied(
    client: Client, own: Objects, copy: Object, policy: Policy, deadline: float, progress: Progress
) -> list[Outcome]:
    """Apply the account and what belongs to it; one that somebody made again is ours, as the copy of its token is."""
    try:
        return copies.apply(client, own, policy, deadline, progress)
    except ObjectsFailed:
        live = client.get(Reference.of(copy), deadline)
        if policy.adopt or live is None or not carries_us(live):
            raise
        return copies.apply(client, own, replace(policy, adopt=True), deadline, progress)


def _own_token(client: Client, account: Object, secret: Object, deadline: float) -> str:
    try:
        return service_token.token_in(secret, account)
    except service_token.OfAnotherAccount:
        _delete(client, secret, deadline)
        raise NotYet(
            f"{Reference.of(secret)} belonged to a deleted ServiceAccount of the same name, and is recreated"
        ) from None


def _delete(client: Client, secret: Object, deadline: float) -> None:
    try:
        client.delete(Reference.of(secret), uid=secret["metadata"]["uid"], deadline=deadline)
    except ApiError as error:
        if error.status != 409:  # the token controller was faster
            raise


def _existing_token(client: Client, account: Object, deadline: float) -> str:
    name, namespace = account["metadata"]["name"], account["metadata"]["namespace"]
    live = client.get(SERVICE_ACCOUNT.named(name, namespace), deadline=deadline)
    if is_terminating(live):
        raise NotYet(f"ServiceAccount {namespace}/{name} is being deleted, and its tokens with it")
    of_type = f"type={service_token.TYPE}"
    secrets = client.list(SECRET, namespace, field_selector=of_type, deadline=deadline) if live else []
    token = service_token.token_among(secrets, live) if live else None
    if token is None:
        missing = "there is no token Secret of" if live else "there is no"
        raise NotYet(
            f"{missing} ServiceAccount {namespace}/{name}: OpenShift makes both with the monitoring of user-defined "
            f"projects (enableUserWorkload); see: oc -n {namespace} get serviceaccounts,secrets"
        )
    return token


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
