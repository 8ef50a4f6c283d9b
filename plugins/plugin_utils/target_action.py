# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What actions that reach a cluster share: the task's environment in this process, and the target that a task means.

Ansible runs modules of a local connection in the folder of the playbook, and `become` drops the environment. So what
names the cluster is settled here, where the command was typed, and only its outcome is shipped.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.seldon.openshift.plugins.module_utils.kube.options import PREFIX
from ansible_collections.seldon.openshift.plugins.module_utils.kube.proxies import past
from ansible_collections.seldon.openshift.plugins.module_utils.kube.target import Target, find_target

Values = dict[str, Any]


class TargetAction(ActionBase):  # type: ignore[misc]  # Ansible ships no types
    """The action of a module that reaches a cluster."""

    @contextmanager
    def _environment(self) -> Iterator[None]:
        """Give this process the task's `environment`, as a shipped module would have it, unless it is another's."""
        wanted = self._wanted() if self._is_here else {}
        with _changed_environment({name: str(value) for name, value in wanted.items()}):
            yield

    def _wanted(self) -> Values:
        wanted: Values = {}
        self._compute_environment_string(wanted)
        return wanted

    @property
    def _is_here(self) -> bool:
        """Whether the task's host is this machine."""
        return bool(self._connection.transport == "local")

    def _target(self, options: Values) -> Target:
        """Return what the options and the task's environment mean on this machine. Raises Misconfigured."""
        return find_target(options, os.environ, Path.cwd()).flat()

    @contextmanager
    def _only(self, target: Target) -> Iterator[None]:
        """Let what is shipped from here find no other way to a cluster than the one it is given."""
        kept = {name: str(value) for name, value in self._wanted().items() if not name.startswith(PREFIX)}
        dropped = dict.fromkeys(name for name in os.environ if name.startswith(PREFIX))
        before = self._task.environment
        self._task.environment = [{**kept, **past(target.server, target.proxy, {**os.environ, **kept})}]
        try:
            with _changed_environment(dropped):
                yield
        finally:
            self._task.environment = before


@contextmanager
def _changed_environment(wanted: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables of this process, or unset those without a value, and put back what was there."""
    before = {name: os.environ.get(name) for name in wanted}
    _set(wanted)
    try:
        yield
    finally:
        _set(before)


def _set(variables: Mapping[str, str | None]) -> None:
    for name, value in variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
