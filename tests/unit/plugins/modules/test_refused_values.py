"""Credentials that are no texts end a task before it has written anything."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.modules import (
    seldon_apply,
    seldon_credentials,
    seldon_es_credentials,
)

from tests.unit.apiserver import ApiServer

PLACE = {"name": "s", "namespace": "n"}
SECRET = {"apiVersion": "v1", "kind": "Secret", "metadata": PLACE}
GOOD = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "good", "namespace": "n"}}


@pytest.mark.parametrize(
    ("module", "given", "told"),
    [
        (seldon_apply, {"resources": [GOOD, {**SECRET, "stringData": {"a": None, "b": True}}]}, ["a is null", "b is"]),
        (seldon_credentials, {**PLACE, "secrets": {"password": 4711}, "generate": ["other"]}, ["secrets.password"]),
        (seldon_credentials, {**PLACE, "copies": [{**PLACE, "name": "c", "values": {"tls": False}}]}, ["copies[0]"]),
        (seldon_es_credentials, {"external": {"password": True}, "targets": [PLACE]}, ["external.password is a bool"]),
        (seldon_es_credentials, {"external": {"password": 4711}, "targets": [PLACE]}, ["external.password is a num"]),
        (seldon_es_credentials, {"external": {"password": None}, "targets": [PLACE]}, ["external.password is empty"]),
    ],
)
def test_nothing_is_written_and_no_value_is_shown(module: Any, given: dict[str, Any], told: list[str]) -> None:
    checked = ArgumentSpecValidator(module.ARGUMENT_SPEC).validate(given)
    assert not checked.error_messages
    server = ApiServer()
    with pytest.raises(EngineError) as error:
        module.run(server, checked.validated_parameters, False, [].append)
    assert all(each in str(error.value) for each in told)
    assert "4711" not in str(error.value)
    assert server.writes == []


def test_what_is_to_go_need_not_be_right() -> None:
    server = ApiServer(SECRET)
    given = {"resources": [{**SECRET, "stringData": {"a": None}}], "state": "absent"}
    params = ArgumentSpecValidator(seldon_apply.ARGUMENT_SPEC).validate(given).validated_parameters
    assert seldon_apply.run(server, params, False, [].append)["summary"] == {"deleted": 1}
