# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What the actions of backups share: they run on the controller, which alone has the vault passwords."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from ansible.utils.display import Display
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import plain
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.dependencies import require_collection
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.module import AUTH, execute
from ansible_collections.seldon.openshift.plugins.plugin_utils import inherited
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.channel import sent
from ansible_collections.seldon.openshift.plugins.plugin_utils.engine_action import cluster_of
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import is_for_programs, shown, visible
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import told
from ansible_collections.seldon.openshift.plugins.plugin_utils.target_action import TargetAction
from ansible_collections.seldon.openshift.plugins.plugin_utils.vault import Vault

Values = dict[str, Any]

inherited.load()

ELSEWHERE = (
    "backups are encrypted and decrypted on the controller, and this host is reached by {transport}. Let the "
    "controller talk to the cluster: -e ansible_connection=local, with K8S_AUTH_* or a kubeconfig of its own."
)


class VaultAction(TargetAction):
    """The action of a module that needs the vault; a subclass says what it does, and its arguments."""

    _supports_check_mode = True
    _supports_diff = True
    spec: ClassVar[Values]

    def work(self, vault: Vault, client: Client, params: Values, check_mode: bool, progress: Progress) -> Values:
        """Return the module's result. Raises EngineError."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Return the result, with commands as the user of this run types them."""
        super().run(tmp, task_vars)
        with self._environment():
            try:
                require_collection()
                vault = Vault(self._loader)
                if not self._is_here:
                    raise EngineError(ELSEWHERE.format(transport=self._connection.transport))
            except EngineError as error:
                return {"failed": True, "changed": False, "msg": str(error)}
            validation, params = self.validate_argument_spec({**AUTH, **self.spec})
            work: Callable[..., Values] = partial(self.work, vault)
            progress = partial(_say, cluster_of(task_vars or {}))
            given = plain(params, "the arguments")
            modes = (self._task.check_mode, self._task.diff)
            return dict(shown(told(execute(work, given, *modes, progress, validation._no_log_values))))


def _say(cluster: str, line: str) -> None:
    text = visible(told(f"  {cluster}{line}"))
    if not sent(text) and not is_for_programs():
        Display().display(text)
