#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_alertmanager_receiver."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_alertmanager_receiver
short_description: Send alerts of OpenShift's Alertmanager to a webhook
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Adds a receiver with a webhook, and a route to it, to the configuration that Alertmanager has in a Secret, or
    removes both. All other receivers, routes and rules stay.
  - >-
    The route comes before every route that would keep alerts from it, and lets alerts go on to the other routes, so
    that each of them gets what it got before. Only the receiver of last resort, which gets the alerts that no route
    takes, no longer gets those that this one takes. What is there by the same name is brought up to date.
  - >-
    Only the lines of this receiver and its route change: whatever else the text holds stays, to the last character.
    Where one place stands for several (an alias or a merge where the change belongs), it says so and changes nothing.
  - >-
    O(state=absent) gives back the text as it was before. The whole content of the Secret as it was before the first
    change is kept in a Secret beside it, V(alertmanager-main-before-seldon), until O(state=absent) has restored just
    that.
  - >-
    What is given is checked as Alertmanager 0.24 reads it: the address, O(oauth2), matchers with their regular
    expressions, times, labels. So is what an edit meets in the configuration, before and after: it is one YAML mapping;
    receivers, routes and time intervals have their form and names, and what routes refer to is defined. Where one of
    these is wrong, nothing is written, as it would stop the next start of Alertmanager. All else in it (integrations of
    other receivers, their templates, inhibit rules, matchers of other routes) is neither checked nor changed.
  - Any number of writers may do so at once and none is lost.
options:
  name:
    description:
      - The name of the receiver.
    type: str
    default: deploy-webhook
  url:
    description:
      - The address of the webhook. Needed unless O(state=absent).
    type: str
  oauth2:
    description:
      - How Alertmanager gets a token for the webhook (OAuth 2.0, client credentials), if it needs one.
    type: dict
    suboptions:
      client_id:
        description:
          - The client.
        type: str
        required: true
      client_secret:
        description:
          - Its secret.
        type: str
        required: true
      token_url:
        description:
          - Where tokens come from.
        type: str
        required: true
      scopes:
        description:
          - The scopes to ask for.
        type: list
        elements: str
        default: [openid]
  matchers:
    description:
      - Which alerts to send, as Alertmanager's matchers, all of which an alert has to meet.
    type: list
    elements: str
    default: ['severity =~ "warning|critical"', 'type =~ "user|infra"']
  group_by:
    description:
      - The labels by which alerts are sent together.
    type: list
    elements: str
    default: [alertname]
  group_wait:
    description:
      - How long to wait for further alerts of a new group.
    type: str
    default: 10s
  group_interval:
    description:
      - How long to wait before sending alerts that were added to a group.
    type: str
    default: 5m
  repeat_interval:
    description:
      - How long to wait before sending the same alerts again.
    type: str
    default: 3h
  secret:
    description:
      - >-
        The Secret. It is C(alertmanager-user-workload) in C(openshift-user-workload-monitoring) where alerts of
        user-defined projects have an Alertmanager of their own.
    type: str
    default: alertmanager-main
  namespace:
    description:
      - The namespace of the Secret.
    type: str
    default: openshift-monitoring
  conflicts:
    description:
      - >-
        V(force) changes the Secret even where something manages it (as in OpenShift Dedicated and ROSA) and may undo
        the change.
      - V(heal) and V(refuse) fail there, before anything is written.
    type: str
    choices: [heal, refuse, force]
    default: heal
  adopt:
    description:
      - Change a receiver of this name, and the route to it, that somebody else made. Without it, such a one fails with
        what would change; one that is as wanted is used as it is.
    type: bool
    default: false
  state:
    description:
      - Whether the receiver and its route shall be there. V(absent) removes every route to the receiver.
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
    description: >-
      Shows the configuration, without any address or credential in it (those of others neither): where one differs, it
      says so.
    support: full
"""

EXAMPLES = r"""
- name: Send alerts to Seldon Deploy
  seldon.openshift.seldon_alertmanager_receiver:
    url: http://seldon-deploy.seldon-system:80/seldon-deploy/api/v1alpha1/webhooks/firing-alert

- name: The same, where Seldon Deploy asks for a token
  seldon.openshift.seldon_alertmanager_receiver:
    url: http://seldon-deploy.seldon-system:80/seldon-deploy/api/v1alpha1/webhooks/firing-alert
    oauth2:
      client_id: sd-api
      client_secret: "{{ vault_seldon_client_secret }}"
      token_url: https://keycloak.example.com/auth/realms/deploy-realm/protocol/openid-connect/token

- name: Send none
  seldon.openshift.seldon_alertmanager_receiver:
    state: absent
"""

RETURN = r"""
results:
  description:
    - What was done with the object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done. Fields are those of the text in it.
  returned: success
  type: list
  elements: dict
receivers:
  description: The names of all receivers of Alertmanager now.
  returned: success
  type: list
  elements: str
  sample: [Default, Watchdog, Critical, "null", deploy-webhook]
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from dataclasses import replace
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply import previous
from ansible_collections.seldon.openshift.plugins.module_utils.apply.changes import REFUSED
from ansible_collections.seldon.openshift.plugins.module_utils.apply.diff import entry
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome
from ansible_collections.seldon.openshift.plugins.module_utils.apply.policy import ADOPT, POLICY_SPEC, policy_of
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError, ObjectsFailed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Reference
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared import alertmanager
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alertmanager_secret import (
    KEY,
    NeedsConsent,
    configuration,
    editing,
    secret,
    with_consent,
)
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, edit, fields_inside

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "default": "deploy-webhook"},
    "url": {"type": "str"},
    "oauth2": {
        "type": "dict",
        "options": {
            "client_id": {"type": "str", "required": True},
            "client_secret": {"type": "str", "required": True, "no_log": True},
            "token_url": {"type": "str", "required": True, "no_log": False},
            "scopes": {"type": "list", "elements": "str", "default": ["openid"]},
        },
    },
    "matchers": {
        "type": "list",
        "elements": "str",
        "default": ['severity =~ "warning|critical"', 'type =~ "user|infra"'],
    },
    "group_by": {"type": "list", "elements": "str", "default": ["alertname"]},
    "group_wait": {"type": "str", "default": "10s"},
    "group_interval": {"type": "str", "default": "5m"},
    "repeat_interval": {"type": "str", "default": "3h"},
    "secret": {"type": "str", "default": "alertmanager-main", "no_log": False},
    "namespace": {"type": "str", "default": "openshift-monitoring"},
    **POLICY_SPEC,
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 60},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Add or remove the receiver of `params` (as in DOCUMENTATION), and return the result."""
    name, present = params["name"], params["state"] == "present"
    policy = policy_of(params)
    skeleton, deadline = secret(params["secret"], params["namespace"]), time.monotonic() + params["timeout"]
    if present:
        receiver, route = _receiver(params), _route(params)
        try:
            alertmanager.check_ours(params["url"], route, params["oauth2"])
        except ValueError as error:
            raise EngineError(f"{error}.") from error
        mutate = editing(lambda there: alertmanager.with_receiver(there, receiver, route), True, policy.forces)
        if not policy.consents:
            mutate = with_consent(mutate, name, lambda: previous.kept(client, skeleton, deadline) is not None)
    else:
        mutate = editing(lambda there: alertmanager.without_receiver(there, name), False, policy.forces)
    try:
        made = edit(client, skeleton, mutate, deadline, progress, previous.keep)
    except NeedsConsent as error:
        raise _refusal(error, name) from error
    if made.changed and made.after and not present:
        previous.forget_restored(client, made.after, deadline)
    after, shown = configuration(made.after), _shown(made)
    return {
        "changed": made.changed,
        "results": made.results(fields_inside(made, KEY, *shown)),
        "receivers": alertmanager.receiver_names(after) if after else [],
        "diff": [entry(Reference.of(skeleton), *shown)] if made.changed else [],
    }


def _shown(made: Edit) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the configuration before and after, without secrets."""
    before, after = configuration(made.before), configuration(made.after)
    return alertmanager.shown(before, after), alertmanager.shown(after, before)


def _refusal(error: NeedsConsent, name: str) -> ObjectsFailed:
    made = Edit(error.before, error.after)
    fields = [replace(change, fate=REFUSED) for change in fields_inside(made, KEY, *_shown(made))]
    said = f"receiver {name} was not made by this collection, and would change. {ADOPT}"
    failed = Outcome(error.before, "failed", said, before=error.before, fields=fields)
    return ObjectsFailed(f"{Reference.of(error.before)}: {said}", [failed.report()])


def _receiver(params: dict[str, Any]) -> dict[str, Any]:
    webhook = {"url": params["url"]}
    if params["oauth2"]:
        webhook["http_config"] = {"oauth2": params["oauth2"]}
    return {"name": params["name"], "webhook_configs": [webhook]}


def _route(params: dict[str, Any]) -> dict[str, Any]:
    timing = {field: params[field] for field in ("group_by", *alertmanager.TIMES)}
    return {"receiver": params["name"], "matchers": params["matchers"], "continue": True, **timing}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
