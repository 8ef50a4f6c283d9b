# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Run the module of the same name, and let Helm do what it says that Helm has to do.

Helm gives up at the first answer that fails, and at another Helm that is at work: so it is asked twice.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from ansible_collections.seldon.openshift.plugins.action import seldon_helm
from ansible_collections.seldon.openshift.plugins.module_utils.helm.decision import (
    ASK,
    INSTALL,
    NOTHING,
    UNINSTALL,
    UPGRADE,
)
from ansible_collections.seldon.openshift.plugins.module_utils.helm.failures import explained
from ansible_collections.seldon.openshift.plugins.module_utils.helm.told import RELEASE
from ansible_collections.seldon.openshift.plugins.module_utils.helm.values import value_secrets
from ansible_collections.seldon.openshift.plugins.module_utils.kube.options import NAMES
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import Redaction
from ansible_collections.seldon.openshift.plugins.modules import seldon_release
from ansible_collections.seldon.openshift.plugins.plugin_utils import engine_action

Values = dict[str, Any]
WHERE = ("name", "namespace", "state")
WHAT = ("chart_ref", "chart_repo_url", "chart_version", "values")
# kubernetes.core.helm's advice to those who rely on its own comparison.
_IDEMPOTENCY = "The default idempotency check"


class ActionModule(engine_action.EngineAction):
    """The action of seldon_release: its result, of Helm's what it says when it fails, and no secrets of the values."""

    _supports_async = False
    module = seldon_release

    def _result(self, variables: Values) -> Values:
        decide = partial(super()._result, variables)
        result = decide()
        if not result.get("failed") and result.get("helm", NOTHING) != NOTHING:
            result = self._with_helm(result, decide, variables)
        invoked = (result.get("invocation") or {}).get("module_args") or {}
        if invoked.get("values"):
            invoked["values"] = "(not shown)"
        return dict(Redaction(value_secrets(self._task.args.get("values") or {})).everywhere(result))

    def _with_helm(self, decided: Values, decide: partial[Values], variables: Values) -> Values:
        done = self._helm(variables)
        if done.get("failed") and decided["helm"] != UNINSTALL and not self._task.check_mode:
            self._say(
                engine_action.cluster_of(variables),
                "Helm failed: what it left is looked at, and Helm is asked once more",
            )
            again = decide()
            if again.get("failed") or again["helm"] == NOTHING:  # another run was faster
                return again
            done = self._helm(variables)
        if done.get("failed"):
            return self._failed(decided, done)
        changed = bool(decided["changed"] or done.get("changed"))
        result = {**decided, "changed": changed, **_warnings(decided, done)}
        if not changed or self._task.check_mode or decided["helm"] == UNINSTALL:
            return result
        return self._finished(result, decide())

    def _helm(self, variables: Values) -> Values:
        """Return the result of seldon_helm, with this task's options."""
        task = self._task.copy()
        names = WHERE if self._task.args.get("state") == "absent" else (*WHERE, *WHAT)
        task.args = {name: value for name, value in self._task.args.items() if name in (*names, *NAMES)}
        action = seldon_helm.ActionModule(
            task, self._connection, self._play_context, self._loader, self._templar, self._shared_loader_obj
        )
        return dict(action.run(None, variables))

    def _failed(self, decided: Values, done: Values) -> Values:
        name, namespace = self._task.args["name"], self._task.args["namespace"]
        said = explained(str(done.get("msg") or done), name, namespace)
        changed = decided["changed"] and decided["helm"] == ASK  # then objects were put right before
        return {**decided, "changed": changed, "failed": True, "msg": said}

    def _finished(self, result: Values, after: Values) -> Values:
        """Return the result with what was seen, and done, after Helm: it leaves drift of custom resources."""
        if after.get("failed"):
            return {**after, "changed": True}
        if after["helm"] in (INSTALL, UPGRADE):
            name, namespace = self._task.args["name"], self._task.args["namespace"]
            said = (
                f"kubernetes.core.helm ended well, but the release {namespace}/{name} is not as wanted. If Helm has "
                "the plugin diff, it saw no change: run again with HELM_PLUGINS=/nowhere before the command. "
                f"See: helm history {name} -n {namespace}"
            )
            return {**after, "changed": True, "failed": True, "msg": said}
        later = [each for each in after["results"] if each["action"] != "unchanged" and each["kind"] != RELEASE.name]
        merged: Values = {key: after[key] for key in ("status", "revision", "marks") if key in after}
        for key in ("diff", "warnings"):
            listed = [*result.get(key, []), *(each for each in after.get(key, []) if each not in result.get(key, []))]
            merged.update({key: listed} if listed else {})
        return {**result, **merged, "results": [*result["results"], *later]}


def _warnings(decided: Values, done: Values) -> Values:
    told = [each for each in done.get("warnings") or [] if _IDEMPOTENCY not in str(each)]
    found = [*decided.get("warnings", []), *told]
    return {"warnings": found} if found else {}
