# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Save what only this installation holds, encrypted by ansible-vault."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from ansible_collections.seldon.openshift.plugins.module_utils.backup.gather import Places
from ansible_collections.seldon.openshift.plugins.module_utils.backup.taking import Order, take
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.collection import collection_version
from ansible_collections.seldon.openshift.plugins.plugin_utils.vault import Vault
from ansible_collections.seldon.openshift.plugins.plugin_utils.vault_action import VaultAction

Values = dict[str, Any]


class ActionModule(VaultAction):
    """The action of seldon_backup."""

    spec: ClassVar[Values] = {
        "directory": {"type": "path", "required": True},
        "system_namespace": {"type": "str", "default": "seldon-system"},
        "logs_namespace": {"type": "str", "default": "seldon-logs"},
        "argocd_namespace": {"type": "str", "default": "seldon-argocd"},
        "external_elasticsearch": {"type": "bool", "default": False},
        "database": {"type": "str", "default": "metadata"},
    }

    def work(self, vault: Vault, client: Client, params: Values, check_mode: bool, progress: Progress) -> Values:
        """Take the backup."""
        system, logs, argocd = (params[f"{name}_namespace"] for name in ("system", "logs", "argocd"))
        places = Places(system, logs, argocd, external_logs=params["external_elasticsearch"])
        order = Order(Path(params["directory"]), places, params["database"], collection_version())
        return take(client, order, vault.encrypt, check_mode, progress)
