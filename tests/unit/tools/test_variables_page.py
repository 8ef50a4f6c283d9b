"""The page of all variables: what the heads of playbooks say, and links that stay on the page."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tools.role_readmes import read
from tools.variables_page import PAGE, Head, connection, head, section, told

CHECKOUT = Path(__file__).parents[3]
PLAYBOOK = """\
---
# Says what is there.
# Changes nothing.
#   -e out=DIR      the folder of the tree
#                   and what is in it
#   --tags a|b      some roles only
#   To get a new password, first:   oc delete secret x -n y
# Then look at it.
- name: Say it  # no part of the head
"""


def test_a_head_is_sentences_and_what_can_be_typed() -> None:
    assert head(PLAYBOOK) == Head(
        ("Says what is there.", "Changes nothing.", "Then look at it."),
        (
            ("-e out=DIR", "the folder of the tree and what is in it"),
            ("--tags a|b", "some roles only"),
            ("To get a new password, first:", "oc delete secret x -n y"),
        ),
    )


def test_what_is_typed_is_code_and_a_bar_ends_no_cell() -> None:
    assert told("site.yml", head(PLAYBOOK)) == [
        *("### `site.yml`", "", "Says what is there. Changes nothing. Then look at it.", ""),
        *("| typed | does |", "|---|---|"),
        "| `-e out=DIR` | the folder of the tree and what is in it |",
        r"| `--tags a\|b` | some roles only |",
        "| To get a new password, first: | `oc delete secret x -n y` |",
        "",
    ]


def test_a_playbook_with_nothing_to_type_has_no_table() -> None:
    assert told("site.yml", Head(("Says it.",), ())) == ["### `site.yml`", "", "Says it.", ""]


def test_the_variables_of_the_connection_are_those_of_the_play() -> None:
    defaults = {"group/seldon.openshift.cluster": {"host": "{{ seldon_host | default(omit) }}"}}
    assert "| `seldon_host` | `host` |" in connection(defaults)


def test_every_variable_of_every_role_has_a_heading_of_its_own() -> None:
    headings = re.findall(r"^### `(\w+)`$", (CHECKOUT / PAGE).read_text(), re.MULTILINE)
    specs = CHECKOUT.glob("roles/*/meta/argument_specs.yml")
    mains = [yaml.safe_load(file.read_text())["argument_specs"]["main"] for file in specs]
    assert sorted(headings) == sorted(name for main in mains for name in main.get("options") or {})


def test_a_role_s_variables_are_linked_on_the_page() -> None:
    (kafka,) = [role for role in read(CHECKOUT) if role.name == "kafka"]
    page = "\n".join(section(kafka))
    assert "](#seldon_conflicts)" in page
    assert "README.md" not in page
