"""Comments above variables: how they are made of argument specs, and that nothing else in a file changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.markup import plain
from tools.variable_comments import WIDTH, NotDescribed, Variable, comment, commented, described, texts

CHECKOUT = Path(__file__).parents[3]


def variable(description: Any, **spec: Any) -> Variable:
    return Variable("kafka", {"description": description, **spec})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("V(auto) or C(oc get -A)", "`auto` or `oc get -A`"),
        ("with O(kafka_mode=external)", "with `kafka_mode=external`"),
        ("as O(seldon.openshift.common#role:main:seldon_logs_namespace)", "as `seldon_logs_namespace`"),
        ("O(seldon.openshift.seldon_operator#module:operators)", "`operators` of `seldon.openshift.seldon_operator`"),
        ("the role P(seldon.openshift.validate#role)", "the role `validate`"),
        ("a * b, my_name, [x] <y>", "a * b, my_name, [x] <y>"),
        ("B(bold) I(italic) U(https://e.com) L(text,https://e.com)", "bold italic https://e.com text (https://e.com)"),
    ],
)
def test_markup_becomes_plain_text(text: str, expected: str) -> None:
    assert plain("kafka", text) == [expected]


def test_each_paragraph_begins_a_line() -> None:
    assert list(comment(variable(["First.", "Second."]))) == ["# First.", "# Second."]


def test_lines_end_between_words_and_never_inside_a_command() -> None:
    command = "C(ansible-playbook seldon.openshift.add_namespace -e ns=foo)"
    lines = list(comment(variable(f"{'word ' * 15}type {command}, {'word ' * 20}end.")))
    assert len(lines) == 3
    assert max(map(len, lines)) <= WIDTH
    assert "`ansible-playbook seldon.openshift.add_namespace -e ns=foo`," in lines[1]


@pytest.mark.parametrize(
    ("description", "kind", "expected"),
    [
        ("V(a) or V(b).", "str", ["# `a` or `b`."]),
        ("V(a) or another.", "str", ["# `a` or another.", "# One of `a`, `b`."]),
        ("What to leave out.", "list", ["# What to leave out.", "# Any of `a`, `b`."]),
    ],
)
def test_choices_are_told_once(description: str, kind: str, expected: list[str]) -> None:
    assert list(comment(variable(description, type=kind, choices=["a", "b"]))) == expected


def test_options_of_the_value_are_told() -> None:
    options = {
        "name": {"type": "str", "required": True, "description": "Name of it."},
        "v2": {"description": "Or not."},
    }
    lines = list(comment(variable("Namespaces.", options=options)))
    assert lines == ["# Namespaces.", "#   name (str; required): Name of it.", "#   v2 (str): Or not."]


BEFORE = """\
---
# What this file holds.

# Old words
# in two lines.
kafka_replicas:   3
kafka_config:
  # Of the value: stays.
  min.insync.replicas: 2  # stays

# --- A heading ---

kafka_mode: "external"
"""
AFTER = """\
---
# What this file holds.

# Number of brokers.
kafka_replicas:   3
# Merged.
kafka_config:
  # Of the value: stays.
  min.insync.replicas: 2  # stays

# --- A heading ---

# Which Kafka.
kafka_mode: "external"
"""
VARIABLES = {
    "kafka_replicas": variable("Number of brokers."),
    "kafka_config": variable("Merged."),
    "kafka_mode": variable("Which Kafka."),
}


def test_only_the_comment_above_a_variable_is_replaced_and_once_is_enough() -> None:
    assert commented(BEFORE, VARIABLES, "main.yml") == AFTER
    assert commented(AFTER, VARIABLES, "main.yml") == AFTER


@pytest.mark.parametrize("known", [{}, {"kafka_mode": Variable("kafka", {"type": "str"})}])
def test_a_variable_without_a_description_is_told_with_its_file(known: dict[str, Variable]) -> None:
    with pytest.raises(NotDescribed, match=r"^roles/kafka/defaults/main.yml: kafka_mode has no description in any"):
        commented("kafka_mode: external\n", known, "roles/kafka/defaults/main.yml")


def test_no_value_of_any_file_changes() -> None:
    files = texts(CHECKOUT)
    assert [file for file, text in files.items() if yaml.safe_load(text) != yaml.safe_load(file.read_text())] == []


def test_all_roles_variables_are_described() -> None:
    variables = described(CHECKOUT / "roles")
    assert variables["seldon_logs_namespace"].role == "common"
    assert variables["kafka_mode"].spec["choices"] == ["amq_streams", "external"]
