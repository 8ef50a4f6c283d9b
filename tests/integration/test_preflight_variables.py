"""Misspelt variables and values of the wrong shape, wherever a user gave them: told at once, no cluster asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

import pytest
import yaml

from sandbox.kube import Object
from sandbox.paths import CHECKOUT

# Nobody listens there: whatever is told was told before a cluster was asked.
NOWHERE: Object = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "nowhere", "cluster": {"server": "https://127.0.0.1:1"}}],
    "users": [{"name": "nobody", "user": {"token": "none"}}],
    "contexts": [{"name": "nowhere", "context": {"cluster": "nowhere", "user": "nobody"}}],
    "current-context": "nowhere",
}
LOCAL = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
# What site.yml begins with, alone.
JUDGED = [
    {
        "hosts": "seldon_clusters",
        "gather_facts": False,
        "tasks": [{"ansible.builtin.import_tasks": str(CHECKOUT / "playbooks/tasks/variables.yml")}],
    }
]
SECRET = "geheim"
MISSPELT = {
    "elasticsearch_memorry": "elasticsearch: did you mean elasticsearch_memory?",
    "kafka_replcas": "kafka: did you mean kafka_replicas?",
    "gitops_tokn": "gitops: did you mean gitops_token?",
    "monitoring_timeuot": "monitoring: did you mean monitoring_timeout?",
}


def play(folder: Path, *options: str, plays: object = None) -> CompletedProcess[str]:
    """Run site.yml, or `plays`, with those options; the files that it needs go to the folder."""
    (folder / "kubeconfig").write_text(json.dumps(NOWHERE))
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "ANSIBLE_"))}
    command = str(Path(sys.executable).with_name("ansible-playbook"))
    return subprocess.run(
        [command, "playbooks/site.yml" if plays is None else "/dev/stdin", *options],
        input=json.dumps(plays),
        env=inherited | {"KUBECONFIG": str(folder / "kubeconfig"), "ANSIBLE_NOCOLOR": "1"},
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )


def told(result: CompletedProcess[str]) -> str:
    """Return what a user saw, without the line breaks of a narrow terminal."""
    return " ".join((result.stdout + result.stderr).split())


def warnings(result: CompletedProcess[str]) -> list[str]:
    """Return the warnings of misspelt variables, each as often as it was printed."""
    return [part for part in told(result).split("[WARNING]: ")[1:] if "is not a variable of the role" in part]


@pytest.fixture
def misspelt(tmp_path: Path) -> list[str]:
    """The options of a run that misspells a variable in the inventory, beside it, by itself and in a file."""
    inventory = tmp_path / "inventory"
    (inventory / "group_vars").mkdir(parents=True)
    hosts = {"cluster": {**LOCAL, "elasticsearch_memorry": "4Gi", "elasticsearch_memory": "4Gi"}}
    (inventory / "hosts.yml").write_text(yaml.safe_dump({"seldon_clusters": {"hosts": hosts}}))
    (inventory / "group_vars/all.yml").write_text("monitoring_timeuot: 5\n")
    (tmp_path / "values.yml").write_text(f"gitops_tokn: {SECRET}\nseldon_host: https://127.0.0.1:1\n")
    return ["-i", str(inventory), "-e", "kafka_replcas=5", "-e", f"@{tmp_path}/values.yml"]


def test_misspelt_variables_are_warned_of_wherever_they_were_given(tmp_path: Path, misspelt: list[str]) -> None:
    result = play(tmp_path, *misspelt, plays=JUDGED)
    assert result.returncode == 0, told(result)
    found = {warning.split()[0]: warning for warning in warnings(result)}
    assert [
        name for name, words in MISSPELT.items() if f"is not a variable of the role {words}" not in found[name]
    ] == []
    assert (set(found), len(warnings(result))) == (set(MISSPELT), len(MISSPELT))
    assert SECRET not in told(result)


def test_warnings_of_variables_end_when_they_are_ignored(tmp_path: Path, misspelt: list[str]) -> None:
    quiet = play(tmp_path, *misspelt, "-e", '{"preflight_ignore": ["variables"]}', plays=JUDGED)
    assert (quiet.returncode, warnings(quiet)) == (0, [])


def test_variables_of_the_play_are_judged_and_those_of_other_roles_and_results_are_not(tmp_path: Path) -> None:
    theirs = tmp_path / "roles/postgresql_server"
    for name, content in {"defaults": {"postgresql_users": []}, "vars": {"kafka_package": "k"}}.items():
        (theirs / name).mkdir(parents=True)
        (theirs / name / "main.yml").write_text(yaml.safe_dump(content))
    (tmp_path / "file.yml").write_text("logging_nmespaces: []\n")
    judged: Object = {
        **JUDGED[0],
        "vars": {"kafka_replcas": 5, "kafka_timeout": "{{ soon }}"},
        "vars_files": [str(tmp_path / "file.yml")],
        "roles": [str(theirs), "seldon.openshift.common"],
        "pre_tasks": [{"ansible.builtin.set_fact": {"unrelated": True}, "register": "kafka_result"}],
    }
    # What a role has for itself is none of its variables.
    given = {"postgresql_users": ["a"], "seldon_gitops_namespaces": ["a"]}
    result = play(tmp_path, "-e", json.dumps(given), plays=[judged])
    assert result.returncode == 0, told(result)
    names = {"kafka_replcas", "logging_nmespaces", "seldon_gitops_namespaces"}
    assert {warning.split()[0] for warning in warnings(result)} == names


def test_values_of_the_wrong_shape_are_refused_all_at_once_before_the_first_request(tmp_path: Path) -> None:
    given = [
        'kafka_config={"a": 1}',
        'seldon_model_namespaces=[{"name": "a"}]',
        "kafka_timeout=soon",
        "monitoring_alertmanager_policy=maybe",
        "serverless_mode=knative",
        "elasticsearch_network_policy=no",
        json.dumps(
            {"gitops_token": [SECRET], "seldon_deploy_oidc": {"clientid": "a", "client_secret": "{{ vaulted }}"}}
        ),
    ]
    result = play(tmp_path, *(option for value in given for option in ("-e", value)))
    assert result.returncode != 0
    message = told(result).partition("Nothing was written, because this is in the way (input):")[2]
    words = [
        """kafka_config is text, not a mapping -e '{"kafka_config": {}}'""",
        """seldon_model_namespaces is text, not a list """
        """-e '{"seldon_model_namespaces": [{"name": "seldon", "v2": true}, """
        """{"name": "seldon-gitops", "gitops": true}]}'""",
        "kafka_timeout is 'soon', not a whole number -e kafka_timeout=900",
        "monitoring_alertmanager_policy is 'maybe', not true or false -e monitoring_alertmanager_policy=true",
        "serverless_mode is 'knative', not one of install, existing",
        "gitops_token is a list, not text",
        "seldon_deploy_oidc has clientid, which is none of client_id,",
    ]
    assert [each for each in words if each not in message] == []
    assert "elasticsearch_network_policy" not in message
    # A default that is computed from a wrong value is not what to type anew.
    assert "model_namespace_list" not in message
    assert "preflight_ignore" not in message
    assert SECRET not in told(result)


@pytest.mark.parametrize(
    ("ignored", "words"),
    [
        (["nix", "variables"], "preflight_ignore[0] is 'nix', not one of variables, version,"),
        ({"nix": 1}, "preflight_ignore is a mapping, not a list"),
    ],
)
def test_a_wrong_name_to_ignore_is_refused_with_everything_else(tmp_path: Path, ignored: object, words: str) -> None:
    given = json.dumps({"preflight_ignore": ignored, "kafka_config": "a"})
    result = play(tmp_path, "-i", "lab,", "-e", given, plays=[{**JUDGED[0], "hosts": "all", "vars": LOCAL}])
    message = told(result).partition("Nothing was written, because this is in the way (input):")[2]
    assert [each for each in (words, "kafka_config is text, not a mapping") if each not in message] == []
    assert "value of ignore must be" not in told(result)


def test_the_example_inventory_is_right_in_every_variable(tmp_path: Path) -> None:
    # The vault is closed: what needs it can't be judged, the rest can.
    example = str(CHECKOUT / "inventories/example")
    closed = {"seldon_api_key": "none", "seldon_ca_cert": "", "seldon_kubeconfig": str(tmp_path / "kubeconfig")}
    result = play(tmp_path, "-i", example, "-e", json.dumps({**closed, "seldon_context": "nowhere"}), plays=JUDGED)
    assert result.returncode == 0, told(result)
    assert warnings(result) == []
