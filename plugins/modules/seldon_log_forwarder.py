#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_log_forwarder."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_log_forwarder
short_description: Add inputs, outputs and pipelines to OpenShift's log forwarder
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Puts inputs, outputs and pipelines into the ClusterLogForwarder C(instance), of which a cluster has one, or removes
    them. Those with other names stay as they are.
  - Any number of writers may do so at once and none is lost.
  - >-
    Creates the forwarder when there is none. From then on, logs go only where its pipelines send them. So where the
    cluster has a log store of its own, the new forwarder also gets the pipeline C(cluster-log-store), by which the
    store goes on getting what it got.
  - >-
    Nothing is forwarded without collectors. With O(collector), they are asked for in the ClusterLogging C(instance), of
    which a cluster has one, too, unless others have done so.
  - It does not wait until the logs flow (M(seldon.openshift.seldon_wait) does).
options:
  namespace:
    description:
      - The namespace of Cluster Logging.
    type: str
    default: openshift-logging
  inputs:
    description:
      - Inputs, as in C(spec.inputs), each with a C(name).
      - With O(state=absent), the name is enough.
    type: list
    elements: dict
    default: []
  outputs:
    description:
      - Outputs, as in C(spec.outputs), each with a C(name).
      - With O(state=absent), the name is enough.
    type: list
    elements: dict
    default: []
  pipelines:
    description:
      - Pipelines, as in C(spec.pipelines), each with a C(name). What they refer to must be there or given here.
      - With O(state=absent), the name is enough.
    type: list
    elements: dict
    default: []
  collector:
    description:
      - >-
        The type of the collectors (C(fluentd) or C(vector)) for a ClusterLogging that has none, which is created when
        it is missing. All else in it stays unchanged, and so do collectors of another type.
      - With O(state=absent), a ClusterLogging that was created this way goes when nothing is left in the forwarder.
      - Left out, the ClusterLogging is not looked at.
    type: str
  state:
    description:
      - Whether the forwarder shall have them.
      - >-
        V(absent) also takes what it removes out of the pipelines of others, with a warning, removes pipelines that have
        nothing left to read or to write to, and deletes a forwarder that holds nothing else.
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
    description: Shows the forwarder.
    support: full
"""

EXAMPLES = r"""
- name: Send the logs of Seldon's pods to Elasticsearch
  seldon.openshift.seldon_log_forwarder:
    inputs:
      - name: seldon-pods
        application:
          selector:
            matchLabels:
              app.kubernetes.io/managed-by: seldon-core
    outputs:
      - name: seldon-elasticsearch
        type: elasticsearch
        url: https://elasticsearch-seldon-es-http.seldon-logs:9200
        secret:
          name: seldon-elasticsearch
    pipelines:
      - name: seldon-container-logs
        inputRefs: [seldon-pods]
        outputRefs: [seldon-elasticsearch]
    collector: fluentd

- name: Remove them
  seldon.openshift.seldon_log_forwarder:
    inputs: [{name: seldon-pods}]
    outputs: [{name: seldon-elasticsearch}]
    pipelines: [{name: seldon-container-logs}]
    collector: fluentd
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
inputs:
  description: The names of all inputs of the forwarder now.
  returned: success
  type: list
  elements: str
  sample: [seldon-pods]
outputs:
  description: The names of all outputs of the forwarder now.
  returned: success
  type: list
  elements: str
  sample: [seldon-elasticsearch]
pipelines:
  description: The names of all pipelines of the forwarder now.
  returned: success
  type: list
  elements: str
  sample: [audit-to-archive, seldon-container-logs]
collector:
  description: The type of the collectors now, empty when there are none.
  returned: when O(collector) is given
  type: str
  sample: fluentd
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError, KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Reference, is_terminating
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared import cluster_logging as collecting
from ansible_collections.seldon.openshift.plugins.module_utils.shared import log_forwarder as logs
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, edit, result_of

ARGUMENT_SPEC: dict[str, Any] = {
    "namespace": {"type": "str", "default": "openshift-logging"},
    "inputs": {"type": "list", "elements": "dict", "default": []},
    "outputs": {"type": "list", "elements": "dict", "default": []},
    "pipelines": {"type": "list", "elements": "dict", "default": []},
    "collector": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Add or remove the parts of `params` (as in DOCUMENTATION), and return the result."""
    parts = {part: params[part] for part in logs.LISTS}
    if not any(parts.values()):
        raise EngineError(f"nothing to do: give one of {', '.join(logs.LISTS)}.")
    logs.check(parts)
    present, deadline = params["state"] == "present", time.monotonic() + params["timeout"]
    store = present and collecting.has_log_store(_logging(client, params["namespace"], deadline))
    mutate = logs.with_parts(parts, store) if present else logs.without_parts(parts)
    made = edit(client, logs.forwarder(params["namespace"]), mutate, deadline, progress)
    result: dict[str, Any] = {part: logs.names(made.after, part) for part in logs.LISTS}
    if not present and (touched := logs.touched(made.before, made.after, parts)):
        result["warnings"] = [f"pipelines of others that referred to what was removed: {', '.join(touched)}."]
    edits = [made]
    if params["collector"]:
        collected = _collect(client, params, made.after is not None, deadline, progress)
        result["collector"] = collecting.collector(collected.after)
        edits.append(collected)
    return {**result_of(*edits), **result}


def _logging(client: Client, namespace: str, deadline: float) -> dict[str, Any] | None:
    """Return the ClusterLogging that stays; None where there is none, or one that is being deleted."""
    try:
        live = client.get(Reference.of(collecting.cluster_logging(namespace)), deadline)
    except KindNotServed:  # in check mode it may still come
        return None
    return None if is_terminating(live) else live


def _collect(client: Client, params: dict[str, Any], needed: bool, deadline: float, progress: Progress) -> Edit:
    """Ask for collectors, or for none of ours any more; those that a forwarder still needs stay."""

    def mutate(obj: dict[str, Any]) -> dict[str, Any] | None:
        if params["state"] == "present":
            return collecting.with_collector(params["collector"])(obj)
        return obj if needed else collecting.without_collector(obj)

    return edit(client, collecting.cluster_logging(params["namespace"]), mutate, deadline, progress)


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
