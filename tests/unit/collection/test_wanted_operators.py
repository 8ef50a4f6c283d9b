"""What a role installs is one list, empty when its mode installs nothing: every reader of it gets the same.

The readers really run, against the recorder (`recording.py`): one host installs everything, one nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from tests.plays import SHARED
from tests.unit.collection.recording import recorded
from tests.unit.collection.typed_reads import CHECKOUT, argument_specs

Call = tuple[str, str, dict[str, Any]]  # role, module, arguments

# The mode of each role that installs nothing.
NOTHING = {
    "service_mesh": "existing",
    "serverless": "existing",
    "elasticsearch": "external",
    "logging": "none",
    "gitops": "existing",
    "kafka": "external",
}
ROLES = [*NOTHING, "seldon_core_v1"]
HOSTS = {
    "installs": {},
    "uses": {
        **{f"{role}_mode": mode for role, mode in NOTHING.items()},
        "seldon_elasticsearch_url": "https://elasticsearch.example.com:9200",
        "elasticsearch_external": {"password": "x"},
        "seldon_kafka_bootstrap": "kafka.example.com:9092",
    },
}
TABLE = [(host, role) for host in HOSTS for role in ROLES]


def play() -> dict[str, Any]:
    """Return a play with all readers: preflight, the joint request of site.yml, main, and validation."""
    site = yaml.safe_load((CHECKOUT / "playbooks/site.yml").read_text())[0]["tasks"]
    joint = [task for task in site if "seldon.openshift.seldon_operator" in task]
    opened = [("preflight", "main"), *((role, file) for file in ("main", "validate") for role in ROLES)]
    imports = [
        {"ansible.builtin.import_role": {"name": f"seldon.openshift.{role}", "tasks_from": file}}
        for role, file in opened
    ]
    return {"hosts": "clusters", "gather_facts": False, "tasks": [SHARED, *joint, *imports]}


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Call]]:
    found, output = recorded([play()], HOSTS, tmp_path_factory.mktemp("operators"))
    assert output.count("failed=0") == len(HOSTS), output
    lines = {host: [json.loads(line) for line in each] for host, each in found.items()}
    return {host: [(role, module, args) for role, _task, module, args in each] for host, each in lines.items()}


def wanted(host: str, role: str, key: str = "name") -> list[str]:
    """Return what a host wants of a role: a value of each operator."""
    operators = argument_specs()[role][f"{role}_operators"]["default"]
    return [operator[key] for operator in operators] if host == "installs" or role not in NOTHING else []


def offered(host: str, role: str) -> list[tuple[str, str]]:
    """Return the package and the catalogue of each operator that a host wants of a role."""
    return list(zip(wanted(host, role), wanted(host, role, "source"), strict=True))


def named(source: str) -> str:
    """Return the name of the catalogue that the variable in `source` has by default."""
    return str(argument_specs()["common"][source.strip("{ }")]["default"])


def asked(calls: list[Call], role: str | None, module: str) -> Iterator[dict[str, Any]]:
    """Yield the arguments that a role (None: the playbook) gave a module."""
    return (args for each, called, args in calls if (each, called) == (role, module))


def names(operators: list[dict[str, Any]]) -> list[str]:
    return [operator["name"] for operator in operators]


@pytest.mark.parametrize(("host", "role"), TABLE)
def test_main_installs_what_the_mode_says(calls: dict[str, list[Call]], host: str, role: str) -> None:
    found = list(asked(calls[host], role, "seldon_operator"))
    # One that has nothing else to do either may leave the module out.
    assert {tuple(names(args["operators"])) for args in found} <= {tuple(wanted(host, role))}
    assert found or not wanted(host, role)


@pytest.mark.parametrize(("host", "role"), TABLE)
def test_validation_looks_for_what_the_mode_says(calls: dict[str, list[Call]], host: str, role: str) -> None:
    *_before, last = asked(calls[host], role, "seldon_check")
    assert names(last["settings"]["operators"]) == wanted(host, role)


@pytest.mark.parametrize("host", HOSTS)
def test_a_whole_run_requests_those_of_all_roles_at_once_and_waits_for_none(
    calls: dict[str, list[Call]], host: str
) -> None:
    (joint,) = asked(calls[host], None, "seldon_operator")
    assert joint["wait"] is False
    assert sorted(names(joint["operators"])) == sorted(name for role in ROLES for name in wanted(host, role))
    # The mesh has the longest chain behind it, and Seldon Core v1 waits for the mesh.
    assert names(joint["operators"])[: len(wanted(host, "service_mesh"))] == wanted(host, "service_mesh")
    assert names(joint["operators"])[-1:] == wanted(host, "seldon_core_v1")


@pytest.mark.parametrize("host", HOSTS)
def test_preflight_looks_for_the_catalogues_of_what_is_installed(calls: dict[str, list[Call]], host: str) -> None:
    *_before, last = asked(calls[host], "preflight", "seldon_preflight")
    sources = {name: named(source) for role in ROLES for name, source in offered(host, role)}
    assert last["catalogs"] == list(dict.fromkeys(sources.values()))
    assert {each["name"]: each["source"] for each in last["operators"]} == sources
    assert last["catalog_variables"].keys() >= set(sources.values())
