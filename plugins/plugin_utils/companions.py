# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whatever task of a play takes its time, operators that later tasks wait for go on."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.apply.manifests import plain
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.options import NAMES
from ansible_collections.seldon.openshift.plugins.module_utils.kube.polling import Progress
from ansible_collections.seldon.openshift.plugins.module_utils.kube.redaction import Redaction, option_secrets
from ansible_collections.seldon.openshift.plugins.module_utils.module import AUTH
from ansible_collections.seldon.openshift.plugins.module_utils.olm.companions import Companions, Written
from ansible_collections.seldon.openshift.plugins.modules.seldon_operator import OPERATOR_SPEC, operator_of

Values = dict[str, Any]

# The variable of a play with such operators, as the option `meanwhile` of seldon_operator takes them.
NAMED_BY = "seldon_operators_meanwhile"
_SPEC = {**AUTH, "operators": {"type": "list", "elements": "dict", "options": OPERATOR_SPEC}}


def seen_on(
    arguments: Mapping[str, Any], entries: Sequence[Values], progress: Progress
) -> AbstractContextManager[Written]:
    """Return what approves the install plans of the operators `entries` until the block is left.

    arguments: those of the task, of which the ones that name the cluster are used. What cannot be done is left to the
    task that waits for the operators.
    """
    given = {name: value for name, value in arguments.items() if name in NAMES}
    validated = ArgumentSpecValidator(_SPEC).validate(plain({**given, "operators": entries}, "the operators"))
    options, hide = validated.validated_parameters, Redaction()
    client = None if validated.error_messages else _client(options, hide)
    if client is None:
        return nullcontext(list)
    operators = [operator_of(entry, repair=False) for entry in options["operators"]]
    return Companions(client, operators, lambda line: progress(hide(line))).seen_on()


def _client(options: Values, hide: Redaction) -> Client | None:
    """Return a session of their own; None without a cluster, which the task itself tells."""
    try:
        hide.learn(option_secrets(options, os.environ))
        return Client(options, hide=hide)
    except EngineError:
        return None
