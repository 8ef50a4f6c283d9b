#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_helm_recover."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_helm_recover
short_description: Let Helm go on where an earlier Helm was stopped
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    A Helm that is killed leaves its release pending, and every later one ends with C(another operation is in
    progress). This marks such a release as failed, from which Helm goes on.
  - A Helm that is still at work is waited for.
  - >-
    M(kubernetes.core.helm) takes a failed release with the wanted values for one that is as wanted. So the values of a
    failed attempt are forgotten, and its work is done again.
  - >-
    It takes a release whose objects somebody has deleted for as wanted, too. That is marked as failed as well, so that
    Helm makes again what is missing.
  - Does nothing to a release that is as Helm wanted it, or that is not there.
options:
  name:
    description:
      - The name of the release.
    type: str
    required: true
  namespace:
    description:
      - Its namespace.
    type: str
    required: true
  grace_period:
    description:
      - Seconds after which a Helm that has not come to its end counts as stopped.
    type: int
    default: 60
  timeout:
    description:
      - Seconds for the requests, beside O(grace_period).
    type: int
    default: 60
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: Says what would be done, and waits for nothing.
    support: full
  diff_mode:
    description: The result says what changes.
    support: none
"""

EXAMPLES = r"""
- name: An installation that was stopped does not hold up this one
  seldon.openshift.seldon_helm_recover:
    name: seldon-deploy
    namespace: seldon-system
"""

RETURN = r"""
status:
  description: What the last revision was when it was looked at; none without a release.
  returned: success
  type: str
  sample: pending-upgrade
revision:
  description: The number of that revision; none without a release.
  returned: success
  type: int
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.waves import parallel
from ansible_collections.seldon.openshift.plugins.module_utils.helm import release as helm_release
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference, is_terminating
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import NotYet, Progress, poll_until
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "grace_period": {"type": "int", "default": 60},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Recover the release that `params` (as in DOCUMENTATION) names, and return the result."""
    name, namespace, grace_period = params["name"], params["namespace"], params["grace_period"]
    deadline = time.monotonic() + grace_period + params["timeout"]

    def look() -> dict[str, Any]:
        records = client.list(SECRET, namespace, helm_release.selector(name), deadline=deadline)
        last = helm_release.newest([record for record in records if not is_terminating(record)])
        if last is None:
            return {"changed": False, "status": None, "revision": None}
        status, number = helm_release.status(last), helm_release.revision(last)
        missing = _missing(client, last, deadline) if status == helm_release.DEPLOYED else []
        if not missing and not helm_release.to_recover(last):
            return {"changed": False, "status": status, "revision": number}
        alive = status in helm_release.AT_WORK and time.time() - helm_release.written(last) < grace_period
        if (alive and not check_mode) or not _mark(client, last, deadline):
            raise NotYet(f"{status}, {grace_period} s at most")
        found = f"lacks {', '.join(missing)}" if missing else f"was {status}"
        said = f"revision {number} of the Helm release {namespace}/{name} {found}: its changes are applied again."
        return {"changed": True, "status": status, "revision": number, "warnings": [said]}

    return poll_until(look, deadline, progress, f"waiting for a Helm that is at work on {namespace}/{name}")


def _missing(client: Client, record: Object, deadline: float) -> list[str]:
    """Return the objects of the record's revision that are not on the cluster any more."""

    def is_there(obj: Object) -> bool:
        try:
            return client.get(Reference.of(obj), deadline) is not None
        except KindNotServed:
            return False
        except ApiError as error:
            if error.status == 403:  # Helm needs the right as well, and says so
                return True
            raise

    wanted = helm_release.objects(record)
    found = zip(wanted, parallel(is_there, wanted))
    return [f"{obj['kind']} {obj['metadata']['name']}" for obj, there in found if not there]


def _mark(client: Client, record: Object, deadline: float) -> bool:
    """Make the record one of a failed revision; return whether it was still as it was read."""
    wanted = helm_release.as_failed(record)
    try:
        client.replace(wanted, deadline=deadline)
    except ApiError as error:
        if error.status != 409:
            raise
        # Either that Helm lives and was faster, or the answer was lost and this is the repetition of what arrived.
        live = client.get(Reference.of(record), deadline)
        return live is not None and live["data"] == wanted["data"]
    return True


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
