# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Run seldon_preflight in-process where possible, with what the controller alone can see: the variables."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleError
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import plain
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.preflight.model import OFFLINE, Observation
from ansible_collections.seldon.openshift.plugins.modules import seldon_preflight
from ansible_collections.seldon.openshift.plugins.plugin_utils.engine_action import EngineAction, Values
from ansible_collections.seldon.openshift.plugins.plugin_utils.variables import (
    PLAYBOOKS,
    UNKNOWN,
    misspelt,
    mistyped,
    options,
    removed,
    specifications,
)

COLLECTION = "seldon.openshift"


class ActionModule(EngineAction):
    """The action of seldon_preflight: adds to `input` and `misspelt` what is wrong with the variables."""

    module = seldon_preflight

    def run(self, tmp: str | None = None, task_vars: Values | None = None) -> Values:
        """Return the module's result."""
        variables, specs, given = task_vars or {}, specifications(), dict(self._task.args)
        values = {name: self._rendered(value) for name, value in _set(variables, options(specs)).items()}
        names, others = self._names(variables)
        given["input"] = [*_listed(given.get("input")), *removed(names), *mistyped(values, specs)]
        if mistyped({"preflight_ignore": values.get("preflight_ignore", UNKNOWN)}, specs):
            # The module would refuse its own option, and tell neither the variable nor what else is wrong.
            given["ignore"] = [
                name for name in _listed(values["preflight_ignore"]) if name in seldon_preflight.IGNORABLE
            ]
        found = misspelt(names, specs, {*PLAYBOOKS, *others})
        given["misspelt"] = [*_listed(given.get("misspelt")), *map(asdict, found)]
        self._task.args = given
        return super().run(tmp, variables)

    def _answer(self, params: Values) -> Values | None:
        if not set(params["checks"]) <= set(OFFLINE):
            return None
        return seldon_preflight.judged(Observation(), plain(params, "the arguments"))

    def _rendered(self, value: Any) -> Any:
        """Return the value without templates; UNKNOWN stands where something undefined is needed, or a vault."""
        with suppress(AnsibleError, EngineError):
            return plain(self._templar.template(value), "a variable")
        if isinstance(value, Mapping):
            return {str(key): self._rendered(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._rendered(item) for item in value]
        return UNKNOWN

    def _names(self, variables: Values) -> tuple[set[str], set[str]]:
        """Return the names that were given (to the host, to the play or the task), and those of foreign roles.

        The host's are those of the inventory, facts and extra vars. All others come from the play, if not from a role.
        """
        host = set(variables["hostvars"].raw_get(variables["inventory_hostname"]))
        ours, foreign = set[str](), set[str]()
        for role in self._task.get_play().roles:
            names = foreign if role._role_collection != COLLECTION else ours
            names.update(role.get_default_vars(), role.get_vars())
        given = host | (set(variables) - ours)
        return {name for name in given if not _registered(variables.get(name))}, foreign


def _set(variables: Values, known: Values) -> Values:
    """Return the variables that are a role's and differ from its defaults."""
    return {name: variables[name] for name in known if name in variables and not _same(variables[name], known[name])}


def _same(value: Any, spec: Values) -> bool:
    with suppress(AnsibleError):  # a value in a vault that is not open
        return bool(value == spec.get("default"))
    return False


def _registered(value: Any) -> bool:
    """Say whether it is the result of a task: a play that registers `kafka_topics` has not misspelt a variable."""
    return isinstance(value, Mapping) and "changed" in value


def _listed(value: Any) -> list[Any]:
    return [] if value is None else list(value) if isinstance(value, (list, tuple)) else [value]
