"""Misspelt variables and values of the wrong shape, over the specs of this collection and small ones."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.plugin_utils.variables import (
    PLAYBOOKS,
    REMOVED,
    UNKNOWN,
    Misspelt,
    misspelt,
    mistyped,
    options,
    removed,
    specifications,
)

CHECKOUT = Path(__file__).parents[4]
SPECS = specifications()
EXAMPLE = CHECKOUT / "inventories/example"
SMALL = {
    "kafka": {
        "kafka_mode": {"type": "str", "choices": ["amq_streams", "external"], "default": "amq_streams"},
        "kafka_replicas": {"type": "int", "default": 3},
        "kafka_config": {"type": "dict", "default": {}},
        "kafka_token": {"type": "str", "no_log": True, "default": ""},
        "kafka_tls": {"type": "bool", "default": True},
        "kafka_topics": {"type": "list", "elements": "str", "choices": ["a", "b"], "default": []},
        "kafka_anything": {"type": "list", "elements": "raw", "default": []},
        "kafka_pin": {"type": "int", "no_log": True, "default": 0},
        "kafka_users": {
            "type": "list",
            "elements": "dict",
            "default": [],
            "options": {
                "name": {"type": "str", "required": True},
                "admin": {"type": "bool", "default": False},
                "password": {"type": "str"},
            },
        },
    }
}
TOPICS = """-e '{"kafka_topics": ["a"]}'"""
USERS = """-e '{"kafka_users": [{"name": "foo"}]}'"""


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize(
    ("name", "role", "nearest"),
    [
        ("elasticsearch_memorry", "elasticsearch", "elasticsearch_memory"),
        ("kafka_zookeper_replicas", "kafka", "kafka_zookeeper_replicas"),
        # The longest prefix that fits is the role's.
        ("seldon_deploy_oicd", "seldon_deploy", "seldon_deploy_oidc"),
        ("seldon_core_v1_itsio", "seldon_core_v1", "seldon_core_v1_istio"),
        ("seldon_git_repo", "common", "seldon_git_repository"),
        ("seldon_kubeconfg", "common", "seldon_kubeconfig"),
        # The prefix itself may be what is misspelt, or another role's may be meant.
        ("seldon_dploy_chart", "common", "seldon_deploy_chart"),
        ("kafka_bootstrap", "kafka", "seldon_kafka_bootstrap"),
        ("namespaces_labels", "namespaces", ""),
        # That both names begin alike does not make them near.
        ("elasticsearch_xyz", "elasticsearch", ""),
    ],
)
def test_a_misspelt_variable_is_told_with_the_nearest_name(name: str, role: str, nearest: str) -> None:
    assert misspelt([name], SPECS) == [Misspelt(name, role, nearest)]


def test_other_names_are_not_misspelt() -> None:
    others = ["kafkaesque", "ansible_host", "vault_git_token", "ns", "v2", "confirm"]
    assert misspelt([*others, *PLAYBOOKS], SPECS) == []
    assert misspelt(["postgresql_users"], SPECS, ["postgresql_users"]) == []


def test_what_the_playbooks_read_is_known() -> None:
    texts = [path.read_text() for path in (CHECKOUT / "playbooks").glob("*.yml")]
    read_there = {name for text in texts for name in re.findall(r"\b(seldon_\w+) \| default\(omit\)", text)}
    assert read_there == set(PLAYBOOKS)


def test_the_example_inventory_and_every_default_are_right() -> None:
    hosts = read(EXAMPLE / "hosts.yml")["seldon_clusters"]
    sources = [
        read(EXAMPLE / "group_vars/seldon_clusters.yml"),
        hosts["vars"],
        *hosts["hosts"].values(),
        *(read(path) for path in CHECKOUT.glob("roles/*/defaults/main.yml")),
    ]
    assert [found for source in sources for found in misspelt(source or {}, SPECS)] == []
    computed = "{{"
    plain = [{k: v for k, v in (source or {}).items() if computed not in str(v)} for source in sources]
    assert [found for source in plain for found in mistyped(source, SPECS)] == []


def test_specifications_are_those_of_every_role() -> None:
    assert set(SPECS) == {path.name for path in (CHECKOUT / "roles").iterdir()}
    assert SPECS["kafka"]["kafka_config"]["type"] == "dict"


@pytest.mark.parametrize(
    ("name", "value", "message", "form"),
    [
        ("kafka_config", '{"a": 1}', "kafka_config is text, not a mapping", """-e '{"kafka_config": {}}'"""),
        ("kafka_config", ["a"], "kafka_config is a list, not a mapping", """-e '{"kafka_config": {}}'"""),
        ("kafka_config", None, "kafka_config is empty, not a mapping", """-e '{"kafka_config": {}}'"""),
        ("kafka_topics", "a,b", "kafka_topics is text, not a list", TOPICS),
        (
            "kafka_topics",
            ["a", "c"],
            "kafka_topics[1] is 'c', not one of a, b",
            """-e '{"kafka_topics": ["a"]}'""",
        ),
        ("kafka_users", '[{"name": "a"}]', "kafka_users is text, not a list", USERS),
        ("kafka_users", {"name": "a"}, "kafka_users is a mapping, not a list", USERS),
        ("kafka_users", ["a"], "kafka_users[0] is text, not a mapping", USERS),
        ("kafka_users", [{"name": "a"}, {"admin": "true"}], "kafka_users[1] lacks name", USERS),
        (
            "kafka_users",
            [{"name": "a", "admin": "maybe"}],
            "kafka_users[0].admin is 'maybe', not true or false",
            USERS,
        ),
        (
            "kafka_users",
            [{"name": "a", "amdin": True}],
            "kafka_users[0] has amdin, which is none of admin, name, password",
            USERS,
        ),
        ("kafka_users", [{"name": "a", "password": ["geheim"]}], "kafka_users[0].password is a list, not text", USERS),
        ("kafka_replicas", "three", "kafka_replicas is 'three', not a whole number", "-e kafka_replicas=3"),
        ("kafka_replicas", "1.5", "kafka_replicas is '1.5', not a whole number", "-e kafka_replicas=3"),
        ("kafka_tls", "maybe", "kafka_tls is 'maybe', not true or false", "-e kafka_tls=true"),
        (
            "kafka_mode",
            "strimzi",
            "kafka_mode is 'strimzi', not one of amq_streams, external",
            "-e kafka_mode=amq_streams or -e kafka_mode=external",
        ),
        ("kafka_token", {"value": "geheim"}, "kafka_token is a mapping, not text", "-e kafka_token=..."),
        ("kafka_pin", "geheim", "kafka_pin is text, not a whole number", "-e kafka_pin=0"),
    ],
)
def test_a_value_of_the_wrong_shape_is_told_with_the_form_to_type(
    name: str, value: Any, message: str, form: str
) -> None:
    (told,) = mistyped({name: value}, SMALL)
    assert told == f"{message}\n{form}"
    assert "geheim" not in told


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("kafka_replicas", [5, "5"]),
        ("kafka_tls", [True, "true", "True", "yes", "1", 1, "off", "n"]),
        ("kafka_mode", ["external"]),
        ("kafka_token", ["geheim", 12, True, "", None]),
        ("kafka_config", [{}, {"a": 1}]),
        ("kafka_topics", [[], ["a", "b"]]),
        ("kafka_anything", [["a", {"name": "b"}, 1]]),
        ("kafka_users", [[], [{"name": 1, "admin": "no"}], [{"name": "a", "password": None}]]),
        ("somebody_elses", ["{"]),
        # What can't be known yet fits, at every depth.
        ("kafka_config", [UNKNOWN]),
        ("kafka_users", [UNKNOWN, [UNKNOWN], [{"name": UNKNOWN, "admin": UNKNOWN}]]),
        ("kafka_replicas", [UNKNOWN]),
    ],
)
def test_every_form_that_ansible_reads_is_good(name: str, values: list[Any]) -> None:
    assert [told for value in values for told in mistyped({name: value}, SMALL)] == []


def test_what_to_type_for_a_list_or_a_mapping_is_right_for_every_variable() -> None:
    known = {name: spec for specs in SPECS.values() for name, spec in specs.items()}
    wrong = {name: 5 for name, spec in known.items() if spec.get("type") in ("dict", "list")}
    for told in mistyped(wrong, SPECS):
        option, text = shlex.split(told.splitlines()[1])
        assert option == "-e"
        assert mistyped(json.loads(text), SPECS) == []


def test_a_variable_has_one_remedy_whatever_is_wrong_with_it() -> None:
    told = mistyped({"kafka_users": ["a", {"name": "b", "amdin": True}]}, SMALL)
    assert [USERS in each for each in told] == [False, True]


def test_everything_that_is_wrong_is_told_at_once() -> None:
    given = {"kafka_config": "a", "kafka_replicas": "b", "kafka_users": [{"admin": "c"}]}
    assert [told.split()[0] for told in mistyped(given, SMALL)] == [
        "kafka_config",
        "kafka_replicas",
        "kafka_users[0]",
        "kafka_users[0].admin",
    ]


def test_a_variable_of_an_earlier_release_is_told_with_the_new_one() -> None:
    (told,) = removed(["kafka_version", "gitops_replace_secrets"])
    assert "gitops_replace_secrets" in told
    assert "gitops_conflicts=force" in told
    assert misspelt(["gitops_replace_secrets"], SPECS) == []


def test_what_replaces_a_removed_variable_is_one() -> None:
    known = options(specifications())
    assert [new for new in REMOVED.values() if new.partition("=")[0] not in known] == []
    assert [name for name in REMOVED if name in known] == []
