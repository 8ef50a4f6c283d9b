#!/usr/bin/python
# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The steps of trying a model that are no objects to apply."""

from __future__ import annotations

DOCUMENTATION = r"""
module: seldon_try_model
short_description: Try a model through the whole installation, step by step
version_added: 1.0.0
author: Contributors to the seldon.openshift collection (@SeldonIO)
description:
  - Each task does one step of what the role P(seldon.openshift.try_model#role) does with a model, beside applying and
    waiting for it. Each waits until the step has worked, and tells where it has failed, why, and what to type next.
  - A model that is tried says which run has made it, in its annotation C(seldon.openshift/trial), so that what an
    interrupted run has left is removed by the next one, and what another run still needs stays.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - seldon.openshift.engine
options:
  step:
    description:
      - V(begin) chooses a name that no other model has, and removes models of runs that were interrupted.
      - V(request) sends a request through the Route, as a client from outside does, until the model has answered it.
      - V(log) looks for the log of the request in Elasticsearch, through a port-forward.
      - V(metric) looks for the number of requests in Thanos, through a port-forward.
      - V(end) deletes the model and its logs, and waits until it is gone.
    type: str
    required: true
    choices: [begin, request, log, metric, end]
  core:
    description: The version of Seldon Core that runs the model.
    type: str
    required: true
    choices: [v1, v2]
  namespace:
    description: The namespace of the model.
    type: str
    required: true
  name:
    description: The name of the model, for all steps but V(begin).
    type: str
  timeout:
    description: Time limit of the step, in seconds.
    type: int
    default: 120
  lifetime:
    description: >-
      Seconds after which the run has ended, however it went; for V(begin). With V(0), nothing marks the model.
    type: int
    default: 0
  mesh_namespace:
    description: The namespace of the Route and the gateway.
    type: str
    default: istio-system
  logs_namespace:
    description: The namespace of Elasticsearch and of the request logger.
    type: str
    default: seldon-logs
  system_namespace:
    description: The namespace of Seldon Deploy, whose token for Thanos is used.
    type: str
    default: seldon-system
  elasticsearch:
    description: Whether Elasticsearch is in the cluster. Logs in another one are neither found nor deleted.
    type: bool
    default: true
  router:
    description:
      - Address and port of the cluster's router, for instance V(192.0.2.10:443), where DNS does not know the Route's
        host here.
      - Empty, DNS and the proxies of the environment lead there.
    type: str
    default: ''
  verify:
    description: >-
      Whether the certificate of the Route's host is verified, by the authorities of the system, of the cluster's router
      (ConfigMap C(default-ingress-cert)) and of O(authorities).
    type: bool
    default: true
  authorities:
    description: Path of a file with further authorities, in PEM.
    type: path
    default: ''
  token:
    description: A token for the request, where the gateway asks for one.
    type: str
    default: ''
  token_header:
    description: The header in which the token is sent; in C(Authorization) it follows the word C(Bearer).
    type: str
    default: Authorization
attributes:
  check_mode:
    support: full
    description: It says what it would do.
  diff_mode:
    support: none
    description: There is nothing to compare.
"""

EXAMPLES = r"""
- name: Choose a name
  seldon.openshift.seldon_try_model:
    step: begin
    core: v1
    namespace: seldon
    lifetime: 900
  register: begun

- name: Send a request through the Route
  seldon.openshift.seldon_try_model:
    step: request
    core: v1
    namespace: seldon
    name: "{{ begun.name }}"
    verify: false
"""

RETURN = r"""
name:
  description: Name of the model.
  returned: success
  type: str
  sample: seldon-try-3f09ac
mark:
  description: Value of the annotation C(seldon.openshift/trial) that the model has to get; empty for none.
  returned: when O(step=begin)
  type: str
told:
  description: What the step has done or seen, in one line.
  returned: success
  type: str
  sample: "log: found in inference-log-seldon-seldon-seldon-try-3f09ac-default"
seconds:
  description: How long the step took.
  returned: success
  type: float
  sample: 1.4
ended:
  description: When the step had ended, in seconds since the epoch.
  returned: success
  type: float
  sample: 1669554300.2
progress:
  description: What the task waited for. In-process, these lines are printed while it waits.
  returned: when it waited and ran as an ordinary module
  type: list
  elements: str
"""

import secrets
import time
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError, KindNotServed
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import main as module_main
from ansible_collections.seldon.openshift.plugins.module_utils.trial import looks, mark, removal
from ansible_collections.seldon.openshift.plugins.module_utils.trial.model import PREFIX, Trial
from ansible_collections.seldon.openshift.plugins.module_utils.trial.router import Way
from ansible_collections.seldon.openshift.plugins.module_utils.trial.verdict import proved

Values = dict[str, Any]

ARGUMENT_SPEC: Values = {
    "step": {"type": "str", "required": True, "choices": ["begin", "request", "log", "metric", "end"]},
    "core": {"type": "str", "required": True, "choices": ["v1", "v2"]},
    "namespace": {"type": "str", "required": True},
    "name": {"type": "str"},
    "timeout": {"type": "int", "default": 120},
    "lifetime": {"type": "int", "default": 0},
    "mesh_namespace": {"type": "str", "default": "istio-system"},
    "logs_namespace": {"type": "str", "default": "seldon-logs"},
    "system_namespace": {"type": "str", "default": "seldon-system"},
    "elasticsearch": {"type": "bool", "default": True},
    "router": {"type": "str", "default": ""},
    "verify": {"type": "bool", "default": True},
    "authorities": {"type": "path", "default": ""},
    "token": {"type": "str", "default": "", "no_log": True},
    "token_header": {"type": "str", "default": "Authorization", "no_log": False},
}


def run(client: Client, params: Values, check_mode: bool, progress: Progress) -> Values:
    """Do one step and return the module's result. Raises EngineError when it has not worked."""
    started, step = time.monotonic(), params["step"]
    if step == "begin":
        result = _begin(client, params, check_mode, progress)
    else:
        if not params["name"]:
            raise EngineError(f"step={step} needs name, the name that step=begin has returned")
        trial = Trial(params["core"], params["namespace"], params["name"])
        result = {"changed": False, "name": trial.name, **_STEPS[step](client, trial, params, check_mode, progress)}
    seconds = round(time.monotonic() - started, 1)
    if result["told"]:
        progress(f"{result['told']} ({seconds} s)")
    return {**result, "seconds": seconds, "ended": round(time.time(), 1)}


def _begin(client: Client, params: Values, check_mode: bool, progress: Progress) -> Values:
    core, namespace, now = params["core"], params["namespace"], time.time()
    try:
        found = list(removal.leftovers(client, core, namespace, mark.here(), now))
    except KindNotServed as error:
        command = f"ansible-playbook seldon.openshift.site --tags seldon_core_{core}"
        raise EngineError(f"Seldon Core {core} is not installed: {error}\n  next: {command}") from None
    for trial in found if not check_mode else ():
        _remove(client, trial, params, progress)
    names = ", ".join(trial.name for trial in found)
    told = f"{'would remove' if check_mode else 'removed'} what an interrupted run has left: {names}" if found else ""
    marked = mark.Mark(mark.here(), mark.process(), int(now) + params["lifetime"]) if params["lifetime"] else ""
    return {"changed": bool(found), "name": _free_name(client, core, namespace), "mark": str(marked), "told": told}


def _free_name(client: Client, core: str, namespace: str) -> str:
    while True:
        name = f"{PREFIX}{secrets.token_hex(3)}"
        if client.get(Trial(core, namespace, name).reference) is None:
            return name


def _request(client: Client, trial: Trial, params: Values, check_mode: bool, progress: Progress) -> Values:
    if check_mode:
        return {"told": f"would send a request through the Route to {trial.path}"}
    way = Way(_router(params["router"]), params["verify"], _authorities(client, params) if params["verify"] else "")
    look = partial(looks.answer, client, trial, _places(params), way, _login(params))
    proved(look, f"request to {trial.name}", params["timeout"], progress)
    return {"told": f"request: {trial.path} has answered"}


def _log(client: Client, trial: Trial, params: Values, check_mode: bool, progress: Progress) -> Values:
    if not params["elasticsearch"]:
        return {"told": "log: not looked for, because Elasticsearch is external"}
    if check_mode:
        return {"told": "would look for the log of the request in Elasticsearch"}
    verdict = proved(
        partial(looks.log, client, trial, _places(params)), f"log of {trial.name}", params["timeout"], progress
    )
    return {"told": f"log: {verdict.said}"}


def _metric(client: Client, trial: Trial, params: Values, check_mode: bool, progress: Progress) -> Values:
    if check_mode:
        return {"told": "would look for the metric of the model in Thanos"}
    verdict = proved(
        partial(looks.metric, client, trial, _places(params)), f"metric of {trial.name}", params["timeout"], progress
    )
    return {"told": f"metric: {verdict.said}"}


def _end(client: Client, trial: Trial, params: Values, check_mode: bool, progress: Progress) -> Values:
    if check_mode:
        return {"told": "would remove the model and its logs"}
    return _remove(client, trial, params, progress)


def _remove(client: Client, trial: Trial, params: Values, progress: Progress) -> Values:
    there = removal.remove(client, trial, params["timeout"], progress)
    logged = trial.core == "v1" and params["elasticsearch"]
    stays = removal.forget_logs(client, trial, _places(params)) if logged and there else ""
    return {
        "changed": there,
        "told": f"removed {trial.reference}" if there else "",
        "warnings": [stays] if stays else [],
    }


_STEPS = {"request": _request, "log": _log, "metric": _metric, "end": _end}


def _places(params: Values) -> looks.Places:
    return looks.Places(params["mesh_namespace"], params["logs_namespace"], params["system_namespace"])


def _router(given: str) -> str:
    """Return ADDRESS:PORT. Raises EngineError for what is neither that nor empty."""
    address, colon, port = given.rpartition(":")
    if given and not (address and colon and port.isdigit()):
        raise EngineError(f"router is {given!r}, but has to be ADDRESS:PORT, for instance 192.0.2.10:443")
    return given


def _authorities(client: Client, params: Values) -> str:
    """Return whom to trust beside the system's authorities, in PEM. Raises EngineError when a file can't be read."""
    published = looks.authorities(client)
    if not params["authorities"]:
        return published
    try:
        return f"{Path(params['authorities']).read_text(encoding='ascii')}\n{published}"
    except (OSError, ValueError) as error:
        raise EngineError(f"authorities in {params['authorities']} cannot be read: {error}") from None


def _login(params: Values) -> dict[str, str]:
    token, header = params["token"], params["token_header"]
    if not token:
        return {}
    return {header: f"Bearer {token}" if header.lower() == "authorization" else token}


def main() -> None:
    """Run as an ordinary module."""
    module_main(ARGUMENT_SPEC, run)


if __name__ == "__main__":
    main()
