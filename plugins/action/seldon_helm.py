# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Run kubernetes.core.helm with the cluster that the modules of this collection mean.

By itself it knows neither a client certificate, a password, a proxy nor impersonation, looks for files elsewhere, and
for what it does not know asks the kubeconfig of whoever runs it.
"""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import plain
from ansible_collections.seldon.openshift.plugins.module_utils.kube.dependencies import require_collection
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.options import NAMES, without_options
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import Redaction, kubeconfig_secrets
from ansible_collections.seldon.openshift.plugins.module_utils.kube.target import Target
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import flow
from ansible_collections.seldon.openshift.plugins.module_utils.module import AUTH
from ansible_collections.seldon.openshift.plugins.modules.seldon_helm import unpacked
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import shown
from ansible_collections.seldon.openshift.plugins.plugin_utils.target_action import TargetAction

Values = dict[str, Any]
HELM = "kubernetes.core.helm"
VALUES = ("values", "release_values")


class ActionModule(TargetAction):
    """The action of seldon_helm."""

    _supports_check_mode = True
    _supports_async = True
    _supports_diff = True

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Return the result of kubernetes.core.helm, without credentials."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        with self._environment():
            try:
                require_collection()
                target = self._target(self._options()) if self._is_here else self._target_there(variables)
            except EngineError as error:
                return {"failed": True, "changed": False, "msg": str(error)}
            with self._only(target):
                result = self._helm(target, variables)
        return shown(dict(Redaction(kubeconfig_secrets(target.kubeconfig())).everywhere(result)))

    def _options(self) -> Values:
        """Return the task's options that name the cluster. Raises EngineError for one of a wrong type."""
        given = {name: value for name, value in self._task.args.items() if name in NAMES}
        validated = ArgumentSpecValidator(AUTH).validate(plain(given, "the arguments"))
        if validated.error_messages:
            raise EngineError("; ".join(validated.error_messages))
        return dict(validated.validated_parameters)

    def _target_there(self, variables: Values) -> Target:
        """Return what the options and the environment of another machine mean there. Raises EngineError."""
        options = {name: value for name, value in self._task.args.items() if name in NAMES}
        answer = self._execute_module(
            module_name="seldon.openshift.seldon_helm", module_args=options, task_vars=variables
        )
        if "target" not in answer:
            raise EngineError(str(answer.get("msg") or answer))
        return unpacked(answer["target"])

    def _helm(self, target: Target, variables: Values) -> Values:
        """Run Helm where the task runs, with a kubeconfig and the values in files of its own there."""
        # Empty ones win over the variables of its environment; what they say is in the kubeconfig.
        arguments = {**without_options(self._task.args), "host": "", "api_key": "", "validate_certs": True}
        if self._connection._shell.tmpdir is None:
            self._make_tmp_path()
        folder = self._connection._shell.tmpdir
        try:
            arguments["kubeconfig"] = self._file(folder, "kubeconfig", json.dumps(target.kubeconfig()))
            # As kubernetes.core.helm writes them, `y` or `1e5` has no quotes, and Helm reads a boolean or a number.
            if name := next((name for name in VALUES if isinstance(arguments.get(name), dict)), None):
                values = self._file(folder, "values.json", flow(plain(arguments.pop(name), name)))
                arguments["values_files"] = [*(arguments.get("values_files") or []), values]
            return dict(
                self._execute_module(
                    module_name=HELM,
                    module_args=arguments,
                    task_vars=variables,
                    wrap_async=bool(self._task.async_val),
                )
            )
        finally:
            if not self._task.async_val:
                self._remove_tmp_path(folder)

    def _file(self, folder: str, name: str, content: str) -> str:
        """Return the path of a new file where the task runs, which only its user may read."""
        path = str(self._connection._shell.join_path(folder, name))
        self._transfer_data(path, content)
        self._fixup_perms2((folder, path))
        return path
