"""The filters, as functions and, once, through Ansible."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.filter.gitops_destinations import gitops_destinations
from ansible_collections.seldon.openshift.plugins.filter.helm_values import helm_values
from ansible_collections.seldon.openshift.plugins.filter.namespace_names import namespace_names

CHECKOUT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (" a , b-1  c,", ["a", "b-1", "c"]),
        ("[a, b]", ["a", "b"]),
        ('["a","b"]', ["a", "b"]),
        ("- a\n- name: b\n  gitops: true\n", ["a", "b"]),
        (["b", {"name": "a"}], ["b", "a"]),
        ([7, "007"], ["7", "007"]),
        ("12:30", None),
        ("[0-9, no]", None),
        ("", []),
        ([], []),
        ("x" * 63, ["x" * 63]),
        ("x" * 64, None),
        ("A", None),
        ("a.b", None),
        ("-a", None),
        (["a\n"], None),
        ([None], None),
        ([{"names": "a"}], None),
        ({"name": "a"}, None),
        (7, None),
        ("[a", None),
    ],
)
def test_namespaces_in_every_form(given: Any, names: list[str] | None) -> None:
    if names is None:
        with pytest.raises(AnsibleFilterError):
            namespace_names(given)
    else:
        assert namespace_names(given) == names


def test_all_bad_names_are_told_at_once() -> None:
    with pytest.raises(AnsibleFilterError) as failure:
        namespace_names("Team_A,ok,twice,twice,seldon-system", reserved=["seldon-system"])
    told = str(failure.value)
    assert all(part in told for part in ("'Team_A': a name has", "'twice': given twice", "'seldon-system': meant"))
    assert "'ok'" not in told


def test_destinations() -> None:
    here = {"namespace": "a", "server": "https://kubernetes.default.svc"}
    assert gitops_destinations(["a"]) == [here]
    assert gitops_destinations(["a", "b"], server="https://x")[1] == {"namespace": "b", "server": "https://x"}


@pytest.mark.parametrize(
    ("parts", "values"),
    [
        (({"a": {"b": 1, "c": [1, 2]}}, {"a": {"c": [3]}}), {"a": {"b": 1, "c": [3]}}),
        (({"a": {"b": 1}}, {"a": {"b": None}}), {"a": {"b": None}}),
        (({"a": None}, {}, {"x": {"y": None}}), {"a": None, "x": {"y": None}}),
        (({"a": None}, {"a": {"b": 1}}), {"a": {"b": 1}}),
        (({"a": {"b": 1}}, {"a": {}}), {"a": {"b": 1}}),
        (("a: {b: =}\n", "a: {b: null}\n", {"a": {"c": "2"}}), {"a": {"b": None, "c": "2"}}),
        (("# nothing\n", {"a": 1}), {"a": 1}),
    ],
)
def test_values_are_merged_and_null_survives(parts: tuple[Any, ...], values: Any) -> None:
    assert helm_values(*parts) == values


@pytest.mark.parametrize("bad", ["- a", "a: [", "a: 1\n---\nb: 1", 7])
def test_values_that_are_no_mapping_are_refused(bad: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="part 2"):
        helm_values({}, bad)


def test_ansible_leaves_templates_of_others_alone(tmp_path: Path) -> None:
    text = "curl: '{{ .TokenHeader }} {% $labels %}'\nempty: null\n"
    (tmp_path / "values.yaml").write_text(text)
    read = f"lookup('ansible.builtin.file', '{tmp_path}/values.yaml')"
    shown = f"{read} | seldon.openshift.helm_values({{'more': {{'a': 1}}}})"
    play = [
        {
            "hosts": "localhost",
            "gather_facts": False,
            "vars": {"values": f"{{{{ {shown} }}}}"},
            "tasks": [
                {
                    "name": "Write",
                    "ansible.builtin.copy": {
                        "dest": f"{tmp_path}/seen.json",
                        "content": "{{ [values, 'a,b' | seldon.openshift.namespace_names"
                        " | seldon.openshift.gitops_destinations] | to_json }}",
                    },
                }
            ],
        }
    ]
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "/dev/stdin"]
    done = subprocess.run(command, cwd=CHECKOUT, input=json.dumps(play), capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    values, destinations = json.loads((tmp_path / "seen.json").read_text())
    assert values == {"curl": "{{ .TokenHeader }} {% $labels %}", "empty": None, "more": {"a": 1}}
    assert [each["namespace"] for each in destinations] == ["a", "b"]
