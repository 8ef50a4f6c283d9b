#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_credentials."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_credentials
short_description: Keep credentials in a Secret
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Brings a Secret to the values given. A value that is not given stays as the cluster has it; one that the cluster
    lacks is taken from a copy, else from O(defaults), else made up if it is in O(generate).
  - >-
    A password is made up once and then kept. Of any number of runs at once, one makes it up and the others take it
    over.
  - Copies all or some of the values into any number of other Secrets.
  - >-
    Says which workloads still run with earlier values, as they read them only when they start, and restarts them if
    wanted. That holds for values that an earlier run has changed, too.
options:
  name:
    description:
      - The name of the Secret.
    type: str
    required: true
  namespace:
    description:
      - Its namespace.
    type: str
    required: true
  labels:
    description:
      - Labels of the Secret.
    type: dict
    default: {}
  values:
    description:
      - What is no secret, by key. An empty value counts as not given, and one that is no text is refused.
      - A key of an earlier run that neither O(values) nor O(secrets) has any more is removed.
    type: dict
    default: {}
  secrets:
    description:
      - What is secret, by key. An empty value counts as not given, and one that is no text is refused.
    type: dict
    default: {}
  defaults:
    description:
      - What to take where neither the task nor the cluster has a value, by key.
    type: dict
    default: {}
  generate:
    description:
      - Keys whose value is made up where neither the task nor the cluster has one.
    type: list
    elements: str
    default: []
  required:
    description:
      - Keys without which nothing is written. One that is made up is there.
    type: list
    elements: str
    default: []
  sources:
    description:
      - Secrets of other clients that values are taken from, such as an operator's. Those are waited for.
      - Check mode does not wait. What is not there yet then stays as the cluster has it.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The name of the Secret.
        type: str
        required: true
      namespace:
        description:
          - Its namespace.
        type: str
        required: true
      keys:
        description:
          - The key in O(name) and, as its value, the key in O(sources[].name) that it is taken from.
        type: dict
        required: true
  copies:
    description:
      - Further Secrets to keep in line.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - The name of the Secret.
        type: str
        required: true
      namespace:
        description:
          - Its namespace.
        type: str
        required: true
      labels:
        description:
          - Its labels.
        type: dict
        default: {}
      keys:
        description:
          - The key in O(copies[].name) and, as its value, the key in O(name) that it is copied from.
          - Where one of them has no value, the copy gets none of them.
        type: dict
        default: {}
      values:
        description:
          - Values of this Secret alone.
        type: dict
        default: {}
      secrets:
        description:
          - Secret values of this Secret alone, which win over O(copies[].keys). An empty value counts as not given.
        type: dict
        default: {}
      existing:
        description:
          - Only where the Secret exists already, made by another client. It is never deleted.
        type: bool
        default: false
  restart:
    description:
      - >-
        Restart the Deployments, DaemonSets and DeploymentConfigs that still run with earlier values, as C(oc rollout
        restart) does. It does not wait for them.
    type: bool
    default: false
  state:
    description:
      - V(absent) removes the Secrets that this collection made.
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
  - seldon.openshift.conflicts
attributes:
  check_mode:
    description: The API server tries the change without keeping it.
    support: full
  diff_mode:
    description: Shows the objects; of a Secret its keys, never a value.
    support: full
"""

EXAMPLES = r"""
- name: A password that is made up once
  seldon.openshift.seldon_credentials:
    name: metadata-postgres
    namespace: seldon-system
    values:
      user: postgresql
      host: metadata.seldon-system.svc.cluster.local
    secrets:
      password: "{{ postgresql_password }}"
    generate: [password]
    restart: true

- name: Credentials of a Git repository, for Seldon Deploy and for Argo CD
  seldon.openshift.seldon_credentials:
    name: git-creds
    namespace: seldon-system
    values:
      username: seldon
      email: seldon@example.com
    secrets:
      token: "{{ vault_git_token }}"
    copies:
      - name: seldon-gitops-repository
        namespace: seldon-argocd
        labels: {argocd.argoproj.io/secret-type: repository}
        values: {type: git, url: https://git.example.com/acme/models}
        keys: {username: username, password: token}
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
      description: The object's namespace.
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
    - {api_version: v1, kind: Secret, name: metadata-postgres, namespace: seldon-system, action: created}
defaulted:
  description: The keys that have the value of O(defaults).
  returned: when O(state=present)
  type: list
  elements: str
generated:
  description: The keys whose value was (in check mode, would be) made up by this task.
  returned: when O(state=present)
  type: list
  elements: str
missing:
  description: The keys without a value.
  returned: when O(state=present)
  type: list
  elements: str
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
from dataclasses import dataclass
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply import previous
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import prepare
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.ownership import carries_us, owned_fields
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import (
    FORCE,
    POLICY_SPEC,
    Policy,
    policy_of,
)
from ansible_collections.seldon.openshift.plugins.module_utils.credentials import copies, kept, restarts
from ansible_collections.seldon.openshift.plugins.module_utils.credentials.result import finish, warned
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError, ObjectsFailed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import DEPLOYMENT_CONFIG, SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference, section
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import NotYet, Progress, poll_until
from ansible_collections.seldon.openshift.plugins.module_utils.kube.secrets import decoded
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, edit

COPY_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "labels": {"type": "dict", "default": {}},
    "keys": {"type": "dict", "default": {}, "no_log": False},
    "values": {"type": "dict", "default": {}},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "existing": {"type": "bool", "default": False},
}
SOURCE_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "keys": {"type": "dict", "required": True, "no_log": False},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "labels": {"type": "dict", "default": {}},
    "values": {"type": "dict", "default": {}},
    "secrets": {"type": "dict", "default": {}, "no_log": True},
    "defaults": {"type": "dict", "default": {}},
    "generate": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "required": {"type": "list", "elements": "str", "default": []},
    "sources": {"type": "list", "elements": "dict", "default": [], "options": SOURCE_SPEC},
    "copies": {"type": "list", "elements": "dict", "default": [], "options": COPY_SPEC},
    "restart": {"type": "bool", "default": False},
    **POLICY_SPEC,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}
WITH_CONFIGS = (*restarts.KINDS, DEPLOYMENT_CONFIG)


@dataclass(frozen=True)
class _Place:
    """One of the Secrets: as the task gives it, and as it is on the cluster; whether its login is another client's."""

    given: dict[str, Any]
    live: Object | None
    theirs: bool = False

    @property
    def skipped(self) -> bool:
        """Whether another client is to make it, and has not yet."""
        return self.given["existing"] and self.live is None


def run(client: Client, params: dict[str, Any], check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Bring the Secret of `params` (as in DOCUMENTATION) and its copies to their values, and return the result."""
    deadline = time.monotonic() + params["timeout"]
    if params["state"] == "absent":
        own = [kept.secret_of(params["name"], params["namespace"], {}, {})]
        own += [kept.copied(copy, {}) for copy in params["copies"] if not copy["existing"]]
        return warned(*copies.remove(client, own, deadline, progress))
    if wrong := kept.refused(params):
        raise EngineError(f"Secret {params['namespace']}/{params['name']}: {', '.join(wrong)}. Nothing was written.")
    live = _read(client, params, deadline)
    given = {
        **params["values"],
        **params["secrets"],
        **_taken(client, params["sources"], check_mode, deadline, progress),
    }
    places = [_place(client, copy, given, deadline) for copy in params["copies"]]
    held = [decoded(live), *(kept.back(place.given["keys"], place.live) for place in places)]
    choice = kept.choose(given, held, params["defaults"], params["generate"])
    if lacking := [key for key in params["required"] if key in choice.missing]:
        where = f"Secret {params['namespace']}/{params['name']}"
        raise EngineError(f"{where}: {', '.join(lacking)} is not given, and the Secret holds none.")
    policy = policy_of(params)
    if not policy.consents:
        _refuse_foreign(params, choice.values, live, places)
    for place in places:
        if place.theirs and place.live:  # by the copy, later runs know whose login it is
            previous.keep(client, place.live, deadline)
    made = _made_up(client, params, choice, deadline, progress) if choice.generated else Edit(live, live)
    values = {**kept.only(choice.generated, decoded(made.after)), **choice.values}
    there = [each.given for each in places if not each.skipped]
    wanted = [_secret(params, values), *(kept.copied(each, values) for each in there if not each["existing"])]
    shared = [kept.copied(each, values) for each in there if each["existing"]]
    outcomes = copies.write(client, prepare(wanted), policy, deadline, progress)
    # What another client makes for us to fill in needs no consent.
    outcomes += copies.write(client, prepare(shared), Policy(FORCE), deadline, progress)
    if made.changed:
        first = outcomes[0]
        outcomes[0] = Outcome(
            first.obj, "updated" if made.before else "created", first.message, made.before, first.after
        )
    return {
        **finish(client, outcomes, outcomes, params["restart"], deadline, WITH_CONFIGS),
        "defaulted": choice.defaulted,
        "generated": choice.generated if made.changed else [],
        "missing": choice.missing,
    }


def _taken(
    client: Client, sources: list[dict[str, Any]], check_mode: bool, deadline: float, progress: Progress
) -> dict[str, str]:
    """Return what the sources hold, by the keys of our Secret, once that is all; in check mode what is there."""

    def look() -> dict[str, str]:
        pairs = [(source, decoded(_read(client, source, deadline))) for source in sources]
        absent = [kept.lacking(source, held) for source, held in pairs]
        if any(absent) and not check_mode:
            raise NotYet("; ".join(filter(None, absent)))
        return {ours: held.get(theirs, "") for source, held in pairs for ours, theirs in source["keys"].items()}

    return poll_until(look, deadline, progress, "waiting for credentials")


def _place(client: Client, copy: dict[str, Any], given: dict[str, Any], deadline: float) -> _Place:
    """Return a place; what another client put under all keys of it stays, unless values are given for them."""
    live = _read(client, copy, deadline)
    asked = any(given.get(key) for key in copy["keys"].values())
    theirs = live is not None and not (asked or copy["existing"]) and _are_theirs(client, copy["keys"], live, deadline)
    return _Place({**copy, "keys": {}} if theirs else copy, live, theirs)


def _are_theirs(client: Client, keys: dict[str, str], live: Object, deadline: float) -> bool:
    """Say whether another client made the Secret and put values under all of `keys`, also once we have adopted it."""
    ours = (owned_fields(live) or {}).get("f:data") or {}
    if not keys.keys() <= section(live, "data").keys() or any(f"f:{key}" in ours for key in keys):
        return False
    # Somebody may also have written all keys of a Secret that we made.
    return not carries_us(live) or previous.kept(client, live, deadline) is not None


def _secret(params: dict[str, Any], values: dict[str, str]) -> Object:
    return kept.secret_of(params["name"], params["namespace"], values, params["labels"])


def _refuse_foreign(params: dict[str, Any], values: dict[str, str], live: Object | None, places: list[_Place]) -> None:
    pairs = [(_secret(params, values), live)]
    pairs += [(kept.copied(each.given, values), each.live) for each in places if not each.given["existing"]]
    refused = {
        Reference.of(secret): (secret, there, keys)
        for secret, there in pairs
        if (keys := copies.others_values(secret, there))
    }
    if refused:
        told = " ".join(f"{name}: {copies.refusal(keys)}" for name, (_secret, _there, keys) in refused.items())
        results = [copies.refused(*each).report() for each in refused.values()]
        raise ObjectsFailed(f"{told} They are unchanged.", results)


def _made_up(client: Client, params: dict[str, Any], choice: kept.Choice, deadline: float, progress: Progress) -> Edit:
    """Store what is made up, unless somebody was faster, whose values then count."""
    new = {key: kept.strong() for key in choice.generated}
    made = edit(client, _secret(params, {}), lambda secret: kept.completed(secret, new), deadline, progress)
    ours = new.items() <= decoded(made.after).items()
    return made if ours else Edit(made.after, made.after)


def _read(client: Client, place: dict[str, Any], deadline: float) -> Object | None:
    return client.get(SECRET.named(place["name"], place["namespace"]), deadline=deadline)


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
