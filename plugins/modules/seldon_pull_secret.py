#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_pull_secret."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_pull_secret
short_description: Let every pod of the cluster log in to registries of images
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Adds logins for registries to the pull secret of the cluster, which serves the pods of every namespace, or removes
    them. Entries of others stay as they are.
  - >-
    An annotation remembers which entries this module has added, by a fingerprint of each and without the login. Such
    an entry is replaced when another login is given for its host, and removed when the host is no longer given.
  - >-
    A host whose entry somebody else has written is left alone when its login is the given one, also by
    O(state=absent). With another login, the module fails and changes nothing.
  - >-
    The machine config operator brings the Secret to one node after the other, without restarting any.
  - >-
    No copy is kept of what the Secret was, because logins that are taken out of it would stay in the copy.
options:
  pull_secret:
    description:
      - >-
        The logins, as a mapping or as the text of a file that C(podman login --authfile) writes (dockerconfigjson). An
        entry of C(auths) has the host of a registry, with its port, as its name, and in C(auth) the base64 of
        C(user:password).
      - Needed unless O(state=absent), which does not read it.
    type: raw
  name:
    description:
      - The name of the Secret.
    type: str
    default: pull-secret
  namespace:
    description:
      - Its namespace.
    type: str
    default: openshift-config
  state:
    description:
      - Whether the cluster shall have the logins. V(absent) removes all that this module added.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds in which to win against other writers and what fails for a moment.
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
    description: Shows the hosts, without any login; where one differs, it says so.
    support: full
"""

EXAMPLES = r"""
- name: Let every pod pull from the mirror
  seldon.openshift.seldon_pull_secret:
    pull_secret: "{{ lookup('ansible.builtin.file', 'pull-secret.json') }}"

- name: Remove the logins again
  seldon.openshift.seldon_pull_secret:
    state: absent
"""

RETURN = r"""
results:
  description:
    - What was done with the object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done. Fields are the hosts in it.
  returned: success
  type: list
  elements: dict
hosts:
  description: The hosts whose entries this module has added.
  returned: success
  type: list
  elements: str
  sample: [registry.example.com:5000]
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from dataclasses import replace
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.changes import Change
from ansible_collections.seldon.openshift.plugins.module_utils.apply.diff import entry
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, edit, fields_inside
from ansible_collections.seldon.openshift.plugins.module_utils.shared.pull_secret import (
    KEY,
    NAME,
    NAMESPACE,
    admitting,
    our_hosts,
    pull_secret,
    shown,
)
from ansible_collections.seldon.openshift.plugins.module_utils.shared.registry_logins import Logins, NoLogins, logins

ARGUMENT_SPEC: dict[str, Any] = {
    "pull_secret": {"type": "raw", "no_log": True},
    "name": {"type": "str", "default": NAME},
    "namespace": {"type": "str", "default": NAMESPACE},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Add or remove the logins of `params` (as in DOCUMENTATION), and return the result."""
    wanted = {} if params["state"] == "absent" else _given(params["pull_secret"])
    skeleton, deadline = pull_secret(params["name"], params["namespace"]), time.monotonic() + params["timeout"]
    made = edit(client, skeleton, admitting(wanted), deadline, progress)
    if not made.changed:
        return {"changed": False, "results": made.results(), "hosts": our_hosts(made.after), "diff": []}
    before, after = shown(made.before), shown(made.after, made.before)
    return {
        "changed": True,
        "results": made.results(_fields(made, before, after)),
        "hosts": our_hosts(made.after),
        "diff": [entry(Reference.of(skeleton), before, after)],
    }


def _given(value: Any) -> Logins:
    try:
        found = logins(value)
    except NoLogins as error:
        raise EngineError(f"pull_secret {error}.") from None
    if not found:
        raise EngineError("pull_secret is empty. Give it, or state: absent.")
    return found


def _fields(made: Edit, before: Object, after: Object) -> list[Change]:
    """Return the entries that differ, as fields of the text; its key begins with a dot already."""
    return [replace(each, field=each.field.replace("..", ".", 1)) for each in fields_inside(made, KEY, before, after)]


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
