"""Commands in advice carry the names, the inventory and the limit with which the run was started."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.playbook_names import Started
from ansible_collections.seldon.openshift.plugins.plugin_utils.variables import options, specifications

CHECKOUT = Path(__file__).parents[4]
ADVICE = "Type 'ansible-playbook seldon.openshift.site --tags kafka', then ansible-playbook seldon.openshift.validate."


@pytest.fixture
def collection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection's folder that is the current one."""
    folder = tmp_path / "checkout"
    (folder / "playbooks").mkdir(parents=True)
    (tmp_path / "link").symlink_to(folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("playbooks/validate.yml", "playbooks/site.yml"),
        ("./playbooks/validate.yml", "playbooks/site.yml"),
        ("add_namespace.yml", "playbooks/site.yml"),
        ("{root}/checkout/playbooks/site.yml", "{root}/checkout/playbooks/site.yml"),
        ("{root}/link/add_namespace.yml", "{root}/link/playbooks/site.yml"),
        ("../link/playbooks/site.yml", "../link/playbooks/site.yml"),
        ("seldon.openshift.validate", "seldon.openshift.site"),
        ("../mine.yml", "seldon.openshift.site"),
        ("../mine/playbooks/site.yml", "seldon.openshift.site"),
        ("/dev/stdin", "seldon.openshift.site"),
    ],
)
def test_the_name_is_the_one_that_was_typed(collection: Path, typed: str, command: str) -> None:
    arguments = {"args": (typed.format(root=collection.parent),)}
    assert Started.by(arguments, collection).command("site") == f"ansible-playbook {command}".format(
        root=collection.parent
    )


def test_inside_the_folder_of_the_playbooks(collection: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("playbooks")
    assert Started.by({"args": ("validate.yml",)}, collection).command("site") == "ansible-playbook site.yml"
    assert (
        Started.by({"args": ("seldon.openshift.site",)}, collection).command("site")
        == "ansible-playbook seldon.openshift.site"
    )


def test_of_several_playbooks_ours_counts(collection: Path) -> None:
    arguments = {"args": ("../mine.yml", "playbooks/site.yml")}
    assert Started.by(arguments, collection).command("rotate") == "ansible-playbook playbooks/rotate.yml"


@pytest.mark.parametrize("arguments", [{}, {"args": "seldon_clusters"}, {"args": ()}])
def test_who_started_no_playbook_gets_full_names(collection: Path, arguments: dict[str, Any]) -> None:
    assert Started.by(arguments, collection) == Started()


@pytest.mark.parametrize(
    ("given", "options"),
    [
        ({"inventory": ["{here}/inventories/lab"]}, " -i inventories/lab"),
        ({"inventory": ["/etc/my hosts"], "subset": "lab:!edge"}, " -i '/etc/my hosts' --limit 'lab:!edge'"),
        ({"inventory": ["a,b,", "{here}"]}, " -i a,b, -i {here}"),
        ({"inventory": ["{here}/default"]}, ""),
        ({"inventory": ["{here}/default"], "subset": "lab"}, " --limit lab"),
        ({"inventory": ["{here}/default"], "subset": "usual"}, ""),
        ({"inventory": None, "subset": None}, ""),
    ],
)
def test_what_named_the_cluster_is_named_again(collection: Path, given: dict[str, Any], options: str) -> None:
    arguments = json.loads(json.dumps(given).replace("{here}", str(collection)))
    run = Started.by(arguments, collection, [f"{collection}/default"], "usual")
    assert run.options == options.replace("{here}", str(collection))
    assert run.command("site") == f"ansible-playbook seldon.openshift.site{run.options}"


@pytest.mark.parametrize(
    ("given", "repeated"),
    [
        (["@values.yml", "seldon_kafka_namespace=kf"], " -e @values.yml -e seldon_kafka_namespace=kf"),
        (["seldon_kafka_namespace=kf", "@my values.yml"], " -e seldon_kafka_namespace=kf -e '@my values.yml'"),
        (["kafka_replicas=5 kafka_mode=external"], " -e 'kafka_replicas=5 kafka_mode=external'"),
        (['{"kafka_config": {"a": 1}}'], """ -e '{"kafka_config": {"a": 1}}'"""),
        (["seldon_context=lab", "seldon_host=https://a:6443"], " -e seldon_context=lab -e seldon_host=https://a:6443"),
        (["seldon_api_key=geheim", "gitops_token=geheim", "kafka_replicas=5"], " -e kafka_replicas=5"),
        (["kafka_replicas=5 gitops_token=geheim"], ""),
        (['{"seldon_deploy_oidc": {"client_id": "geheim"}}', '{"kafka_config": {"a": [{"password": "geheim"}]}}'], ""),
        (['{"kafka_config": [{"name": "PASSWORD", "value": "geheim"}]}'], ""),
        (["seldon_git_repository=https://me:geheim@git.example.com/a"], ""),
        (["seldon_git_repository=https://me:ge/heim@git.example.com/a"], ""),
        (["seldon_git_repository=https://git.example.com/a?key=geheim"], ""),
        (
            ["seldon_git_repository=https://git.example.com/a"],
            " -e seldon_git_repository=https://git.example.com/a",
        ),
        (["""kafka_config='{"password": "geheim"}'"""], ""),
        (["ns=foo", "gitops=true", "force=true", "confirm=uninstall", "nobody=1", "kafka_replicas=5 ns=foo"], ""),
        (['{"kafka_replicas": ', '["kafka_replicas"]', "kafka_replicas", "", "{1: 2}"], ""),
    ],
)
def test_variables_that_hold_no_secret_are_given_again(given: list[str], repeated: str) -> None:
    run = Started.by({"extra_vars": given, "subset": "lab"})
    assert run.options == f" --limit lab{repeated}"
    told = run.told("ansible-playbook seldon.openshift.site -e kafka_replicas=7")
    assert told == f"ansible-playbook seldon.openshift.site --limit lab{repeated} -e kafka_replicas=7"
    assert run.told(told) == told


@pytest.mark.parametrize(
    "word",
    [
        *("password", "db_passwd", "passphrase", "SSH_PASSPHRASE", "token", "clientSecret"),
        *("api_key", "credentials", "OAUTH", "oidc", "external"),
    ],
)
def test_what_a_word_says_may_be_a_secret_is_not_given_again(word: str) -> None:
    assert Started.by({"extra_vars": [json.dumps({"kafka_config": {"a": [{word: "geheim"}]}})]}).options == ""
    assert Started.by({"extra_vars": [json.dumps({"kafka_config": {"a": [{"name": word, "value": 1}]}})]}).options == ""


@pytest.mark.parametrize(
    "content",
    [
        {"initialSSHKnownHosts": {"keys": "# ours\n[git.example.com]:7999 ssh-ed25519 AAAAkeyOIDC=\nb ssh-rsa AAAA"}},
        {"tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}]},
        {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]},
        {"podAntiAffinity": [{"topologyKey": "zone"}]},
    ],
)
def test_keys_that_are_no_secrets_are_given_again(content: dict[str, Any]) -> None:
    given = json.dumps({"gitops_argocd_overrides": content})
    assert shlex.split(Started.by({"extra_vars": [given]}).options) == ["-e", given]


@pytest.mark.parametrize(
    "content",
    [
        {"keys": "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----"},
        {"keys": "git.example.com ssh-ed25519 AAAA\ngeheim"},
        {"keys": ""},
        {"keys": ["geheim"]},
        {"key": "geheim"},
        {"key": "geheim", "operator": "Exists", "password": "x"},
        {"hostKey": "geheim"},
    ],
)
def test_other_keys_may_be_secrets(content: dict[str, Any]) -> None:
    assert Started.by({"extra_vars": [json.dumps({"gitops_argocd_overrides": content})]}).options == ""


def test_no_variable_that_is_a_secret_is_given_again() -> None:
    secret = sorted(name for name, spec in options(specifications()).items() if spec.get("no_log"))
    assert "gitops_ssh_passphrase" in secret
    for name in secret:
        assert Started.by({"extra_vars": [f"{name}=geheim", json.dumps({name: "geheim"})]}).options == ""


@pytest.mark.parametrize(
    "run", [Started(), Started(options=" -i lab,"), Started(Path("playbooks"), " --limit lab"), Started(Path())]
)
def test_every_text_is_told_once_and_stays_when_it_is_told_again(run: Started) -> None:
    site, validate = run.command("site"), run.command("validate")
    result = {"msg": ADVICE, "rows": [{"do": ADVICE, "count": 3, "none": None}], "other": ("ansible-playbook x.yml",)}
    told = run.told(result)
    text = f"Type '{site} --tags kafka', then {validate}."
    assert told == {
        "msg": text,
        "rows": [{"do": text, "count": 3, "none": None}],
        "other": ["ansible-playbook x.yml"],
    }
    assert run.told(told) == told


def test_a_run_of_a_playbook_of_one_s_own(tmp_path: Path) -> None:
    """Through Ansible: the lookup, and a module's failure."""
    tasks = [
        {"ansible.builtin.debug": {"msg": "{{ lookup('seldon.openshift.playbook_command', 'site') }} --tags kafka"}},
        {
            "seldon.openshift.seldon_report": {
                "directory": str(tmp_path / "report"),
                "checks": [row("ansible-playbook seldon.openshift.site --tags kafka")],
            }
        },
    ]
    (tmp_path / "mine.yml").write_text(json.dumps([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), "mine.yml", "-i", "lab,", "--limit", "la*"],
        cwd=tmp_path,
        env={**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".collections"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
    )
    command = "ansible-playbook seldon.openshift.site -i lab, --limit 'la*' --tags kafka"
    assert f'"msg": "{command}"' in done.stdout, done.stdout + done.stderr
    assert f"\n  {command}  (kafka.ready)\n" in done.stdout
    (written,) = json.loads((tmp_path / "report/report.json").read_text())["checks"]
    assert written["do"] == command


def row(do: str) -> dict[str, str]:
    """Return a row of a check."""
    texts = {"check": "kafka.ready", "chapter": "kafka", "title": "t", "why": "w", "subject": "s", "seen": "x"}
    return {**texts, "status": "warn", "do": do}
