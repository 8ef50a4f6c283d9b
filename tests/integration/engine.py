"""The collection's modules called in the test's own process, with the arguments a task would give."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.module import AUTH, execute

from tests.integration.cluster import Cluster

Result = dict[str, Any]


def run(
    module: ModuleType, cluster: Cluster, check: bool = False, lines: list[str] | None = None, **given: Any
) -> Result:
    """Return the module's result; `lines` collects its progress."""
    arguments = {"kubeconfig": str(cluster.kubeconfig), **given}
    validation = ArgumentSpecValidator({**AUTH, **module.ARGUMENT_SPEC}).validate(arguments)
    assert not validation.error_messages
    said = [] if lines is None else lines
    return execute(module.run, validation.validated_parameters, check, True, said.append)
