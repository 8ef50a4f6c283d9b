# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Bring back what seldon_backup has saved, one step a task."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from ansible_collections.seldon.openshift.plugins.module_utils.backup import bringing
from ansible_collections.seldon.openshift.plugins.module_utils.backup.folder import opened
from ansible_collections.seldon.openshift.plugins.module_utils.backup.gather import GROUPS
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.plugin_utils.vault import Vault
from ansible_collections.seldon.openshift.plugins.plugin_utils.vault_action import VaultAction

Values = dict[str, Any]


class ActionModule(VaultAction):
    """The action of seldon_restore."""

    spec: ClassVar[Values] = {
        "path": {"type": "path", "required": True},
        "step": {"type": "str", "required": True, "choices": ["judge", "database", *GROUPS]},
        "system_namespace": {"type": "str", "default": "seldon-system"},
        "database": {"type": "str", "default": "metadata"},
        "objects": {"type": "str", "default": "refuse", "choices": ["refuse", "replace"]},
        "rows": {"type": "str", "default": "refuse", "choices": ["refuse", "replace", "skip"]},
        "other_cluster": {"type": "bool", "default": False},
    }

    def work(self, vault: Vault, client: Client, params: Values, check_mode: bool, progress: Progress) -> Values:
        """Do one step."""
        backup, step = opened(Path(params["path"]).resolve(), vault.decrypt), params["step"]
        consent = bringing.Consent(
            params["system_namespace"],
            "" if params["rows"] == "skip" else params["database"],
            other_cluster=params["other_cluster"],
            replaces_objects=params["objects"] == "replace",
            replaces_database=params["rows"] == "replace",
        )
        if step == "judge":
            return bringing.judge(client, backup, consent)
        if step == "database":
            return bringing.load(client, backup, consent, check_mode, progress)
        return bringing.objects(client, backup, step, consent, check_mode)
