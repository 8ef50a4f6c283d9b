"""Every module as an ordinary one, shipped to a Python of its own: the same results as inside Ansible's process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from sandbox.kube import Object
from sandbox.paths import CHECKOUT
from tests.integration.cluster import JSON_OUTPUT, SHIPPED, Cluster

CONFIG_MAP = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "default"}}
NAMESPACE = {"namespace": "default"}
NAMED = {"api_version": "v1", "kind": "Namespace", "name": "default"}
# One task for each module, in check mode: what it says must not depend on where it runs.
TASKS: dict[str, Object] = {
    "seldon_alertmanager_receiver": {"url": "https://deploy.example.com"},
    "seldon_annotate": {**NAMED, "annotations": {"a": "b"}},
    "seldon_apply": {"resources": [CONFIG_MAP]},
    "seldon_check": {"chapter": "namespaces", "settings": {"names": ["default", "nowhere"]}},
    "seldon_cluster_info": {"objects": {"namespaces": {"api_version": "v1", "kind": "Namespace", "name": "default"}}},
    "seldon_credentials": {"name": "s", **NAMESPACE, "values": {"user": "u"}},
    "seldon_doctor": {"namespaces": ["default"], "path": "/nowhere/doctor.tar.gz"},
    "seldon_es_credentials": {"external": {"password": "p"}, "targets": [NAMESPACE]},
    "seldon_gitops_known_hosts": {**NAMESPACE, "state": "absent"},
    "seldon_gitops_project": {"name": "p", **NAMESPACE, "destinations": [NAMESPACE]},
    "seldon_gitops_release": {**NAMESPACE, "project": "p"},
    "seldon_gitops_trusted_ca": {**NAMESPACE, "state": "absent"},
    "seldon_log_forwarder": {"inputs": [{"name": "i", "application": {"namespaces": ["default"]}}]},
    "seldon_mesh_member": {"members": ["default"]},
    "seldon_mesh_repair": {"name": "basic", **NAMESPACE},
    "seldon_monitoring_config": {"settings": {"enableUserWorkload": True}},
    "seldon_operator": {"operators": [{"name": "amq-streams", **NAMESPACE}]},
    "seldon_platform_info": {"namespaces": ["default"], "releases": [{"name": "r", "namespaces": ["default"]}]},
    "seldon_preflight": {"catalogs": ["redhat-operators"], "ignore": ["helm"]},
    "seldon_pull_secret": {**NAMESPACE, "name": "none", "state": "absent"},
    "seldon_release": {"name": "r", **NAMESPACE, "state": "absent"},
    "seldon_restart": {"secrets": [{"name": "s", **NAMESPACE}]},
    "seldon_template_instance": {"name": "t", **NAMESPACE, "template": "postgresql-persistent", "secret": "s"},
    "seldon_token_secret": NAMESPACE,
    "seldon_trusted_ca": {"name": "d", **NAMESPACE, "state": "absent"},
    "seldon_try_model": {"step": "log", "core": "v1", **NAMESPACE},  # without a name, it fails
    "seldon_upgrade_info": {"operators": {"kafka": [{"name": "amq-streams", **NAMESPACE}]}},
    "seldon_wait": {"resources": [{"api_version": "v1", "kind": "Namespace", "name": "default"}]},
}
OTHERS = {f"seldon_{name}" for name in ("backup", "helm", "refuse", "render", "report", "restore")}
# What only one of the two ways can say.
BESIDE = ("invocation", "progress", "warnings", "deprecations", "exception")


def results(cluster: Cluster, play: Path, *options: str) -> dict[str, Object]:
    done = subprocess.run(
        ["ansible-playbook", str(play), *options],
        env=cluster.environment() | JSON_OUTPUT,
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    tasks = json.loads(done.stdout)["plays"][0]["tasks"]
    return {task["task"]["name"]: plain(task["hosts"]["cluster"]) for task in tasks}


def plain(result: Object) -> Object:
    return {key: value for key, value in result.items() if key not in BESIDE and not key.startswith("_ansible")}


def test_there_is_a_task_for_every_module() -> None:
    modules = {path.stem for path in (CHECKOUT / "plugins/modules").glob("seldon_*.py")}
    # These are actions of their own: they run on the controller, always, run another module, or ask no cluster.
    elsewhere = {"backup", "chart", "helm", "refuse", "render", "report", "restore"}
    assert modules - {f"seldon_{name}" for name in elsewhere} == TASKS.keys()


def play(folder: Path, *tasks: Object) -> Path:
    path = folder / "play.json"
    path.write_text(json.dumps([{"hosts": "seldon_clusters", "gather_facts": False, "tasks": tasks}]))
    return path


def task(name: str) -> Object:
    return {"name": name, f"seldon.openshift.{name}": TASKS[name], "ignore_errors": True}


def test_a_shipped_module_says_what_it_says_inside(empty_cluster: Cluster, tmp_path: Path) -> None:
    every = play(tmp_path, *map(task, TASKS))
    inside = results(empty_cluster, every, "--check", "--diff")
    shipped = results(empty_cluster, every, "--check", "--diff", *SHIPPED)
    assert inside.keys() == shipped.keys() == TASKS.keys()
    for name, result in inside.items():
        assert "unsupported parameters" not in str(result.get("msg", "")).lower(), result
        assert "MODULE FAILURE" not in str(shipped[name]), shipped[name]
        assert shipped[name] == result, name


def test_an_asynchronous_task_says_what_it_says_inside(empty_cluster: Cluster, tmp_path: Path) -> None:
    """Without check mode, which older versions of Ansible refuse together with `async`."""
    wait = task("seldon_wait")
    later = {**wait, "name": "later", "async": 60, "poll": 1}
    found = results(empty_cluster, play(tmp_path, wait, later))
    assert found["later"]["ansible_job_id"]
    assert found["seldon_wait"].items() <= found["later"].items()
