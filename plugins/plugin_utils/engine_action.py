# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Run a module's `run()` inside Ansible's own process when nothing speaks against it, else ship the module.

A module of Ansible starts a Python interpreter and imports the Kubernetes library, about half a second; a forked worker
inherits both. So the action imports its module, and the library with it, at its top.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from ansible.utils.display import Display
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import parse, plain, read
from ansible_collections.seldon.openshift.plugins.module_utils.kube.dependencies import require_collection
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError, NoCluster
from ansible_collections.seldon.openshift.plugins.module_utils.kube.options import without_options
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import Redaction, option_secrets
from ansible_collections.seldon.openshift.plugins.module_utils.module import AUTH, execute
from ansible_collections.seldon.openshift.plugins.module_utils.olm.companions import Written
from ansible_collections.seldon.openshift.plugins.plugin_utils import companions, inherited
from ansible_collections.seldon.openshift.plugins.plugin_utils.booleans import truth
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.channel import sent
from ansible_collections.seldon.openshift.plugins.plugin_utils.findings import ASKED_BY, FACT, collected
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import is_for_programs, shown, visible
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import told
from ansible_collections.seldon.openshift.plugins.plugin_utils.render import described
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.hiding import entries_without_secrets
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import packed
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.stand_ins import Place
from ansible_collections.seldon.openshift.plugins.plugin_utils.rendering import rendered
from ansible_collections.seldon.openshift.plugins.plugin_utils.target_action import TargetAction
from ansible_collections.seldon.openshift.plugins.plugin_utils.variables import (
    holds_secret,
    options,
    secret_texts,
    specifications,
)

Values = dict[str, Any]

inherited.load()


class EngineAction(TargetAction):
    """The action of one module of this collection; a subclass names it: `module = seldon_apply`.

    The module has `ARGUMENT_SPEC` (without authentication) and `run(client, params, check_mode, progress)`.
    """

    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True
    module: ModuleType
    _recorded: Sequence[Values] = ()  # what the task wants, when a tree of manifests is rendered

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Return the module's result, wherever it ran, with commands as the user of this run types them."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        with self._environment(), self._companions(variables) as written:
            result: Values = shown(told(self._result(variables)))
        if meanwhile := written():
            result.update(changed=True, meanwhile=meanwhile)
        if self._recorded:
            before = list((variables.get("ansible_facts") or {}).get(described.FACT) or [])
            return {**result, "ansible_facts": {described.FACT: [*before, *self._recorded]}}
        return self._collected(result, variables) if ASKED_BY in variables else result

    def _companions(self, variables: Values) -> AbstractContextManager[Written]:
        """Return what lets the operators that later tasks wait for go on; its value says what was written for them."""
        sees_to_them = "meanwhile" in self.module.ARGUMENT_SPEC
        entries = [] if sees_to_them else self._templar.template(variables.get(companions.NAMED_BY) or [])
        if not entries or self._task.check_mode or not self._runs_here(variables):
            return nullcontext(list)
        return companions.seen_on(self._task.args, entries, partial(self._say, cluster_of(variables)))

    def _collected(self, result: Values, variables: Values) -> Values:
        if self._task.async_val or not truth(self._templar.template(variables[ASKED_BY])):
            return result
        before = list((variables.get("ansible_facts") or {}).get(FACT) or [])
        return collected(result, chapter_of(self._task), str(self._task.name or self._name), before)

    def _result(self, variables: Values) -> Values:
        try:
            require_collection()  # without it, AUTH is empty and would refuse good arguments
        except EngineError as error:
            return {"failed": True, "changed": False, "msg": str(error)}
        spec = {**AUTH, **self.module.ARGUMENT_SPEC}
        self._load_name = self._name  # errors about arguments say it; Ansible's own is that of a Python file
        validation, params = self.validate_argument_spec(spec)
        if {"resources", "files", "templates"} <= set(spec):
            try:
                self._read_manifests(params, variables)
            except EngineError as error:
                return {"failed": True, "changed": False, "msg": str(error)}
        answer = self._answer(params)
        if answer is not None:
            return answer
        if described.ASKED_BY in variables and self._short_name in described.MODULES:
            return self._described(plain(params, "the arguments"), variables)
        if self._runs_here(variables):
            return execute(
                self.module.run,
                plain(params, "the arguments"),
                self._task.check_mode,
                self._task.diff,
                partial(self._say, cluster_of(variables)),
                validation._no_log_values,
            )
        try:
            return self._shipped(self._arguments(params), params, variables)
        except EngineError as error:
            return {"failed": True, "changed": False, "msg": str(error)}

    def _described(self, params: Values, variables: Values) -> Values:
        """Record what the task wants, and return a result for the tasks after it: no cluster is looked at."""
        description = described.MODULES[self._short_name]
        place = Place(**self._templar.template(variables[described.ASKED_BY]))
        try:
            wanted = packed(chapter_of(self._task), description.wanted(params))
            self._recorded = entries_without_secrets(wanted, self._secrets(variables))
            return {"changed": False, **description.answer(params, place)}
        except EngineError as error:
            return {"failed": True, "changed": False, "msg": str(error)}

    def _secrets(self, variables: Values) -> set[str]:
        """Return the texts in all variables of roles that their argument specs call secret."""
        specs = options(specifications())
        given = {name: spec for name, spec in specs.items() if name in variables and holds_secret(spec)}
        return {
            text for name, spec in given.items() for text in secret_texts(self._templar.template(variables[name]), spec)
        }

    def _shipped(self, arguments: Values, params: Values, variables: Values) -> Values:
        """Return the result of the module as Ansible ships it; from here, with the cluster that the task means here."""
        call = partial(
            self._execute_module,
            module_name=self._name,
            task_vars=variables,
            wrap_async=bool(self._task.async_val),
        )
        try:
            target = self._target(plain(params, "the arguments")) if self._is_here else None
        except NoCluster:  # the module's user may have one
            target = None
        if target is None:
            return dict(call(module_args=arguments))
        way = {"kubeconfig": target.kubeconfig(), "proxy_headers": dict(target.proxy_headers) or None}
        with self._only(target):
            result: Values = call(module_args={**without_options(arguments), **way})
        hide = Redaction(option_secrets(params, os.environ))
        invoked = (result.get("invocation") or {}).get("module_args") or {}
        # As the task says it, not as it was shipped.
        invoked.update({name: hide.everywhere(params.get(name)) for name in AUTH if name in invoked})
        return result

    @property
    def _name(self) -> str:
        """The module's full name. Before ansible-core 2.19, the task has none when a template named the module."""
        return f"seldon.openshift.{self._short_name}"

    @property
    def _short_name(self) -> str:
        return self.module.__name__.rpartition(".")[2]

    def _answer(self, params: Values) -> Values | None:
        """Return a result that needs neither the host nor a cluster; None when the module has to run."""
        return None

    def _arguments(self, params: Values) -> Values:
        """Return what to ship: the task's own words (validated, they hold nulls that choices refuse), and manifests."""
        if "templates" not in params:
            return dict(self._task.args)
        given = {name: value for name, value in self._task.args.items() if name not in ("files", "templates")}
        return {**given, "resources": params["resources"]}

    def _read_manifests(self, params: Values, variables: Values) -> None:
        """Turn resources, files and templates, which are the controller's, into one list of objects."""
        objects = read(params["resources"], "resources")
        for name in params["files"] or []:
            path = self._find_needle("files", name)
            decrypted = self._loader.get_real_file(path)  # it may be in a vault
            objects += parse(Path(decrypted).read_text(encoding="utf-8"), path)
        for name in params["templates"] or []:
            objects += parse(rendered(name, self._loader, self._templar, variables), name)
        params.update(resources=objects, files=None, templates=None)

    def _runs_here(self, variables: Values) -> bool:
        """Say whether the module would run on this machine, as this user, with this Python."""
        if not self._is_here or self._connection.become or self._task.async_val:
            return False
        if self._task.delegate_to:
            variables = variables.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        interpreter = self._templar.template(variables.get("ansible_python_interpreter", "auto"))
        return str(interpreter).startswith("auto") or interpreter == sys.executable

    def _say(self, cluster: str, line: str) -> None:
        text = visible(told(f"  {cluster}{line}"))
        if not sent(text) and not is_for_programs():
            Display().display(text)


def chapter_of(task: Any) -> str:
    """Return the short name of the role that a task belongs to, empty without one."""
    return str(task._role.get_name()).rpartition(".")[2] if task._role else ""


def cluster_of(variables: Values) -> str:
    """Return what a line of progress begins with: the cluster when the play has several, else nothing."""
    several = len(variables.get("ansible_play_hosts_all") or ()) > 1
    return f"[{variables['inventory_hostname']}] " if several else ""
