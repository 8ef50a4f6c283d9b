"""The filters, as functions and, once, through Ansible."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.seldon.openshift.plugins.filter.awaited_together import awaited_together
from ansible_collections.seldon.openshift.plugins.filter.boolean import boolean
from ansible_collections.seldon.openshift.plugins.filter.deploy_secrets import deploy_secrets
from ansible_collections.seldon.openshift.plugins.filter.eck_manifest import eck_manifest, quantity
from ansible_collections.seldon.openshift.plugins.filter.gitops_destinations import gitops_destinations
from ansible_collections.seldon.openshift.plugins.filter.helm_values import helm_values
from ansible_collections.seldon.openshift.plugins.filter.model_namespaces import model_namespaces
from ansible_collections.seldon.openshift.plugins.filter.namespace_names import namespace_names
from ansible_collections.seldon.openshift.plugins.filter.namespace_problems import namespace_problems
from ansible_collections.seldon.openshift.plugins.filter.quantity_problems import quantity_problems
from ansible_collections.seldon.openshift.plugins.filter.text_problems import text_problems

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
    assert all(part in told for part in ("'Team_A': a name has", "'twice': given twice", "'seldon-system': reserved"))
    assert "'ok'" not in told


@pytest.mark.parametrize("name", ["no", "on", "y", "null", "1", "007", "1e3", "true", "0x1f"])
def test_words_and_numbers_of_yaml_are_names_as_texts_and_told_when_yaml_has_read_them(name: str) -> None:
    assert namespace_names(name) == [name]
    assert namespace_names([name, {"name": f"{name}-b"}]) == [name, f"{name}-b"]
    (read,) = yaml.safe_load(f"[{name}]")
    if not isinstance(read, (str, int)) or isinstance(read, bool):
        with pytest.raises(AnsibleFilterError, match=rf"{read!r} is .*needs quotes"):
            namespace_names([read])


@pytest.mark.parametrize("name", ["seldon-logs", "openshift-monitoring", "kube-system"])
def test_reserved_names_may_be_patterns(name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"'{name}': reserved"):
        namespace_names(name, reserved=["seldon-logs", "openshift-*", "kube-*"])


CONFIGURED = [{"name": "a", "gitops": True, "argocd_app": "models"}, {"name": "b", "v2": True}]
THERE = [
    {"name": "c", "labels": {"seldon.gitops": "enabled", "argocdapp": "other"}},
    {"name": "d", "labels": {"seldon.gitops": "disabled"}},
    {"name": "a", "labels": None},
]


@pytest.mark.parametrize(
    ("given", "flags", "entries"),
    [
        ("x,y", {}, [{"name": "x"}, {"name": "y"}]),
        ("x", {"gitops": "true", "v2": "no"}, [{"name": "x", "gitops": True, "v2": False}]),
        ("a", {}, [CONFIGURED[0]]),
        ("a", {"gitops": "false"}, [{**CONFIGURED[0], "gitops": False}]),
        ("[{name: b, gitops: true}]", {"gitops": False}, [{"name": "b", "v2": True, "gitops": True}]),
        ("c,d", {}, [{"name": "c", "gitops": True, "argocd_app": "other"}, {"name": "d"}]),
        ("c", {"gitops": False}, [{"name": "c", "gitops": False, "argocd_app": "other"}]),
        ([{"name": 7, "gitops": "yes", "v2": 0}], {}, [{"name": "7", "gitops": True, "v2": False}]),
        # A null says nothing.
        ([{"name": "a", "gitops": None}], {}, [CONFIGURED[0]]),
        ("x", {"v2": "perhaps"}, None),
        ([{"name": "x", "gitops": "perhaps"}], {}, None),
        # What is no name is told with all other names, by namespace_names.
        ("X,7", {}, [{"name": "X"}, {"name": "7"}]),
        ("[a", {}, None),
    ],
)
def test_what_is_wanted_of_namespaces(given: str, flags: dict[str, Any], entries: list[dict[str, Any]] | None) -> None:
    if entries is None:
        with pytest.raises(AnsibleFilterError):
            model_namespaces(given, CONFIGURED, THERE, **flags)
    else:
        assert model_namespaces(given, CONFIGURED, THERE, **flags) == entries


@pytest.mark.parametrize(
    ("forms", "meant"),
    [
        ((True, "true", "True", " TRUE ", "yes", "on", "y", "t", "1", 1), True),
        ((False, "false", "False", " FALSE ", "no", "off", "n", "f", "0", 0, None), False),
    ],
)
def test_a_boolean_in_every_form_that_argument_specs_accept(forms: tuple[Any, ...], meant: bool) -> None:
    assert [form for form in forms if boolean(form) is not meant] == []


@pytest.mark.parametrize("bad", ["maybe", "", "2", 2, [], {}])
def test_what_is_neither_true_nor_false_is_refused(bad: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="is not a boolean: use true or false"):
        boolean(bad)


def test_flags_of_configured_namespaces_are_booleans_too() -> None:
    configured = [{"name": "a", "gitops": "false", "v2": "y"}]
    assert model_namespaces("a", configured, THERE) == [{"name": "a", "gitops": False, "v2": True}]


def test_what_chapters_wait_for_has_the_chapter_and_its_time() -> None:
    kafka, gitops = [{"kind": "Kafka"}, {"kind": "Topic"}], [{"kind": "ArgoCD"}]
    assert awaited_together(["kafka", "none", "gitops"], [kafka, [], gitops], [9, 0, "7"]) == [
        {"kind": "Kafka", "group": "kafka", "timeout": 9},
        {"kind": "Topic", "group": "kafka", "timeout": 9},
        {"kind": "ArgoCD", "group": "gitops", "timeout": 7},
    ]


GUIDE = yaml.safe_load((CHECKOUT / "roles/seldon_deploy/files/values-openshift.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, ["metadata-postgres", "git-creds", "elastic-credentials", "elastic-credentials in logs", "jwt-seldon"]),
        (
            {"requestLogger": {"create": False}, "metadata": {"pg": {"enabled": "no"}}},
            ["git-creds", "elastic-credentials", "jwt-seldon"],
        ),
        (
            {
                "elasticsearch": {"basicAuth": False},
                "gitops": {"argocd": {"enabled": False}},
                "prometheus": {"seldon": {"jwtSecretName": ""}},
            },
            ["metadata-postgres"],
        ),
        (
            {"elasticsearch": {"basicAuth": False}, "prometheus": {"seldon": {"jwtSecretName": None}}},
            ["metadata-postgres", "git-creds"],
        ),
    ],
)
def test_seldon_deploy_reads_what_its_values_switch_on(given: dict[str, Any], read: list[str]) -> None:
    wired = {"gitops": {"git": {"secret": "git-creds"}}}
    found = deploy_secrets(helm_values(GUIDE, wired, given), "system", "logs")
    names = [each["secret"]["name"] + " in logs" * (each["secret"]["namespace"] == "logs") for each in found]
    assert names == read
    assert all(each["keys"] and each["tag"] for each in found)


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
        # What the first values hold as a boolean stays one: to a chart, the text 'false' would be true.
        (({"a": {"b": True}}, {"a": {"b": "false"}}, {"a": {"b": "Yes"}}), {"a": {"b": True}}),
        (({"a": {"b": True}}, {"a": {"b": "False", "c": "false"}}), {"a": {"b": False, "c": "false"}}),
        (({"a": True, "b": "true"}, {"a": "maybe", "b": "false"}), {"a": "maybe", "b": "false"}),
        (({"a": True, "b": True, "c": True}, {"a": 0, "b": None, "c": {}}), {"a": False, "b": None, "c": {}}),
    ],
)
def test_values_are_merged_and_null_survives(parts: tuple[Any, ...], values: Any) -> None:
    # 0 equals False.
    assert json.dumps(helm_values(*parts)) == json.dumps(values)


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


@pytest.mark.parametrize(
    ("given", "short"),
    [
        ("4Gi", "4Gi"),
        ("4096Mi", "4Gi"),
        ("1.5Gi", "1536Mi"),
        ("1023Mi", "1023Mi"),
        ("0.5Ki", "512"),
        (1, "1"),
        ("0.5", "500m"),
        ("2000m", "2"),
        ("2000M", "2G"),
        ("0Gi", "0"),
        ("1e3", "1e3"),
        ("much", "much"),
    ],
)
def test_quantities_are_written_as_kubernetes_programs_do(given: Any, short: str) -> None:
    assert quantity(given) == short


def test_an_elasticsearch_is_completed_as_its_operator_does_and_overrides_win() -> None:
    """Whatever nodeSets somebody gives, the operator's writing of them is no change."""
    claim = {"metadata": {"name": "elasticsearch-data"}, "spec": {"resources": {"requests": {"storage": "1024Gi"}}}}
    container = {"name": "elasticsearch", "resources": {"limits": {"memory": "4096Mi"}}}
    given = {"kind": "Elasticsearch", "spec": {"version": "7.12.1", "nodeSets": [{"name": "default"}]}}
    overrides = {
        "nodeSets": [
            {"name": "hot", "podTemplate": {"spec": {"containers": [container]}}, "volumeClaimTemplates": [claim]},
            {"name": "cold", "podTemplate": {"metadata": {"labels": {"a": "b"}}}},
        ]
    }
    assert eck_manifest(given, overrides)["spec"] == {
        "version": "7.12.1",
        "nodeSets": [
            {
                "name": "hot",
                "podTemplate": {
                    "metadata": {"creationTimestamp": None},
                    "spec": {"containers": [{"name": "elasticsearch", "resources": {"limits": {"memory": "4Gi"}}}]},
                },
                "volumeClaimTemplates": [
                    {**claim, "spec": {"resources": {"requests": {"storage": "1Ti"}}}, "status": {}}
                ],
            },
            {
                "name": "cold",
                "podTemplate": {
                    "metadata": {"creationTimestamp": None, "labels": {"a": "b"}},
                    "spec": {"containers": None},
                },
            },
        ],
    }
    assert eck_manifest({"spec": {"nodeSets": []}}, {"nodeSets": None})["spec"] == {}
    assert eck_manifest({"spec": {"version": "7.12.1"}}, None)["spec"] == {"version": "7.12.1"}


def test_quantities_are_those_that_the_api_server_reads() -> None:
    good = ("1", 1, "500m", "1.5", "4Gi", "100Gi", "1e3", "128M", ".5", "2k")
    bad = ("viel", "4gi", "4 Gi", "-1", "4GB", "", "Gi", "1Kib")
    named = {str(number): value for number, value in enumerate((*good, *bad))}
    found = quantity_problems(named)
    assert [said.split(",")[0] for said in found] == [f"{name} is {named[name]}" for name in list(named)[len(good) :]]


def test_a_chart_that_writes_names_without_quotes_takes_no_words_and_numbers_of_yaml() -> None:
    words = ["no", "y", "null", "007", "1e3"]
    assert namespace_problems([*words, "seldon-system", "a1", "1-a"]) == []
    (told,) = namespace_problems([*words, "seldon-system", "a1", "1-a"], unquoted=True)
    assert "'no', 'y', 'null', '007', '1e3': the chart" in told
    assert namespace_problems(["seldon-system", "a1", "1-a"], unquoted=True) == []


def test_values_that_are_no_texts_are_told_by_name_and_never_shown() -> None:
    given = {"a": "text", "b": "", "c": None, "d": 4711, "e": False, "f": ["4711"], "g": {"h": "4711"}, "i": 0.4711}
    told = text_problems(given)
    assert [each.split()[0] for each in told] == ["d", "e", "f", "g", "i"]
    assert not any("4711" in each for each in told)
