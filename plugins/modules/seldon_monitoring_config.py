#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_monitoring_config."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_monitoring_config
short_description: Change settings of OpenShift's monitoring
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Merges settings into the YAML that OpenShift's monitoring keeps as text in a ConfigMap, or takes them out. All other
    settings stay.
  - Any number of writers may do so at once and none is lost.
  - >-
    Only the lines of these settings change: whatever else the text holds stays, to the last character. Where one place
    stands for several (an alias or a merge where the change belongs), it says so and changes nothing.
  - >-
    The content of a ConfigMap as it was before the first change is kept in a ConfigMap beside it,
    V(cluster-monitoring-config-before-seldon) or V(user-workload-monitoring-config-before-seldon), until
    O(state=absent) has restored just that.
  - >-
    Text that can't be parsed is never written over: monitoring does not work with it either, and somebody has to say
    what it was meant to be.
  - Creates the ConfigMap when there is none, and deletes one that it created when nothing is left in it.
options:
  name:
    description:
      - >-
        The ConfigMap: V(cluster-monitoring-config) in C(openshift-monitoring) for the platform's monitoring, or
        V(user-workload-monitoring-config) in C(openshift-user-workload-monitoring) for that of user-defined projects.
    type: str
    choices: [cluster-monitoring-config, user-workload-monitoring-config]
    default: cluster-monitoring-config
  settings:
    description:
      - The settings. Mappings are merged key by key at every depth; lists are replaced as a whole.
      - An empty mapping makes sure that the ConfigMap exists and has the key C(config.yaml).
    type: dict
    required: true
  conflicts:
    description:
      - >-
        V(force) changes the ConfigMap even where something manages it (as in OpenShift Dedicated and ROSA) and may undo
        the change. What such a manager has set already needs no change.
      - V(heal) and V(refuse) fail there, before anything is written.
    type: str
    choices: [heal, refuse, force]
    default: heal
  state:
    description:
      - Whether the settings shall be there.
      - V(absent) removes those that have the given value, and nothing that somebody has changed since.
      - When nothing else has changed since, it restores the text that was there before, with the values of then.
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
    description: Shows the text in the ConfigMap.
    support: full
"""

EXAMPLES = r"""
- name: Monitor user-defined projects
  seldon.openshift.seldon_monitoring_config:
    settings:
      enableUserWorkload: true

- name: Keep metrics of user-defined projects for a week
  seldon.openshift.seldon_monitoring_config:
    name: user-workload-monitoring-config
    settings:
      prometheus:
        retention: 7d
"""

RETURN = r"""
results:
  description:
    - What was done with the object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done. Fields are those of the text in it.
  returned: success
  type: list
  elements: dict
settings:
  description: All settings of the ConfigMap now.
  returned: success
  type: dict
  sample: {enableUserWorkload: true, prometheusK8s: {retention: 15d}}
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply import previous
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import FORCE, POLICY_SPEC
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared import monitoring_config as monitoring
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Mutate, edit, fields_inside
from ansible_collections.seldon.openshift.plugins.module_utils.shared.managed import unmanaged

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "choices": [*monitoring.NAMESPACES], "default": "cluster-monitoring-config"},
    "settings": {"type": "dict", "required": True},
    "conflicts": POLICY_SPEC["conflicts"],
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}
ADVICE = (
    "Make it where that manager takes the ConfigMap from (OpenShift Dedicated and ROSA: user workload monitoring, in "
    "OpenShift Cluster Manager); -e seldon_conflicts=force writes all the same."
)


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Merge or remove the settings of `params` (as in DOCUMENTATION), and return the result."""
    skeleton, deadline = monitoring.config_map(params["name"]), time.monotonic() + params["timeout"]
    present, settings = params["state"] == "present", params["settings"]
    mutate: Mutate = (
        monitoring.setting(settings)
        if present
        else monitoring.unsetting(settings, lambda: previous.kept(client, skeleton, deadline))
    )
    if params["conflicts"] != FORCE:
        mutate = unmanaged(mutate, ADVICE)
    made = edit(client, skeleton, mutate, deadline, progress, previous.keep)
    if made.changed and made.after and not present:
        previous.forget_restored(client, made.after, deadline)
    earlier, now = made.before or skeleton, made.after or skeleton
    before, after = monitoring.settings_of(earlier), monitoring.settings_of(now)
    return {
        "changed": made.changed,
        "results": made.results(fields_inside(made, monitoring.KEY, before, after)),
        "settings": after,
        "diff": [monitoring.text_diff(earlier, now)] if made.changed else [],
    }


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
