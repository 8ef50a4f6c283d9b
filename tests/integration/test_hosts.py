"""Whom the playbooks run for, through the real ansible-playbook, from an empty folder and without any cluster."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import ansible_runner
import pytest

CHECKOUT = Path(__file__).parents[2]
PLAYBOOKS = [
    *(f"seldon.openshift.{path.stem}" for path in sorted((CHECKOUT / "playbooks").glob("*.yml"))),
    str(CHECKOUT / "add_namespace.yml"),
]
# Who listed localhost for a reason of their own, as most of AWX's inventories do.
LISTED = {"all": {"hosts": {"localhost": None, "web1": None}}}
FOREIGN = {"all": {"hosts": {"web1": None, "web2": None}}}
CLUSTERS = {"seldon_clusters": {"hosts": {"production": None, "staging": None}}, "web": {"hosts": {"web1": None}}}
NO_CLUSTERS = {**FOREIGN, "seldon_clusters": {}}

Inventory = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder to start from; no Ansible has a home beside it."""
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


def users(folder: Path) -> dict[str, str]:
    """Return the environment of a user who has the collection, and neither configuration nor cluster."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    known = {"ANSIBLE_COLLECTIONS_PATH": str(CHECKOUT / ".collections"), "ANSIBLE_NOCOLOR": "1"}
    return {"HOME": str(folder.parent), "PATH": path, "LC_ALL": "C.UTF-8", **known}


def playbook(folder: Path, inventory: Inventory | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ansible-playbook in `folder`, with an inventory beside it if there is one."""
    if inventory is not None:
        file = folder.parent / "inventory.json"
        file.write_text(json.dumps(inventory))
        arguments = ("--inventory", str(file), *arguments)
    command = ["ansible-playbook", *arguments]
    return subprocess.run(command, cwd=folder, env=users(folder), capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("inventory", "limit", "hosts"),
    [
        (None, [], ["localhost"]),
        (LISTED, [], ["localhost"]),
        (FOREIGN, ["--limit", "web2"], ["web2"]),
        (CLUSTERS, ["--limit", "web:seldon_clusters"], ["production", "staging"]),
    ],
)
def test_every_playbook_starts_for_its_hosts(
    folder: Path, inventory: Inventory | None, limit: list[str], hosts: list[str]
) -> None:
    # One start of Ansible for all of them.
    result = playbook(folder, inventory, "--list-hosts", "--list-tasks", *limit, *PLAYBOOKS)
    listed = re.findall(r"^    hosts \(\d+\):\n((?:      \S+\n)*)    tasks:\n +(.+?)\t", result.stdout, re.MULTILINE)
    assert result.returncode == 0, result.stderr
    assert [(sorted(names.split()), task) for names, task in listed] == [
        (hosts, "Connect to localhost without SSH") for _ in PLAYBOOKS
    ]


# That all of them ask in the same way is seen above; the error ends Ansible, so each has a start of its own.
@pytest.mark.parametrize("name", ["seldon.openshift.site", "seldon.openshift.uninstall", PLAYBOOKS[-1]])
def test_hosts_that_nobody_named_are_an_error(folder: Path, name: str) -> None:
    result = playbook(folder, FOREIGN, "-e", "confirm=no", name)
    assert result.returncode > 0
    assert_one_error(
        result,
        "The inventory has no group seldon_clusters: which of its hosts is the cluster, web1 or web2? "
        "Nothing was done.\nNext: put the cluster into the group seldon_clusters, or name it: --limit HOST "
        "(with ansible_connection: local, unless modules shall run there)\n",
    )


LIMIT_OF_CLUSTERS = "--limit web1 fits no host of the group seldon_clusters, which holds production and staging."


@pytest.mark.parametrize(
    ("inventory", "arguments", "message"),
    [
        (CLUSTERS, ["--limit", "web1", "--list-hosts"], LIMIT_OF_CLUSTERS),
        (CLUSTERS, ["--limit", "web1", "--syntax-check"], LIMIT_OF_CLUSTERS),
        (CLUSTERS, ["--limit", "web1", "--check"], LIMIT_OF_CLUSTERS),
        (NO_CLUSTERS, ["--list-tasks"], "The inventory's group seldon_clusters holds no host."),
        (None, ["--limit", "production"], "--limit production fits no host: the inventory is empty."),
    ],
)
def test_a_play_for_nobody_is_an_error(
    folder: Path, inventory: Inventory | None, arguments: list[str], message: str
) -> None:
    result = playbook(folder, inventory, *arguments, "seldon.openshift.preflight")
    assert result.returncode > 0
    assert_one_error(result, message)


def assert_one_error(result: subprocess.CompletedProcess[str], message: str) -> None:
    assert message in result.stderr
    assert len(re.findall("ERROR", result.stderr)) == 1, result.stderr
    assert "Traceback" not in result.stderr
    assert "PLAY [" not in result.stdout


def test_a_playbook_of_ones_own_runs_for_localhost_up_to_its_own_message(folder: Path) -> None:
    play = folder.parent / "own.yml"
    play.write_text(json.dumps([{"import_playbook": "seldon.openshift.add_namespace"}]))
    result = playbook(folder, None, str(play))
    assert result.returncode > 0
    assert "Name the namespaces" in result.stdout + result.stderr
    assert re.search(r"^localhost +: ok=2 +changed=0 +unreachable=0 +failed=1 ", result.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("given", "said", "python"),
    [
        ({}, {}, ["local", sys.executable]),
        ({"ansible_python_interpreter": "/python"}, {}, ["local", "/python"]),
        ({}, {"ansible_connection": "local", "ansible_python_interpreter": "/python"}, ["local", "/python"]),
        ({"ansible_connection": "ssh", "ansible_host": "bastion"}, {}, ["ssh", ""]),
        ({"ansible_host": "bastion"}, {}, ["", ""]),
    ],
)
def test_localhost_is_reached_as_the_inventory_says(
    folder: Path, given: dict[str, str], said: dict[str, str], python: list[str]
) -> None:
    inventory = {"all": {"hosts": {"localhost": given, "web1": None}, "vars": said}}
    ends = {"ansible_connection": "", "ansible_python_interpreter": ""}
    shown = [f"{{{{ hostvars.localhost.{name} | default('{none}') }}}}" for name, none in ends.items()]
    play = folder.parent / "own.yml"
    play.write_text(
        json.dumps(
            [
                {"import_playbook": "seldon.openshift.doctor"},
                {"hosts": "localhost", "gather_facts": False, "tasks": [{"debug": {"msg": shown}, "tags": "always"}]},
            ]
        )
    )
    result = playbook(folder, inventory, "--tags", "none", str(play))
    assert result.returncode == 0, result.stdout
    (message,) = re.findall(r'"msg": (\[.*?\])', result.stdout, re.DOTALL)
    assert json.loads(message) == python


@pytest.mark.parametrize(("inventory", "ended"), [(LISTED, "Name the namespaces"), (FOREIGN, "--limit HOST")])
def test_a_job_of_ansible_runner_fails_where_it_would_do_nothing(
    folder: Path, inventory: Inventory, ended: str
) -> None:
    job = ansible_runner.run(
        private_data_dir=str(folder),
        inventory=inventory,
        playbook="seldon.openshift.add_namespace",
        envvars=users(folder),
        quiet=True,
    )
    assert job.status == "failed"
    assert ended in job.stdout.read()
