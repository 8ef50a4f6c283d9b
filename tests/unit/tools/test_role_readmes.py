"""READMEs of roles: how they are made of argument specs and playbooks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools.markup import markdown
from tools.options import traits
from tools.role_readmes import (
    Role,
    Use,
    example,
    guide,
    playbooks,
    read,
    render,
    shared_names,
    tags_of,
    uses_in,
    uses_of_playbook,
    variable,
)

CHECKOUT = Path(__file__).parents[3]
ROLES = {role.name: role for role in read(CHECKOUT)}


@pytest.mark.parametrize("name", ROLES)
def test_links_lead_to_headings(name: str) -> None:
    folder = CHECKOUT / "roles" / name
    links = re.findall(r"\]\(([^)#]*)#?([^)]*)\)", (folder / "README.md").read_text())
    local = [link for link in links if not link[0].startswith("https://")]
    targets = [((folder / (file or "README.md")), heading) for file, heading in local]
    assert [str(file) for file, heading in targets if not file.exists()] == []
    assert [heading for file, heading in targets if heading and f"\n### `{heading}`\n" not in file.read_text()] == []


@pytest.mark.parametrize("name", ROLES)
def test_every_variable_has_a_heading(name: str) -> None:
    headings = re.findall(r"^### `(\w+)`$", (CHECKOUT / "roles" / name / "README.md").read_text(), re.MULTILINE)
    assert headings == list(ROLES[name].options)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("V(auto) or C(oc get)", "`auto` or `oc get`"),
        ("see O(kafka_mode=external)", "see [`kafka_mode=external`](#kafka_mode)"),
        ("the role P(seldon.openshift.validate#role)", "the role [`validate`](../validate/README.md)"),
        ("M(seldon.openshift.seldon_wait)", "`seldon.openshift.seldon_wait`"),
        (
            "O(seldon.openshift.common#role:main:seldon_mesh_namespace)",
            "[`seldon_mesh_namespace`](../common/README.md#seldon_mesh_namespace)",
        ),
        (
            "O(seldon.openshift.seldon_operator#module:operators)",
            "`operators` of `seldon.openshift.seldon_operator`",
        ),
        ("a * b, my_name, [x] <y>", r"a \* b, my\_name, \[x\] \<y\>"),
        ("C(a `b` c)", "`` a `b` c ``"),
        (
            "B(bold) I(italic) U(https://e.com) L(text,https://e.com)",
            "**bold** *italic* <https://e.com> [text](https://e.com)",
        ),
    ],
)
def test_markup_becomes_markdown(text: str, expected: str) -> None:
    assert markdown("kafka", text) == [expected]


def test_markup_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(ValueError, match=r"V\("):
        markdown("kafka", "V(open")


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        ({"type": "str", "default": ""}, "str; empty by default"),
        ({"type": "bool", "default": False}, "bool; default `false`"),
        ({"type": "str", "choices": ["a", "b"], "default": "a"}, "str; one of `a`, `b`; default `a`"),
        ({"type": "list", "elements": "str", "default": []}, "list of str; default `[]`"),
        ({"type": "dict", "default": {"type": "ephemeral"}}, "dict; default `{type: ephemeral}`"),
        ({"type": "str", "required": True}, "str; required"),
        ({"type": "str", "default": "", "no_log": True}, "str; empty by default; never shown in output"),
    ],
)
def test_traits(option: dict[str, Any], expected: str) -> None:
    assert traits(option) == expected


def test_a_long_default_is_a_block_and_inner_options_are_a_list() -> None:
    option = {
        "type": "list",
        "elements": "dict",
        "default": [{"name": "amq-streams", "namespace": "{{ seldon_operators_namespace }}", "also": ["one", "two"]}],
        "description": ["First.", "Second."],
        "options": {"name": {"type": "str", "required": True, "description": "Name of it."}},
    }
    assert variable("kafka", "kafka_operators", option) == [
        *("### `kafka_operators`", "", "list of dict", "", "The default:", "", "```yaml", "- name: amq-streams"),
        '  namespace: "{{ seldon_operators_namespace }}"',
        *("  also:", "    - one", "    - two", "```", "", "First.", "", "Second.", ""),
        *("- `name` (str; required): Name of it.", ""),
    ]


PLAYBOOK = """
- hosts: all
  pre_tasks:
    - ansible.builtin.import_role: {name: seldon.openshift.preflight}
      tags: [preflight, always]
  tasks:
    - block:
        - ansible.builtin.include_role: {name: seldon.openshift.kafka, tasks_from: wait}
      tags: kafka
    - ansible.builtin.import_role: {name: somebody.elses.kafka}
    - ansible.builtin.debug: {msg: hello}
"""
TASKS = """
- block:
    - ansible.builtin.import_role: {name: seldon.openshift.kafka, tasks_from: refuse}
  tags: kafka
- ansible.builtin.import_role: {name: seldon.openshift.gitops, tasks_from: refuse.yml}
"""


def test_uses_of_roles_are_found_in_blocks_and_in_other_roles(tmp_path: Path) -> None:
    (tmp_path / "preflight/tasks").mkdir(parents=True)
    (tmp_path / "preflight/tasks/main.yml").write_text(TASKS)
    (tmp_path / "site.yml").write_text(PLAYBOOK)
    assert list(uses_of_playbook(tmp_path / "site.yml", tmp_path)) == [
        Use("site", "preflight", "main", ("preflight", "always")),
        Use("site", "kafka", "refuse", ("kafka",)),
        Use("site", "gitops", "refuse", ("preflight", "always")),
        Use("site", "kafka", "wait", ("kafka",)),
    ]


def test_uses_of_roles_are_found_in_the_files_of_a_playbook(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks/collect.yml").write_text(TASKS)
    imported = {"ansible.builtin.import_tasks": "tasks/collect.yml", "tags": "always"}
    (tmp_path / "drift.yml").write_text(json.dumps([{"hosts": "all", "tasks": [imported]}]))
    assert list(uses_of_playbook(tmp_path / "drift.yml", tmp_path)) == [
        Use("drift", "kafka", "refuse", ("always", "kafka")),
        Use("drift", "gitops", "refuse", ("always",)),
    ]


def test_a_file_without_tasks_uses_nothing() -> None:
    assert list(uses_in(None)) == []


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        (("kafka",), "`kafka`"),
        (("preflight", "kafka"), "`kafka`"),
        (("kafka", "always"), "`kafka`, `always`"),
        (("kafka", "one", "two", "three"), "`kafka`, and those of 3 roles that need it"),
        (("credentials",), "`credentials`"),
        ((), ""),
    ],
)
def test_tags(tags: tuple[str, ...], expected: str) -> None:
    assert tags_of("kafka", [Use("site", "kafka", "main", tags)]) == expected


def test_the_command_with_a_tag_is_printed_only_where_site_has_it() -> None:
    command = "    ansible-playbook seldon.openshift.site --tags kafka"
    tagged = Role("kafka", {}, uses=(Use("site", "kafka", "main", ("kafka",)),))
    bare = Role("kafka", {}, uses=(Use("site", "kafka", "main", ()), Use("validate", "kafka", "main", ("kafka",))))
    assert command in playbooks(tagged)
    assert command not in playbooks(bare)


def test_every_example_is_a_play_or_variables_that_exist() -> None:
    for role in ROLES.values():
        (given,) = [
            yaml.safe_load(part) for part in re.findall("```yaml\n(.*?)```", "\n".join(example(role)), re.DOTALL)
        ]
        values = given if isinstance(given, dict) else given[0].get("vars", {})
        assert {name: role.options[name]["default"] for name in values} == values
        opened = [task["ansible.builtin.import_role"] for task in given[0]["tasks"]] if isinstance(given, list) else []
        assert {entry["name"] for entry in opened} <= {f"seldon.openshift.{role.name}"}
        assert {entry.get("tasks_from", "main") for entry in opened} <= role.entry_points.keys()


def test_shared_variables_are_those_that_the_files_name(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks/main.yml").write_text("- debug: {msg: '{{ seldon_logs_namespace }} {{ seldon_deploy }}'}\n")
    (tmp_path / "README.md").write_text("seldon_mesh_namespace\n")
    names = ["seldon_logs_namespace", "seldon_mesh_namespace", "seldon_logs"]
    assert shared_names(tmp_path, dict.fromkeys(names)) == ("seldon_logs_namespace",)


def test_the_guide_is_linked_where_it_is_spoken_of() -> None:
    assert guide(["With the guide's values."])[0].startswith(
        "The guide is [Seldon's installation guide for OpenShift]("
    )
    assert guide(["A misguided line."]) == []


def test_the_whole_of_a_small_role() -> None:
    options = {"demo_size": {"type": "int", "default": 3, "description": "How many."}}
    specs = {
        "main": {"short_description": "A demo", "description": ["Does C(it)."], "options": options},
        "wait": {"short_description": "Wait for it", "description": "Waits.", "options": options},
    }
    role = Role("demo", specs, ("seldon_mesh_namespace",), (Use("site", "demo", "main", ("demo",)),))
    assert render(role) == WHOLE


WHOLE = """\
<!-- Written by `make texts`; what to edit is meta/argument_specs.yml. -->

# seldon.openshift.demo

A demo.

Does `it`.

## Playbooks

    ansible-playbook seldon.openshift.site --tags demo

| playbook | entry points | tags |
|---|---|---|
| `seldon.openshift.site` | `main` | `demo` |

## Example

On the cluster of the current kubeconfig, with values that are the defaults:

```yaml
- name: Run the role demo
  hosts: localhost
  connection: local
  gather_facts: false
  vars:
    demo_size: 3
  tasks:
    - name: A demo
      ansible.builtin.import_role:
        name: seldon.openshift.demo

    - name: Wait for it
      ansible.builtin.import_role:
        name: seldon.openshift.demo
        tasks_from: wait
```

## Entry points

Without `tasks_from`, the role runs its entry point `main`. The others read variables of the role \
[`seldon.openshift.common`](../common/README.md): a play that does not begin with `main` imports it first.

- `wait`: Wait for it. Waits.

## Variables

### `demo_size`

int; default `3`

How many.

## Shared variables

The role also reads: [`seldon_mesh_namespace`](../common/README.md#seldon_mesh_namespace).
"""
