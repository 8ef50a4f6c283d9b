# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The shell around every module: arguments, the client, check and diff mode, errors. The action base uses it, too."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from .kube.client import Client
from .kube.dependencies import AUTH_ARG_SPEC
from .kube.errors import EngineError, ObjectsFailed
from .kube.polling import Progress
from .kube.redaction import SHORTEST, Redaction, option_secrets

Params = dict[str, Any]
Run = Callable[[Client, Params, bool, Progress], dict[str, Any]]

# The content of a kubeconfig holds names as well as secrets: hiding every value of it would hide half of every result.
AUTH = {**AUTH_ARG_SPEC, "kubeconfig": {"type": "raw", "no_log": False}}
# They may hold Secrets; what was done with them is in the result.
_BODIES = ("resources", "files", "templates")


def execute(
    run: Run,
    params: Params,
    check_mode: bool,
    diff: bool,
    progress: Progress,
    secrets: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the result of a module's `run(client, params, check_mode, progress)`.

    What is raised becomes `failed` and `msg`. `secrets`, and all credentials of the connection, are hidden in progress
    and everywhere in the result; a `diff` stays only with `diff`.
    """
    hide = Redaction(map(str, secrets))
    try:
        hide.learn(option_secrets(params, os.environ))
        with closing(Client(params, check_mode, hide)) as client:
            result = run(client, params, check_mode, lambda line: progress(hide(line)))
            warnings = [*result.get("warnings", []), *client.warnings]
    except EngineError as error:
        told = {"results": error.results} if isinstance(error, ObjectsFailed) else {}
        result, warnings = {"failed": True, "changed": False, "msg": hide(str(error)), **told}, []
    except Exception as error:  # a bug; its text, and its traceback's, may quote what it met
        result, warnings = broken(error, hide), []
    if warnings:
        result["warnings"] = warnings
    if not diff:
        result.pop("diff", None)
    result["invocation"] = {"module_args": {**params, **{name: "(not shown)" for name in _BODIES if params.get(name)}}}
    return dict(remove_values(result, {value for value in hide.values if len(value) >= SHORTEST} | {*secrets}))


def broken(error: Exception, hide: Redaction) -> dict[str, Any]:
    """Return the result for an exception that nobody expected, with its traceback."""
    trace = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    said = f"{type(error).__name__}: {error}".rstrip(": ")
    return {
        "failed": True,
        "changed": False,
        "msg": hide(f"a fault in seldon.openshift: {said}"),
        "exception": hide(trace),
    }


def main(argument_spec: dict[str, Any], run: Run) -> None:
    """Run a module as Ansible ships it: arguments from its standard input, the result to its standard output."""
    # Ansible's no_log keeps the arguments, which may hold Secrets, out of the system log; results are shown.
    module = AnsibleModule(argument_spec={**AUTH, **argument_spec}, supports_check_mode=True, no_log=True)
    lines: list[str] = []
    result = execute(run, module.params, module.check_mode, module._diff, lines.append, module.no_log_values)
    if lines:
        result["progress"] = lines
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)
