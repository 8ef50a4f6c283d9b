#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The module seldon_template_instance."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_template_instance
short_description: Instantiate a Template of OpenShift once
version_added: 1.0.0
author:
  - Contributors to the seldon.openshift collection (@seldonio)
description:
  - >-
    Makes a TemplateInstance of a Template that the cluster has, with parameters from a Secret. One that exists keeps
    its content, as OpenShift acts upon a TemplateInstance only once.
  - >-
    So OpenShift does not mend one that has failed, nor objects of it that were deleted. O(repair) does.
  - >-
    OpenShift then creates the template's objects. M(seldon.openshift.seldon_wait) waits for a C(TemplateInstance), and
    says why one has failed.
options:
  name:
    description:
      - The name of the TemplateInstance.
    type: str
    required: true
  namespace:
    description:
      - The namespace of it, of the Secret, and of the objects.
    type: str
    required: true
  template:
    description:
      - The name of the Template.
    type: str
    required: true
  template_namespace:
    description:
      - The namespace of the Template.
    type: str
    default: openshift
  secret:
    description:
      - The name of the Secret that holds the values of the template's parameters by their names.
    type: str
    required: true
  repair:
    description:
      - Whether to create the objects of the template again that are missing, and to delete and make again a
        TemplateInstance that has failed, unless there is a volume. Nothing is deleted that may hold data.
      - With V(false), and when objects of others are in its way, a warning says what is found, and what to type.
    type: bool
    default: true
  state:
    description:
      - V(absent) deletes the TemplateInstance. OpenShift then deletes the objects, volumes with their data among them.
    type: str
    choices: [present, absent]
    default: present
  timeout:
    description:
      - Seconds for what fails for a moment, and for the objects to be gone.
    type: int
    default: 120
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
attributes:
  check_mode:
    description: The API server tries the change without keeping it.
    support: full
  diff_mode:
    description: Shows the TemplateInstance, which holds the template.
    support: full
"""

EXAMPLES = r"""
- name: OpenShift's database
  seldon.openshift.seldon_template_instance:
    name: metadata
    namespace: seldon-system
    template: postgresql-persistent
    secret: metadata-parameters
"""

RETURN = r"""
results:
  description:
    - What was done with each object, in the form of RV(seldon.openshift.seldon_apply#module:results); in check mode,
      what would be done.
  returned: success
  type: list
  elements: dict
action:
  description: What was done (in check mode, what would be done).
  returned: success
  type: str
  sample: created, completed, recreated, unchanged, deleted or absent
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import time
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.apply.diff import content
from ansible_collections.seldon.openshift.plugins.module_utils.apply.outcome import Outcome, summary
from ansible_collections.seldon.openshift.plugins.module_utils.apply.remove import remove_set
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError, EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.kinds import SECRET, TEMPLATE, TEMPLATE_INSTANCE
from ansible_collections.seldon.openshift.plugins.module_utils.kube.objects import Object, Reference, section
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.kube.secrets import decoded
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.shared.edit import Edit, edit, result_of
from ansible_collections.seldon.openshift.plugins.module_utils.shared.template import processed
from ansible_collections.seldon.openshift.plugins.module_utils.shared.template_instance import (
    COMPLETED,
    Made,
    Trouble,
    is_over,
    owned,
    trouble,
)

ARGUMENT_SPEC: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "namespace": {"type": "str", "required": True},
    "template": {"type": "str", "required": True},
    "template_namespace": {"type": "str", "default": "openshift"},
    "secret": {"type": "str", "required": True, "no_log": False},
    "repair": {"type": "bool", "default": True},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "timeout": {"type": "int", "default": 120},
}


def run(client: Client, params: dict[str, Any], _check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Make or remove the TemplateInstance of `params` (as in DOCUMENTATION), and return the result."""
    deadline = time.monotonic() + params["timeout"]
    reference = _reference(params)
    if params["state"] == "absent":
        (outcome,) = remove_set(client, [reference.bare()], deadline, progress)
        if outcome.action == "failed":
            raise EngineError(f"{reference}: {outcome.message}")
        return {**summary([outcome]), "action": outcome.action}

    made = _make(client, params, deadline, progress)
    result = {**result_of(made), "action": made.action}
    found = None if made.changed or made.after is None else _trouble(client, params, made.after, deadline)
    if made.after is None or found is None:
        return result
    if found.strangers or not params["repair"]:
        return {**result, "warnings": [f"{reference}: {found.found}. To repair it, type: {_commands(found, params)}"]}
    mended = _recreate if found.recreate else _complete
    outcomes = mended(client, params, made.after, found, deadline, progress)
    done = "To be repaired" if client.check_mode else "Repaired"
    said = f"{reference}: {found.found}. {done}: {', '.join(f'{o.action} {Reference.of(o.obj)}' for o in outcomes)}"
    return {**summary(outcomes), "action": "recreated" if found.recreate else "completed", "warnings": [said]}


def _make(client: Client, params: dict[str, Any], deadline: float, progress: Progress) -> Edit:
    def instantiated(there: Object) -> Object:
        if "uid" in there["metadata"]:
            return there
        return {
            **there,
            "spec": {"template": _template(client, params, deadline), "secret": {"name": params["secret"]}},
        }

    return edit(client, _reference(params).bare(), instantiated, deadline, progress)


def _reference(params: dict[str, Any]) -> Reference:
    return TEMPLATE_INSTANCE.named(params["name"], params["namespace"])


def _trouble(client: Client, params: dict[str, Any], instance: Object, deadline: float) -> Trouble | None:
    """Return what is wrong with a TemplateInstance; None also when its objects cannot be told."""
    if not is_over(instance):
        return None
    values = decoded(client.get(SECRET.named(params["secret"], params["namespace"]), deadline))
    try:
        wanted = processed(section(instance, "spec", "template"), values, params["namespace"])
    except EngineError:
        return None
    return trouble(instance, [Made(obj, client.get(Reference.of(obj), deadline)) for obj in wanted])


def _recreate(
    client: Client, params: dict[str, Any], instance: Object, found: Trouble, deadline: float, progress: Progress
) -> list[Outcome]:
    """Delete the TemplateInstance and make it again. Raises EngineError when it does not go."""
    progress(f"deleting {Reference.of(instance)} and making it again: {found.found}")
    # First what would be in the way of the new one; a run that is stopped here finds the failed one again.
    for each in (*found.leftovers, Reference.of(instance)):
        client.delete(each, deadline=deadline)
    after = instance if client.check_mode else _make(client, params, deadline, progress).after
    return [Outcome(instance, "recreated", found.found, before=instance, after=after)]


def _complete(
    client: Client, _params: dict[str, Any], instance: Object, found: Trouble, deadline: float, _progress: Progress
) -> list[Outcome]:
    """Create what is missing of the TemplateInstance's objects. Raises EngineError."""
    outcomes = [_create(client, owned(obj, instance), deadline) for obj in found.missing]
    noted = client.patch(instance, {"metadata": {"annotations": {COMPLETED: "true"}}}, deadline=deadline)
    return [*outcomes, Outcome(instance, "updated", found.found, before=instance, after=noted)]


def _create(client: Client, obj: Object, deadline: float) -> Outcome:
    try:
        return Outcome(obj, "created", after=client.create(obj, deadline=deadline))
    except ApiError as error:
        if error.status != 409:
            raise EngineError(f"could not create {Reference.of(obj)}: {error}") from error
        return Outcome(obj, "unchanged", "somebody else was faster", after=obj)


def _commands(found: Trouble, params: dict[str, Any]) -> str:
    """Return what to type, for what is left alone."""
    name, namespace, secret = params["name"], params["namespace"], params["secret"]
    if found.missing:
        values = """go-template='{{range $k, $v := .data}}{{$k}}={{$v | base64decode}}{{"\\n"}}{{end}}'"""
        template = f"<(oc get templateinstance {name} -n {namespace} -o jsonpath='{{.spec.template}}')"
        made = f"oc process -n {namespace} -f {template} --param-file=-"
        return f"oc get secret {secret} -n {namespace} -o {values} | {made} | oc create -n {namespace} -f -"
    strangers = [f"oc delete {each.kind.name.lower()} {each.name} -n {each.namespace}" for each in found.strangers]
    why = " (not of this template, and in its way)" if strangers else ""
    return "; ".join([*strangers, f"oc delete templateinstance {name} -n {namespace}"]) + f"{why}, then run again"


def _template(client: Client, params: dict[str, Any], deadline: float) -> Object | None:
    name, namespace = params["template"], params["template_namespace"]
    found = content(client.get(TEMPLATE.named(name, namespace), deadline=deadline))
    if found is None:
        raise EngineError(
            f"there is no Template {namespace}/{name}; see: oc -n {namespace} get templates "
            "(OpenShift's Samples operator brings them, unless it is set to Removed)"
        )
    return found


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
