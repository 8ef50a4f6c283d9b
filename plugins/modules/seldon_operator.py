#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Install operators by the Operator Lifecycle Manager."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_operator
short_description: Install, pin, upgrade and remove operators of OperatorHub
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Requests all operators of the task together, and waits until each is installed - its C(ClusterServiceVersion) has
    succeeded, the kinds it owns are served, and the environment in O(operators[].config) is at work.
  - Package, channel and version are checked in the catalogue before anything is written.
  - An C(OperatorGroup) or C(Subscription) that is there is adopted; a second one is never made. What others
    requested, here or for all namespaces elsewhere, is used unchanged - its version, channel and approval are its
    owner's, only O(operators[].config) is added.
  - Approves an install plan only when it brings nothing but what this task, or an earlier one of this collection, asked
    for.
  - Fails at once on what the Operator Lifecycle Manager cannot heal by itself, with its reason and the next command to
    type.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
options:
  operators:
    description: The operators.
    type: list
    elements: dict
    required: true
    suboptions: &operator
      name:
        description: Name of the package, for instance V(servicemeshoperator).
        type: str
        required: true
      namespace:
        description: Namespace to install into; made when it does not exist.
        type: str
        required: true
      channel:
        description: Channel. Left out, the package's default channel; an existing C(Subscription) keeps its own.
        type: str
      source:
        description: Name of the C(CatalogSource). Left out, the one with the highest priority that offers the package.
        type: str
      source_namespace:
        description: Namespace of the C(CatalogSource).
        type: str
        default: openshift-marketplace
      starting_csv:
        description:
          - Version (C(ClusterServiceVersion)) to install first.
          - With O(operators[].approval=Manual) the operator stays at it; with V(Automatic) upgrades to the head of the
            channel follow at once.
        type: str
      approval:
        description:
          - Whether upgrades need approval. Left out, they need none; an existing C(Subscription) keeps its own.
          - One operator with V(Manual) makes the plans of all operators of its namespace wait for approval.
        type: str
        choices: [Automatic, Manual]
      config:
        description:
          - The Subscription's C(spec.config), for instance C(env).
          - Variables of C(env) that others have set are kept.
        type: dict
      target_namespaces:
        description:
          - Namespaces that the operator watches, an empty list for all. Used for an C(OperatorGroup) that has to be
            made, and compared with one that is there.
          - Left out, an existing C(OperatorGroup) is used unchanged, and a new one is for all namespaces.
        type: list
        elements: str
      alternatives:
        description: Packages that bring the same kinds; one of them that is installed already is used instead.
        type: list
        elements: str
        default: []
      upgrade:
        description:
          - Approve upgrades of an operator with manual approval, up to O(operators[].starting_csv) when that is given.
        type: bool
        default: false
  state:
    description:
      - V(absent) removes Subscription, then C(ClusterServiceVersion), then C(OperatorGroup) and namespace if this
        collection made them and nothing needs them any more.
      - An operator that others requested stays, unless O(force=true).
      - Definitions and custom resources stay; delete custom resources first, while their operator runs.
    type: str
    choices: [present, absent]
    default: present
  force:
    description: Whether O(state=absent) removes operators, too, that others requested.
    type: bool
    default: false
  repair:
    description:
      - Whether to repair what the Operator Lifecycle Manager does not get out of by itself, once a run. A version that
        no C(Subscription) refers to, an install plan or a job that has failed, and a C(Subscription) whose version was
        deleted are deleted, so that it installs again. Definitions and custom resources stay.
      - Only what a C(Subscription) of this collection brings again in the same version is deleted. For all else, and
        with V(false), the task fails with the commands to type.
    type: bool
    default: true
  wait:
    description: Whether to wait. With V(false) operators are only requested; a later task sees them through.
    type: bool
    default: true
  bound:
    description:
      - Whether an operator is waited for until the Operator Lifecycle Manager has noted its version in the
        C(Subscription), too. It serves before that, at times a minute.
    type: bool
    default: true
  meanwhile:
    description:
      - Operators that were requested before and are waited for later. While those of O(operators) take time, install
        plans of these are approved, too. What fails of them is left to the task that waits for them.
    type: list
    elements: dict
    suboptions: *operator
    default: []
  earlier:
    description:
      - The RV(operators) that an earlier task of the same run returned. What was C(installed) there is returned as it
        was, without another look at the cluster.
    type: list
    elements: dict
    default: []
  timeout:
    description: Seconds for all operators together.
    type: int
    default: 600
attributes:
  check_mode:
    support: full
    description: Checks the catalogue and reports what would be requested; waits for nothing.
  diff_mode:
    support: none
    description: The actions in the result say what changes.
"""

EXAMPLES = r"""
- name: Operators of the mesh, side by side
  seldon.openshift.seldon_operator:
    operators:
      - {name: jaeger-product, channel: stable, source: redhat-operators, namespace: openshift-operators}
      - {name: kiali-ossm, channel: stable, source: redhat-operators, namespace: openshift-operators}
      - {name: servicemeshoperator, channel: stable, source: redhat-operators, namespace: openshift-operators}

- name: Serverless, held at a version
  seldon.openshift.seldon_operator:
    operators:
      - name: serverless-operator
        namespace: openshift-serverless
        channel: stable
        source: redhat-operators
        approval: Manual
        starting_csv: serverless-operator.v1.26.0

- name: Seldon Core with Istio
  seldon.openshift.seldon_operator:
    operators:
      - name: seldon-operator-certified
        namespace: openshift-operators
        source: certified-operators
        config:
          env: [{name: ISTIO_ENABLED, value: 'true'}]
"""

RETURN = r"""
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
operators:
  description: The operators in the order they were given.
  returned: always
  type: list
  elements: dict
  contains:
    name:
      description: Name of the package.
      type: str
    namespace:
      description: Namespace where it lives.
      type: str
    adopted:
      description: Whether it was installed elsewhere, or as an alternative, and is used unchanged.
      type: bool
    channel:
      description: Channel of the Subscription.
      type: str
    csv:
      description: The installed C(ClusterServiceVersion).
      type: str
      sample: servicemeshoperator.v2.3.0
    version:
      description: Its version.
      type: str
      sample: 2.3.0-0
    state:
      description: V(installed), V(requested), V(progressing), V(failed) or V(absent).
      type: str
    actions:
      description: What was, or in check mode would be, written.
      type: list
      elements: str
meanwhile:
  description: The operators of the option O(meanwhile) for which something was written.
  returned: with O(state=present)
  type: list
  elements: dict
  contains:
    name:
      description: Name of the package.
      type: str
    namespace:
      description: Namespace where it lives.
      type: str
    actions:
      description: What was, or in check mode would be, written.
      type: list
      elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.causes import Causes
from ansible_collections.seldon.openshift.plugins.module_utils.diagnose.operators import explain_operator
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import section
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.olm.adoption import find_installed
from ansible_collections.seldon.openshift.plugins.module_utils.olm.installer import Installer, OperatorStatus
from ansible_collections.seldon.openshift.plugins.module_utils.olm.model import Installed, Operator
from ansible_collections.seldon.openshift.plugins.module_utils.olm.remover import uninstall
from ansible_collections.seldon.openshift.plugins.module_utils.readiness.state import Failed, Ready

OPERATOR_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "channel": {"type": "str"},
    "source": {"type": "str"},
    "source_namespace": {"type": "str", "default": "openshift-marketplace"},
    "starting_csv": {"type": "str"},
    "approval": {"type": "str", "choices": ["Automatic", "Manual"]},
    "config": {"type": "dict"},
    "target_namespaces": {"type": "list", "elements": "str"},
    "upgrade": {"type": "bool", "default": False},
    "alternatives": {"type": "list", "elements": "str", "default": []},
}
ARGUMENT_SPEC: dict[str, Any] = {
    "operators": {"type": "list", "elements": "dict", "required": True, "options": OPERATOR_SPEC},
    "meanwhile": {"type": "list", "elements": "dict", "default": [], "options": OPERATOR_SPEC},
    "earlier": {"type": "list", "elements": "dict", "default": []},
    "bound": {"type": "bool", "default": True},
    "force": {"type": "bool", "default": False},
    "repair": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "wait": {"type": "bool", "default": True},
    "timeout": {"type": "int", "default": 600},
}
DIAGNOSIS_SECONDS = 15.0


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Bring the operators to the wanted state and return the module's result.

    Raises EngineError when the cluster can't be read or refuses a write.
    """
    started = time.monotonic()
    deadline = started + params["timeout"]
    operators = [operator_of(entry, params["repair"]) for entry in params["operators"]]
    twice = sorted({o.title for o in operators if operators.count(o) > 1 or _rivals(o, operators)})
    if twice:
        raise EngineError(f"given more than once: {', '.join(twice)}")
    if params["state"] == "absent":
        results = uninstall(client, operators, params["force"], deadline, progress)
        return _result(results, [{**_place(r.operator), "state": "absent", "actions": r.actions} for r in results])
    installed = [each for each in params["earlier"] if each.get("state") == "installed"]
    told = {(each.get("name"), each.get("namespace")): {**each, "actions": []} for each in installed}
    left = [o for o in operators if (o.name, o.namespace) not in told]
    found = find_installed(client, left, deadline)
    others = [operator_of(entry, repair=False) for entry in params["meanwhile"]]
    installer = Installer(client, found, deadline, progress, Causes(client).add, params["bound"], others)
    results = installer.install(params["wait"])
    looked = [_shown(r) for r in results]
    told |= {(o.name, o.namespace): used for o, used in zip(left, looked)}
    result = _result(results, [told[o.name, o.namespace] for o in operators])
    result["meanwhile"] = [{**_place(r.operator), "actions": r.actions} for r in installer.meanwhile]
    result["changed"] = result["changed"] or bool(result["meanwhile"])
    adopted = [_other_version(o, used) for o, used in zip(left, looked) if used["adopted"]]
    result["warnings"] = [*adopted, *(r.repaired for r in results if r.repaired)]
    unfinished = [r for r in results if not isinstance(r.state, Ready)]
    if unfinished:
        result.update(failed=True, msg=_explain(client, unfinished, time.monotonic() - started))
    return result


def operator_of(entry: dict[str, Any], repair: bool) -> Operator:
    """Return the operator that an entry of the options `operators` and `meanwhile` means."""
    targets = entry.get("target_namespaces")
    return Operator(
        name=entry["name"],
        namespace=entry["namespace"],
        channel=entry.get("channel"),
        source=entry.get("source"),
        source_namespace=entry["source_namespace"],
        starting_csv=entry.get("starting_csv"),
        approval=entry.get("approval"),
        config=entry.get("config") or {},
        target_namespaces=None if targets is None else tuple(targets),
        upgrade=entry["upgrade"],
        alternatives=tuple(entry.get("alternatives") or ()),
        repair=repair,
    )


def _explain(client: Client, unfinished: list[OperatorStatus], seconds: float) -> str:
    """Return why the task failed: what failed for good, else everything that was not done in time."""
    until = time.monotonic() + DIAGNOSIS_SECONDS
    failed = [r for r in unfinished if isinstance(r.state, Failed)]
    parts = [explain_operator(client, r, seconds, until) for r in failed or unfinished]
    others = [f"{r.operator.name} ({r.state.reason})" for r in unfinished if failed and r not in failed]
    return "\n".join([*parts, f"Not done yet: {', '.join(others)}"] if others else parts)


def _rivals(operator: Operator, operators: list[Operator]) -> bool:
    return sum((o.name, o.namespace) == (operator.name, operator.namespace) for o in operators) > 1


def _result(results: list[OperatorStatus], shown: list[dict[str, Any]]) -> dict[str, Any]:
    return {"changed": any(r.actions for r in results), "operators": shown}


def _shown(result: OperatorStatus) -> dict[str, Any]:
    state, live = result.state, result.snapshot.subscription(result.operator.name)
    name = "failed" if isinstance(state, Failed) else "installed" if isinstance(state, Installed) else "progressing"
    if isinstance(state, Ready) and not isinstance(state, Installed):
        name = "requested"
    return {
        **_place(result.operator),
        "adopted": result.operator.adopted,
        "channel": section(live, "spec").get("channel") or result.operator.channel,
        "csv": state.csv if isinstance(state, Installed) else section(live, "status").get("installedCSV"),
        "version": state.version if isinstance(state, Installed) else None,
        "state": name,
        "actions": result.actions,
    }


def _other_version(wanted: Operator, used: dict[str, Any]) -> str:
    """Return what to know of an operator that others installed."""
    where = f"{wanted.title}: {used['name']} in {used['namespace']} is used instead, unchanged"
    if not wanted.starting_csv or used["csv"] in (None, wanted.starting_csv):
        return where
    return f"{where}: {used['csv']}, while {wanted.starting_csv} was asked for"


def _place(operator: Operator) -> dict[str, Any]:
    return {"name": operator.name, "namespace": operator.namespace}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
