"""What preflight makes of wrong values and of misspelt variables; the cluster is not asked."""

from __future__ import annotations

from typing import Any, cast

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import Client
from ansible_collections.seldon.openshift.plugins.modules import seldon_preflight

Result = dict[str, Any]
TEXT = """kafka_config is text, not a mapping\n-e '{"kafka_config": {...}}'"""
MEMORY = {"name": "elasticsearch_memorry", "role": "elasticsearch", "nearest": "elasticsearch_memory"}
STRANGE = {"name": "kafka_xyz", "role": "kafka"}


class NoCluster:
    """Stands for a client, and fails when anything is read from it."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the cluster was asked: {name}")


def look(**given: Any) -> Result:
    validation = ArgumentSpecValidator(seldon_preflight.ARGUMENT_SPEC).validate(
        {"checks": ["input", "variables"], **given}
    )
    assert validation.error_messages == []
    return seldon_preflight.run(cast(Client, NoCluster()), validation.validated_parameters, False, print)


def test_without_faults_there_is_nothing_to_tell() -> None:
    result = look()
    assert (result.get("failed"), result["problems"], result["warnings"]) == (None, [], [])


def test_all_wrong_values_stop_the_run_in_one_message() -> None:
    result = look(input=[TEXT, "there is no host in the URL", TEXT])
    assert result["failed"]
    assert result["msg"] == (
        "Nothing was written, because this is in the way (input):\n"
        "- kafka_config is text, not a mapping\n"
        """    -e '{"kafka_config": {...}}'\n"""
        "- there is no host in the URL"
    )


def test_misspelt_variables_are_only_warned_of() -> None:
    result = look(misspelt=[MEMORY, STRANGE])
    assert "failed" not in result
    assert result["warnings"] == [
        "elasticsearch_memorry is not a variable of the role elasticsearch: did you mean elasticsearch_memory?",
        "kafka_xyz is not a variable of the role kafka: ansible-doc -t role seldon.openshift.kafka lists them",
    ]


def test_warnings_of_variables_end_when_they_are_ignored() -> None:
    result = look(misspelt=[MEMORY], ignore=["variables"])
    assert (result["problems"], result["warnings"]) == ([], [])


@pytest.mark.parametrize("ignored", [["input"], ["variables", "input"]])
def test_wrong_values_cannot_be_ignored(ignored: list[str]) -> None:
    errors = ArgumentSpecValidator(seldon_preflight.ARGUMENT_SPEC).validate({"ignore": ignored}).error_messages
    assert [error for error in errors if "ignore" in error] != []
