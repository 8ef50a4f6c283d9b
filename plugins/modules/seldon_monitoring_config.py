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
    The text is left as it is when nothing changes. Otherwise the changed top-level keys are written anew, and comments
    stay except within those. (All of the text is, when it is in flow style or such a key has an anchor or merge.)
  - >-
    Text that can't be parsed is never written over: monitoring does not work with it either, and somebody has to say
    what it was meant to be.
  - Creates the ConfigMap when there is none.
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
  state:
    description:
      - Whether the settings shall be there.
      - V(absent) removes those that have the given value, and nothing that somebody has changed since.
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

from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared import monitoring_config as monitoring
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import edit

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "choices": [*monitoring.NAMESPACES], "default": "cluster-monitoring-config"},
    "settings": {"type": "dict", "required": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Merge or remove the settings of `params` (as in DOCUMENTATION), and return the result."""
    change = monitoring.setting if params["state"] == "present" else monitoring.unsetting
    skeleton = monitoring.config_map(params["name"])
    made = edit(client, skeleton, change(params["settings"]), time.monotonic() + params["timeout"], progress)
    now = made.after or skeleton
    return {
        "changed": made.changed,
        "settings": monitoring.settings_of(now),
        "diff": [monitoring.text_diff(made.before or skeleton, now)] if made.changed else [],
    }


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
