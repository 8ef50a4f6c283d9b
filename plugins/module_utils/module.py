# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The shell around every module: arguments, the client, check and diff mode, errors. The action base uses it, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.common.parameters import remove_values

from .kube.client import Client
from .kube.dependencies import AUTH_ARG_SPEC
from .kube.errors import EngineError
from .kube.polling import Progress
from .kube.redaction import names_secret

Params = dict[str, Any]
Run = Callable[[Client, Params, bool, Progress], dict[str, Any]]

# The content of a kubeconfig holds names as well as secrets: hiding every value of it would hide half of every result.
AUTH = {**AUTH_ARG_SPEC, "kubeconfig": {"type": "raw", "no_log": False}}
# Its secrets whose names do not say so; a value is one of the environment of the command that logs in.
_CREDENTIALS = ("client-key-data", "client-certificate-data", "value")
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

    What the engine raises becomes `failed` and `msg`. `secrets` (and those in a kubeconfig) are hidden everywhere in
    the result; a `diff` stays only with `diff`. Bugs raise.
    """
    try:
        with closing(Client(params, check_mode)) as client:
            result = run(client, params, check_mode, progress)
            warnings = [*result.get("warnings", []), *client.warnings]
    except EngineError as error:
        result, warnings = {"failed": True, "changed": False, "msg": str(error)}, []
    if warnings:
        result["warnings"] = warnings
    if not diff:
        result.pop("diff", None)
    hidden = {*secrets, *credentials(params.get("kubeconfig"))}
    result["invocation"] = {"module_args": {**params, **{name: "(not shown)" for name in _BODIES if params.get(name)}}}
    return dict(remove_values(result, hidden))


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


def credentials(kubeconfig: Any, key: str = "") -> set[str]:
    """Return the secret values in the content of a kubeconfig (nothing in a path)."""
    if isinstance(kubeconfig, dict):
        return {value for name, item in kubeconfig.items() for value in credentials(item, str(name))}
    if isinstance(kubeconfig, (list, tuple)):
        return {value for item in kubeconfig for value in credentials(item, key)}
    return {str(kubeconfig)} if kubeconfig and (key in _CREDENTIALS or names_secret(key)) else set()
