#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_apply."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_apply
short_description: Apply a set of Kubernetes objects
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Applies any number of objects in one task, on the API server's side (server-side apply, field manager
    C(seldon.openshift)).
  - >-
    Namespaces come first, then CustomResourceDefinitions (until they are established), then service accounts and roles,
    then the rest; within such a wave, several at once.
  - >-
    An object that is as wanted costs one request, or its share of one list. A task is V(changed) when an object of the
    cluster is.
  - >-
    What an earlier run applied to an object and the definition no longer holds is removed from it; fields of others
    stay.
  - What fails does not keep the other objects from being applied, and everything that happened is reported.
options:
  resources:
    description:
      - "The objects: a list of mappings, or YAML text with any number of documents."
    type: raw
  files:
    description:
      - Files with objects in YAML or JSON, looked up like those of M(ansible.builtin.copy). They are never templated.
    type: list
    elements: str
  templates:
    description:
      - Jinja2 templates of such files, looked up and rendered like those of M(ansible.builtin.template).
    type: list
    elements: str
  namespace:
    description:
      - The namespace of those objects that live in one and do not name it.
    type: str
  namespaces:
    description:
      - Several of them instead of O(namespace). Each gets a copy of those objects that live in a namespace and do not
        name it; with an empty list these are left out.
    type: list
    elements: str
  state:
    description:
      - V(present) applies the objects.
      - V(absent) deletes them in reverse order and waits until they are gone. What holds one that does not go is named.
    type: str
    choices: [present, absent]
    default: present
  secret_fields:
    description:
      - >-
        Fields that hold values of Secrets, where the object cannot refer to a Secret, as a C(Route) of OpenShift 4.11
        cannot for its key. The values are read by the module and never shown.
    type: list
    elements: dict
    default: []
    suboptions:
      kind:
        description:
          - The kind of the object.
        type: str
        required: true
      name:
        description:
          - The name of the object.
        type: str
        required: true
      secret:
        description:
          - The name of the Secret, in the object's namespace.
        type: str
        required: true
      fields:
        description:
          - >-
            The keys of the Secret by the fields' paths, for instance V({spec.tls.key: tls.key}). Nothing is written
            when one is missing; check mode then warns, and leaves these fields out.
        type: dict
        required: true
      optional:
        description:
          - More of them, which the Secret need not have.
        type: dict
        default: {}
      foreseen:
        description:
          - What the Secret will hold by its keys, where an earlier task of the play writes it. Read in check mode only,
            in which that task has not written.
        type: dict
        default: {}
  explicit:
    description:
      - >-
        What somebody has given explicitly, in the shape of the objects, for instance V({spec: {replicas: 3}}). With
        O(conflicts=heal), these fields are taken from controllers as well, such as an operator that has written its
        defaults into the object; C(fields) and the diff say from whom.
      - >-
        Where one of them is V(false), V(0) or empty, and is not yet so in the object, the annotation
        C(seldon.openshift/sent-zeros) names it. An operator that omits such a value when it writes the object back is
        not sent it again and again.
    type: dict
    default: {}
  given_by:
    description:
      - >-
        The names of the variables that hold what is in O(explicit), each with the path of its part, for instance
        V({kafka_overrides: .spec}). What is said of a field that the API server does not know names them.
    type: dict
    default: {}
  recreate:
    description:
      - Recreate an object of the set that no controller will work on again, for instance a C(Broker) that
        was stored before its webhook could complete it, or a C(TemplateInstance) that has failed. Other objects, and
        without this option all of them, are never deleted.
    type: bool
    default: false
  owner:
    description:
      - Puts the label C(seldon.openshift/owner) with this value on each object, so that O(prune) finds them again.
    type: str
  prune:
    description:
      - Delete what an earlier run applied with the same O(owner) and the set no longer holds.
      - Namespaces and CustomResourceDefinitions are never deleted this way.
      - Nothing is deleted while an object of the set fails.
    type: bool
    default: false
  timeout:
    description:
      - >-
        Seconds in which the task must be done: to wait for kinds that an operator still brings, for objects to be gone,
        and to repeat what fails for a moment (an overloaded or restarting API server, webhooks that do not answer yet).
        A kind is not waited for any more when what brings it has failed.
    type: int
    default: 300
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
  - seldon.openshift.conflicts
attributes:
  check_mode:
    description: >-
      The API server tries every change without keeping it. What needs a namespace or kind that does not exist yet is
      reported as V(created), unseen by the server.
    support: full
  diff_mode:
    description: Shows the fields that this field manager owns; of Secrets, only the keys.
    support: full
"""

EXAMPLES = r"""
- name: Apply what a role holds
  seldon.openshift.seldon_apply:
    files:
      - namespaces.yaml
    templates:
      - control-plane.yaml.j2

- name: Apply objects of the playbook, and remove those that it held last time
  seldon.openshift.seldon_apply:
    namespace: seldon-system
    owner: demo
    prune: true
    resources:
      - apiVersion: v1
        kind: ConfigMap
        metadata:
          name: settings
        data:
          colour: green

- name: Remove them
  seldon.openshift.seldon_apply:
    state: absent
    files:
      - namespaces.yaml

- name: The same rules in each of several namespaces
  seldon.openshift.seldon_apply:
    namespaces: [team-a, team-b]
    files:
      - prometheus-rules.yaml
"""

RETURN = r"""
results:
  description: One entry for each object, in the order of the work. Never the objects themselves.
  returned: always
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
      sample: created, updated, recreated, unchanged, pruned, deleted, absent or failed
    message:
      description: Why it failed and what to do, why it was created again, or what check mode could not try.
      type: str
      returned: when there is something to say
    foreign:
      description: Whether it was there, and not applied by this collection before.
      type: bool
      returned: when it was
    fields:
      description: What differed from what is wanted. Values of Secrets are hidden.
      type: list
      elements: dict
      returned: when something did
      contains:
        field:
          description: The path of the field.
          type: str
          sample: .spec.replicas
        live:
          description: Its value before, as text; none for a new one.
          type: str
        wanted:
          description: Its wanted value, as text; none for one that goes.
          type: str
        manager:
          description: The field manager that held it, empty when nobody did.
          type: str
          sample: kubectl-patch
        fate:
          description: What became of it.
          type: str
          sample: >-
            added, changed, removed, taken_back, taken (from a controller, as it is explicit), left (to a controller) or
            refused
  sample:
    - {api_version: v1, kind: Namespace, name: seldon-system, namespace: null, action: created}
    - api_version: v1
      kind: ConfigMap
      name: settings
      namespace: seldon-system
      action: updated
      message: "taken back: .data.colour from kubectl-edit"
      fields:
        - {field: .data.colour, live: red, wanted: green, manager: kubectl-edit, fate: taken_back}
summary:
  description: How many objects had each action.
  returned: always
  type: dict
  sample: {created: 3, unchanged: 22}
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from collections import Counter
from dataclasses import replace
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.apply import apply_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import prepare, read, spread
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome, summary
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import POLICY_SPEC, fields_of, policy_of
from ansible_collections.seldon.openshift.plugins.module_utils.apply.remove import OWNER_LABEL, prune, remove_set
from ansible_collections.seldon.openshift.plugins.module_utils.apply.secret_fields import filled
from ansible_collections.seldon.openshift.plugins.module_utils.apply.zeros import zeros_of
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.bringing import Bringers
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.gather import paragraph
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.providers import providers
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind, Object, Reference
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.registry import assess
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed

ARGUMENT_SPEC: dict[str, Any] = {
    "resources": {"type": "raw"},
    "files": {"type": "list", "elements": "str"},
    "templates": {"type": "list", "elements": "str"},
    "namespace": {"type": "str"},
    "namespaces": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **POLICY_SPEC,
    "secret_fields": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "no_log": False,
        "options": {
            "kind": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "secret": {"type": "str", "required": True, "no_log": False},
            "fields": {"type": "dict", "required": True},
            "optional": {"type": "dict", "default": {}},
            "foreseen": {"type": "dict", "default": {}, "no_log": True},
        },
    },
    "explicit": {"type": "dict", "default": {}},
    "given_by": {"type": "dict", "default": {}},
    "recreate": {"type": "bool", "default": False},
    "owner": {"type": "str"},
    "prune": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}
DIAGNOSIS_SECONDS = 15.0
IDENTITY = ("apiVersion", "kind", "metadata")


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Apply or remove the objects of `params` (as in DOCUMENTATION; files and templates are read by then)."""
    if params["prune"] and not (params["owner"] and params["state"] == "present"):
        raise EngineError("prune needs owner, which marks what the set holds, and state: present.")
    if params["namespace"] and params["namespaces"] is not None:
        raise EngineError("give namespace or namespaces, not both.")
    labels = {OWNER_LABEL: params["owner"]} if params["owner"] else None
    given = read(params["resources"], "resources")
    if params["namespaces"] is not None:
        given = spread(given, params["namespaces"])
    if params["state"] == "absent":  # what is to go need not be right
        given = [{key: obj[key] for key in IDENTITY if key in obj} for obj in given]
    objects = prepare(given, params["namespace"], labels)
    deadline = time.monotonic() + params["timeout"]
    if params["state"] == "absent":
        return _result(remove_set(client, objects, deadline, progress))
    objects, unread = filled(client, objects, params["secret_fields"], deadline)
    explicit = params["explicit"]
    policy = replace(
        policy_of(params),
        explicit=tuple(fields_of(explicit)),
        zeros=tuple(zeros_of(explicit)),
        given_by=params["given_by"],
    )
    outcomes = apply_set(
        client,
        objects,
        policy,
        deadline,
        progress,
        _recreate_reason if params["recreate"] else None,
        Bringers(client).of_kind,
    )
    if params["prune"] and not any(outcome.action == "failed" for outcome in outcomes):
        outcomes += prune(client, params["owner"], objects, deadline, progress)
    result = _result(outcomes)
    if unread:
        result["warnings"] = [*result.get("warnings", []), *unread]
    unserved = sorted({Kind.of(outcome.obj).group for outcome in outcomes if outcome.unserved})
    if unserved:
        until = time.monotonic() + DIAGNOSIS_SECONDS
        result["msg"] = paragraph(
            result["msg"], [line for group in unserved for line in providers(client, group, until)]
        )
    return result


def _recreate_reason(live: Object) -> str | None:
    state = assess(live)
    return state.reason if isinstance(state, Failed) and state.recreate else None


def _result(outcomes: list[Outcome]) -> dict[str, Any]:
    result = {**summary(outcomes), "summary": dict(Counter(outcome.action for outcome in outcomes))}
    failures: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.action == "failed":
            failures.setdefault(outcome.message, []).append(str(Reference.of(outcome.obj)))
    if failures:
        count = result["summary"]["failed"]
        told = "\n".join(f"- {', '.join(names)}: {message}" for message, names in failures.items())
        rest = "; the others are done" if count < len(outcomes) else ""
        result.update(failed=True, msg=f"{count} of {len(outcomes)} objects failed{rest}.\n{told}")
    return result


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
