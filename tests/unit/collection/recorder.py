"""Instead of doing what a task asks for, write it down: this file takes the place of the base of all actions.

What the modules would answer is as little as the roles need to go on. With the variable `populated`, every collection
of objects holds one.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.seldon.openshift.plugins.module_utils.kube.collection import collections_of
from ansible_collections.seldon.openshift.plugins.plugin_utils.rendering import rendered

Values = dict[str, Any]


def answer(module: str, args: Values, populated: bool) -> Values:
    """Return what a module would."""
    if module == "seldon_cluster_info":
        wanted = collections_of(args["objects"])
        objects = {name: [_found(asdict(each))] if populated else [] for name, each in wanted.items()}
        kinds = {f"{each['api_version']}/{each['kind']}": True for each in args["kinds"] or []}
        facts = {"ingress_domain": "x"} if "domain" in (args["gather"] or []) else {}
        return {"objects": objects, "kinds": kinds, **facts}
    if module == "seldon_wait":
        return {"resources": [{**each, "state": "ready", "reason": "x"} for each in args["resources"]]}
    if module == "seldon_try_model":
        return {"name": "x", "mark": "", "told": "x", "seconds": 1.0, "ended": 2.0}
    if module == "seldon_restore":
        counts = {"secrets": 1, "argocd": 1, "models": 1}
        return {"resources": [], "namespaces": [], "counts": counts, "moment": "x", "database": "loaded"}
    if module == "seldon_operator":
        installed = {"csv": "x", "namespace": "x", "state": "installed"}
        return {"operators": [{**each, **installed} for each in args["operators"]]}
    return {"checks": [], "members": [], "missing": [], "pipelines": [], "restarted": [], "settings": {}}


def _found(collection: Values) -> Values:
    """Return an object that takes part in everything that looks for some."""
    kept = {key: collection.get(key) or "x" for key in ("api_version", "kind", "namespace", "name")}
    return {**kept, "labels": {"seldon-server-name": "x"}, "owner": "", "release": "seldon-core-v2-x"}


class EngineAction(ActionBase):  # type: ignore[misc]  # Ansible ships no types
    """Any task, as it was templated; the modules of this collection have their arguments converted and objects read."""

    _supports_check_mode = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Return what the module would answer."""
        super().run(tmp, task_vars)
        variables, args = task_vars or {}, dict(self._task.args)
        if hasattr(self, "module"):
            _validation, args = self.validate_argument_spec(self.module.ARGUMENT_SPEC)
            names = args.get("templates") or []
            args["templates"] = [rendered(name, self._loader, self._templar, variables) for name in names]
        role, module = self._task._role, self._task.action.rpartition(".")[2]
        call = [role and role.get_name().rpartition(".")[2], self._task.name, module, args]
        with Path(os.environ["RECORD"], variables["inventory_hostname"]).open("a", encoding="utf-8") as file:
            file.write(json.dumps(call, sort_keys=True) + "\n")
        return {"changed": False, **answer(module, args, bool(variables.get("populated")))}


class ActionModule(EngineAction):
    """The same, for actions that are this file."""
