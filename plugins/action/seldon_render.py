# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Write what the tasks of a play want as a tree of plain manifests, on the controller."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import plain
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.plugin_utils.findings import FACT as FINDINGS
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import shown
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import told
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.chapters import asked_for, chapters_of
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.described import FACT
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.folder import Changes, Folder, Refused
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.model import unpacked
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.settings import Settings
from ansible_collections.seldon.openshift.plugins.plugin_utils.render.tree import Tree, tree_of

Values = dict[str, Any]

ARGUMENT_SPEC: Values = {
    "directory": {"type": "path", "required": True},
    "secrets": {"type": "str", "choices": ["placeholders", "external_secrets"], "default": "placeholders"},
    "store": {"type": "str", "default": "seldon"},
    "store_kind": {"type": "str", "choices": ["ClusterSecretStore", "SecretStore"], "default": "ClusterSecretStore"},
    "store_path": {"type": "str", "default": "seldon"},
    "shared": {"type": "bool", "default": False},
    "repository": {"type": "str", "default": ""},
    "revision": {"type": "str", "default": "HEAD"},
    "path": {"type": "str", "default": "."},
    "argocd_namespace": {"type": "str", "default": "openshift-gitops"},
    "project": {"type": "str", "default": "default"},
    "title": {"type": "str", "default": "Seldon Deploy"},
}


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible ships no types
    """The action seldon_render; it needs no connection to the host."""

    _supports_check_mode = True
    _supports_diff = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Return what was written."""
        super().run(tmp, task_vars)
        variables = task_vars or {}
        _validation, params = self.validate_argument_spec(ARGUMENT_SPEC)
        facts: Mapping[str, Any] = variables.get("ansible_facts") or {}
        if unread := [each for each in facts.get(FINDINGS) or [] if each.get("action") == "unread"]:
            return shown(told({"failed": True, "changed": False, "msg": _unread(unread)}))
        try:
            # Read here, not given as an option: a template would read what stands in double braces.
            records = unpacked(plain(list(facts.get(FACT) or []), FACT))
            return shown(self._written(records, params, variables))
        except (Refused, EngineError) as error:
            return shown(told({"failed": True, "changed": False, "msg": f"{error}."}))
        except OSError as error:
            return {"failed": True, "changed": False, "msg": f"the tree cannot be written: {error}"}

    def _written(self, records: list[Any], params: Values, variables: Values) -> Values:
        chapters = asked_for(variables["ansible_run_tags"], variables["ansible_skip_tags"])
        folder = Folder(_place(params.pop("directory"), variables))
        tree = tree_of(chapters_of(records, chapters), Settings(**params), folder.listed)
        changes = folder.changes(tree.files, tree.kept)
        result: Values = {"changed": bool(changes), "directory": str(folder.path), "files": sorted(tree.files)}
        result.update(written=list(changes.written), removed=list(changes.removed))
        if changes.left:
            result["warnings"] = [f"not wanted any more, but edited by somebody, and left: {', '.join(changes.left)}"]
        if self._task.diff:
            result["diff"] = _diff(folder, tree, changes)
        if not self._task.check_mode:
            folder.apply(tree.files, tree.kept, changes)
        return result


def _place(directory: str, variables: Values) -> Path:
    """Return the folder: of several clusters, each has its own in it."""
    path = Path(directory).absolute()
    several = len(variables.get("ansible_play_hosts_all") or ()) > 1
    return path / str(variables["inventory_hostname"]) if several else path


def _unread(entries: list[Values]) -> str:
    lines = "\n".join(f"- {each['chapter']}: {each['task']}: {each['message']}" for each in entries)
    return f"Nothing was written, because these chapters cannot be rendered:\n{lines}"


def _diff(folder: Folder, tree: Tree, changes: Changes) -> list[dict[str, str]]:
    paths = (*changes.written, *changes.removed)
    return [
        {
            "before_header": path,
            "after_header": path,
            "before": folder.text(path) or "",
            "after": tree.files.get(path, "") if path in changes.written else "",
        }
        for path in paths
    ]
