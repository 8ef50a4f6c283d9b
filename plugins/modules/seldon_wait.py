#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Wait until objects serve."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_wait
short_description: Wait until Kubernetes objects serve
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Waits for any number of objects at once and knows what I(ready) means for each kind of OpenShift, Service Mesh,
    Serverless, Elastic Cloud on Kubernetes, Logging, GitOps, AMQ Streams and Seldon that the installation of Seldon
    Deploy meets. Other kinds are followed by their condition C(Ready), else C(Available).
  - Fails at once on a state that cannot heal, and says why an object is not ready - conditions, events, pods.
  - While a kind is not served, it looks at what brings it - the operator, or for instance the ServiceMeshControlPlane
    for the kinds of Istio - tells its words, and fails when that has failed.
  - Costs next to no requests (one watch for all objects of a kind in a namespace) and survives restarts of the API
    server.
  - Never changes anything.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
options:
  resources:
    description: The objects to wait for. They, and their kinds, need not exist yet.
    type: list
    elements: dict
    required: true
    suboptions:
      api_version:
        description: Group and version, for instance V(maistra.io/v2).
        type: str
        required: true
      kind:
        description: Kind.
        type: str
        required: true
      name:
        description: Name.
        type: str
        required: true
      namespace:
        description: Namespace; left out for cluster-wide kinds.
        type: str
      condition:
        description: Wait for this condition instead of what the kind's own rule says.
        type: dict
        suboptions:
          type:
            description: Type of the condition.
            type: str
            required: true
          status:
            description: The status it must have.
            type: str
            default: 'True'
          reason:
            description: The reason it must have. Any when left out.
            type: str
      members:
        description:
          - Namespaces that must be configured, for a C(ServiceMeshMemberRoll).
          - Left out, all members of the roll.
        type: list
        elements: str
      compared:
        description:
          - For an C(Application), be content when Argo CD can read its repository. That its folder is missing is no
            fault. Left out, it has to be synced and healthy.
        type: bool
      outputs:
        description:
          - Outputs that must be ready, for a C(ClusterLogForwarder). Left out, all of them.
          - Its status counts only when it was written after the last change, and the collectors must run with that.
        type: list
        elements: str
      pipelines:
        description: Pipelines that must be ready, for a C(ClusterLogForwarder). Left out, all of them.
        type: list
        elements: str
      stabilization:
        description:
          - The stabilization window, the seconds that the object must stay ready.
          - Kinds whose status flips (C(ArgoCD), C(Elasticsearch), C(SeldonDeployment)) have a default of their own.
        type: int
      timeout:
        description: Seconds to wait for this object, where that is less than O(timeout).
        type: int
      group:
        description: A word of the caller's, for instance a chapter's name, that the result has, too.
        type: str
  timeout:
    description: Seconds to wait for all objects together.
    type: int
    default: 600
attributes:
  check_mode:
    support: full
    description: Looks once and reports the present state; waits for nothing and does not fail on what is not ready.
  diff_mode:
    support: none
    description: Nothing is changed, so there is no difference to show.
"""

EXAMPLES = r"""
- name: The mesh carries traffic
  seldon.openshift.seldon_wait:
    resources:
      - {api_version: maistra.io/v2, kind: ServiceMeshControlPlane, name: basic, namespace: istio-system}
      - api_version: maistra.io/v1
        kind: ServiceMeshMemberRoll
        name: default
        namespace: istio-system
        members: [seldon, seldon-logs]
    timeout: 900

- name: A condition of one's own
  seldon.openshift.seldon_wait:
    resources:
      - api_version: config.openshift.io/v1
        kind: ClusterOperator
        name: monitoring
        condition: {type: Degraded, status: 'False'}
"""

RETURN = r"""
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
resources:
  description: The objects in the order they were given.
  returned: always
  type: list
  elements: dict
  contains:
    api_version:
      description: As given.
      type: str
    kind:
      description: As given.
      type: str
    name:
      description: As given.
      type: str
    namespace:
      description: As given.
      type: str
    group:
      description: As given.
      type: str
    state:
      description: V(ready), V(progressing) or V(failed).
      type: str
    reason:
      description: What the object says of itself.
      type: str
      sample: 9/9 components
"""

import time
from dataclasses import replace
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.bringing import Explanations
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.evidence import look_further
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.gather import diagnose, paragraph
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.providers import providers
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Kind
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Progressing, Ready
from ansible_collections.seldon.openshift.plugins.module_utils.waiting.progress import duration
from ansible_collections.seldon.openshift.plugins.module_utils.waiting.resources import Awaited, Target, wait_for

CONDITION_SPEC = {
    "type": {"type": "str", "required": True},
    "status": {"type": "str", "default": "True"},
    "reason": {"type": "str"},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "resources": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "api_version": {"type": "str", "required": True},
            "kind": {"type": "str", "required": True},
            "name": {"type": "str", "required": True},
            "namespace": {"type": "str"},
            "condition": {"type": "dict", "options": CONDITION_SPEC},
            "compared": {"type": "bool"},
            "members": {"type": "list", "elements": "str"},
            "outputs": {"type": "list", "elements": "str"},
            "pipelines": {"type": "list", "elements": "str"},
            "stabilization": {"type": "int"},
            "timeout": {"type": "int"},
            "group": {"type": "str"},
        },
    },
    "timeout": {"type": "int", "default": 600},
}
RULE_OPTIONS = ("compared", "members", "outputs", "pipelines")
# An explanation of more objects than these would bury the first cause.
EXPLAINED = 3
DIAGNOSIS_SECONDS = 15.0


def run(client: Client, params: dict[str, Any], check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Wait as `params` says and return the module's result. Raises EngineError when the cluster can't be read."""
    started = time.monotonic()
    targets = [_target(entry) for entry in params["resources"]]
    if check_mode:
        targets = [replace(target, stabilization=0) for target in targets]
    deadline = started + (0 if check_mode else params["timeout"])
    outcomes = wait_for(client, targets, deadline, progress, Explanations(client).add)
    # Two groups may wait for the same object.
    by_target = {outcome.target: outcome for outcome in outcomes}
    shown = [_shown(by_target[target], params["resources"][place].get("group")) for place, target in enumerate(targets)]
    result: dict[str, Any] = {"changed": False, "resources": shown}
    unready = [outcome for outcome in outcomes if not isinstance(outcome.state, Ready)]
    if unready and not check_mode:
        result.update(failed=True, msg=_explain(client, unready, time.monotonic() - started))
    return result


def _target(entry: dict[str, Any]) -> Target:
    return Target(
        Kind(entry["api_version"], entry["kind"]).named(entry["name"], entry.get("namespace")),
        condition=entry.get("condition"),
        options={option: entry[option] for option in RULE_OPTIONS if entry.get(option)},
        stabilization=entry.get("stabilization"),
        timeout=entry.get("timeout"),
    )


def _shown(outcome: Awaited, group: str | None) -> dict[str, Any]:
    state = type(outcome.state).__name__.lower()
    seen = {**outcome.target.reference.as_options(), "state": state, "reason": outcome.state.reason}
    return {**seen, "group": group} if group else seen


def _explain(client: Client, unready: list[Awaited], seconds: float) -> str:
    """Return why the wait failed: what failed for good, else everything that was not ready in time."""
    until = time.monotonic() + DIAGNOSIS_SECONDS
    failed = [outcome for outcome in unready if isinstance(outcome.state, Failed)]
    ended = failed or [outcome for outcome in unready if outcome.overdue]
    others = [f"{o.target.reference} ({o.state.reason})" for o in unready if o not in ended]
    parts: list[str] = []
    for number, outcome in enumerate(ended):
        reference = outcome.target.reference
        verdict = "has failed" if isinstance(outcome.state, Failed) else f"is not ready after {duration(seconds)}"
        lines = []
        if number < EXPLAINED:
            lines = diagnose(client, outcome.obj, until) if outcome.obj else _never_seen(client, outcome, until)
        # One cause may hold up several objects: it is told once.
        lines = [line for line in lines if not any(line in part for part in parts)]
        parts.append(paragraph(f"{reference} {verdict}: {outcome.state.reason}", lines))
    return "\n".join([*parts, f"Not ready yet: {', '.join(others)}"] if others else parts)


def _never_seen(client: Client, outcome: Awaited, until: float) -> list[str]:
    """Return what may explain an object that was never there, as far as the wait has not told it."""
    reference, state = outcome.target.reference, outcome.state
    unexplained = isinstance(state, Progressing) and state.unserved
    return [*(providers(client, reference.kind.group, until) if unexplained else []), look_further(reference)]


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
