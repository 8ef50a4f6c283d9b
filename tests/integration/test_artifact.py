"""The built artifact: what it holds, that it installs the platform from an empty folder, and runs as AWX runs it."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from sandbox.kube import Kube
from tests.integration.cluster import Cluster
from tests.integration.helpers import secrets

CHECKOUT = Path(__file__).parents[2]
PAGE = (CHECKOUT / "docs/execution-environment.md").read_text()
HELD = {
    "CHANGELOG.rst",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "ansible-navigator.yml",
    "bindep.txt",
    "changelogs",
    "docs",
    "examples",
    "execution-environment.yml",
    "inventories",
    "meta",
    "playbooks",
    "plugins",
    "requirements.txt",
    "requirements.yml",
    "roles",
}


def run(cwd: Path, environment: dict[str, str], *command: str) -> str:
    """Run a command, the virtual environment's if it has it, and return its output; its failure fails the test."""
    program = shutil.which(command[0], path=f"{Path(sys.executable).parent}:{os.defpath}")
    assert program, command[0]
    result = subprocess.run(
        [program, *command[1:]],
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert result.returncode == 0, f"{' '.join(command)}\n{result.stdout}"
    return result.stdout


def users(environment: dict[str, str], collections: Path) -> dict[str, str]:
    """Return the environment of a user who installed the artifact into `collections` and has no checkout."""
    kept = {name: value for name, value in environment.items() if not name.startswith("ANSIBLE_")}
    return kept | {"ANSIBLE_COLLECTIONS_PATH": str(collections), "ANSIBLE_NOCOLOR": "1"}


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    run(CHECKOUT, dict(os.environ), "ansible-galaxy", "collection", "build", "--output-path", str(folder))
    (tarball,) = folder.glob("*.tar.gz")
    return tarball


@pytest.fixture(scope="module")
def collections(artifact: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collections path that holds the artifact and nothing else; kubernetes.core is the virtual environment's."""
    path = tmp_path_factory.mktemp("collections")
    run(
        path,
        users(dict(os.environ), path),
        *("ansible-galaxy", "collection", "install", str(artifact), "--collections-path", str(path), "--no-deps"),
    )
    return path


def test_holds_what_users_need_and_nothing_else(artifact: Path) -> None:
    with tarfile.open(artifact) as tarball:
        files = [Path(member.name) for member in tarball if member.isfile()]
    assert artifact.name == "seldon-openshift-1.0.0.tar.gz"
    assert {path.parts[0] for path in files} == HELD
    assert [path for path in files if any(part.startswith((".", "__pycache__")) for part in path.parts)] == []


def test_every_module_is_documented(collections: Path, tmp_path: Path) -> None:
    documented = run(tmp_path, users(dict(os.environ), collections), "ansible-doc", "--list", "seldon.openshift")
    modules = collections.glob("ansible_collections/seldon/openshift/plugins/modules/seldon_*.py")
    assert {line.split()[0] for line in documented.splitlines()} == {
        f"seldon.openshift.{path.stem}" for path in modules
    }


@pytest.mark.parametrize(
    ("kind", "folder"), [("role", "roles"), ("filter", "plugins/filter"), ("lookup", "plugins/lookup")]
)
def test_every_role_filter_and_lookup_is_documented(collections: Path, tmp_path: Path, kind: str, folder: str) -> None:
    documented = run(
        tmp_path, users(dict(os.environ), collections), "ansible-doc", "--type", kind, "--list", "seldon.openshift"
    )
    there = (collections / "ansible_collections/seldon/openshift" / folder).iterdir()
    names = {path.stem for path in there if path.is_dir() or path.suffix == ".py"}
    assert {f"seldon.openshift.{name}" for name in names} <= {word.rstrip(":") for word in documented.split()}


def test_site_yml_runs_from_an_empty_folder(collections: Path, tmp_path: Path, finished_cluster: Cluster) -> None:
    output = run(
        tmp_path,
        users(finished_cluster.environment(), collections),
        *("ansible-playbook", "seldon.openshift.site", *finished_cluster.values()),
    )
    # What the checkout has installed is as the artifact wants it: all of its files are there.
    assert re.search(r"^localhost +: ok=\d+ +changed=0 +unreachable=0 +failed=0 ", output, re.MULTILINE), output


def printed(program: str) -> list[str]:
    """Return the commands of a program that the page prints, but those that need a container engine."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith(f"{program} ")]
    found = [line for line in lines if not line.endswith("# container")]
    assert found, program
    return found


def test_an_image_is_made_of_the_artifact_and_of_what_it_holds(artifact: Path, tmp_path: Path) -> None:
    (tmp_path / artifact.name).write_bytes(artifact.read_bytes())
    for command in printed("tar") + printed("ansible-builder"):
        run(tmp_path, dict(os.environ), *shlex.split(command))
    assert (tmp_path / "context/_build/collections" / artifact.name).read_bytes() == artifact.read_bytes()
    assert (tmp_path / "ansible-navigator.yml").read_text() == (CHECKOUT / "ansible-navigator.yml").read_text()


def test_the_page_installs_the_tools_that_are_tested() -> None:
    pins = (CHECKOUT / "requirements-dev.txt").read_text()
    for command in printed("pip"):
        wanted = Requirement(shlex.split(command)[2])
        tested = re.search(rf"^{wanted.name}==(\S+)", pins, re.MULTILINE)
        assert tested, command
        assert wanted.specifier.contains(tested[1])


def test_ansible_builder_sees_what_the_collection_needs(collections: Path, tmp_path: Path) -> None:
    seen = yaml.safe_load(run(tmp_path, dict(os.environ), "ansible-builder", "introspect", str(collections)))
    python, system = [{re.split(r"[\s<>=!~;]", line)[0] for line in seen[kind]} for kind in ("python", "system")]
    assert "kubernetes" in python
    assert system == {"ca-certificates", "openssh-client", "openssh-clients"}


class Ran:
    """What ansible-runner left of a run of site.yml on two clusters, `east` and `west`."""

    def __init__(self, folder: Path, token: str) -> None:
        self.artifacts, self.reports, self.token = folder / "artifacts/site", folder / "report", token
        files = sorted(self.artifacts.glob("job_events/*.json"), key=lambda file: int(file.name.partition("-")[0]))
        self.events: list[dict[str, Any]] = [json.loads(file.read_text()) for file in files]

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Return what the events of a kind tell, in their order."""
        return [event["event_data"] for event in self.events if event["event"] == kind]

    def printed(self) -> list[str]:
        """Return what is printed beside the results of tasks."""
        return [event["stdout"] for event in self.events if event["event"] == "verbose"]


@pytest.fixture(scope="module")
def ran(collections: Path, finished_cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run by ansible-runner, as the page tells it: its project, its inventory with a host a cluster, its command.

    Both hosts are the same cluster, reached in two ways, so that the two run side by side.
    """
    folder = tmp_path_factory.mktemp("runner")
    token = administrators_token(finished_cluster.kube)
    reached = hosts(finished_cluster, folder, token)
    project = CHECKOUT / "examples/automation-platform/project"
    shared = yaml.safe_load((project / "inventory/group_vars/seldon_clusters.yml").read_text())
    contents = {
        "project/site.yml": yaml.safe_load((project / "site.yml").read_text()),
        "inventory/hosts.yml": {"seldon_clusters": {"hosts": reached, "vars": shared}},
        "env/extravars": json.loads(finished_cluster.values()[1]) | {"validate_report_dir": str(folder / "report")},
    }
    for name, content in contents.items():
        (folder / name).parent.mkdir()
        (folder / name).write_text(json.dumps(content))
    environment = users(finished_cluster.environment(), collections)
    environment |= {"ANSIBLE_STDOUT_CALLBACK": "seldon.openshift.console", "KUBECONFIG": "/dev/null"}
    (command,) = printed("ansible-runner")
    with touched(finished_cluster.kube):
        run(folder, environment, *shlex.split(command.replace("FOLDER", str(folder))))
    return Ran(folder, token)


@contextmanager
def touched(kube: Kube) -> Iterator[None]:
    """Let somebody write to Elasticsearch all the time, so that a run waits for it to stay as it is."""
    over, (obj,) = threading.Event(), kube.list("elasticsearch.k8s.elastic.co/v1", "Elasticsearch", "seldon-logs")

    def touch() -> None:
        for number in count():
            kube.patch(obj, {"metadata": {"annotations": {"touched": str(number)}}})
            if over.wait(5):
                return

    thread = threading.Thread(target=touch)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def hosts(cluster: Cluster, folder: Path, token: str) -> dict[str, dict[str, str]]:
    """Return an inventory's hosts: the cluster by its kubeconfig, and the same cluster by a token."""
    (entry,) = json.loads(cluster.kubeconfig.read_text())["clusters"]
    authority = folder / "ca.crt"
    authority.write_bytes(base64.b64decode(entry["cluster"]["certificate-authority-data"]))
    return {
        "east": {"seldon_kubeconfig": str(cluster.kubeconfig)},
        "west": {"seldon_host": entry["cluster"]["server"], "seldon_api_key": token, "seldon_ca_cert": str(authority)},
    }


def administrators_token(kube: Kube) -> str:
    """Return a token of a new service account that may do everything, valid for two hours."""
    account = {"kind": "ServiceAccount", "name": "awx", "namespace": "default"}
    kube.apply({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "awx", "namespace": "default"}})
    kube.apply(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "awx"},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [account],
        }
    )
    asked = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}}
    answer = kube.request("POST", "/api/v1/namespaces/default/serviceaccounts/awx/token", asked)
    return str(answer["status"]["token"])


def test_ansible_runner_finds_two_clusters_as_they_should_be(ran: Ran) -> None:
    assert [(ran.artifacts / name).read_text() for name in ("rc", "status")] == ["0", "successful"]
    (stats,) = ran.of("playbook_on_stats")
    assert [stats[bad] for bad in ("changed", "failures", "dark", "ignored", "rescued")] == [{}] * 5
    assert set(stats["ok"]) == {"east", "west"}
    assert stats["ok"]["east"] == stats["ok"]["west"]


def test_the_events_of_ansible_runner_tell_each_cluster_s_progress_and_results(ran: Ran) -> None:
    printed = ran.printed()
    for host in ("east", "west"):
        ready = "Elasticsearch seldon-logs/elasticsearch-seldon: ready, phase Ready"
        assert [line for line in printed if host in line and ready in line], host
        done = [each for each in ran.of("runner_on_ok") if each["host"] == host]
        (report,) = [each["res"] for each in done if each["task"] == "Write the report"]
        assert report["counts"].get("fail", 0) == 0
        assert report["counts"]["pass"] > 100
    (end,) = [event["stdout"] for event in ran.events if event["event"] == "playbook_on_stats"]
    lines = re.sub(r"\x1b\[[\d;]*m", "", end).splitlines()
    assert any(re.fullmatch(r"all +[\d.]+ (s|min)", line) for line in lines), end
    assert any(line.startswith("Nothing changed (") for line in lines), end
    assert not any("\x1b[J" in event["stdout"] for event in ran.events), "lines that are drawn again"


def test_each_cluster_of_an_inventory_has_its_report(ran: Ran) -> None:
    kinds = ("junit.xml", "report.html", "report.json")
    assert {path.name for path in ran.reports.iterdir()} == {
        "site.log",
        *(f"{host}-{kind}" for host in ("east", "west") for kind in kinds),
    }


def test_no_secret_is_in_what_ansible_runner_keeps(ran: Ran, finished_cluster: Cluster) -> None:
    (user,) = json.loads(finished_cluster.kubeconfig.read_text())["users"]
    # What is shorter is no password, but a word such as 512Mi.
    values = {value for value in secrets(finished_cluster.kube) if len(value) >= 12}
    values |= {ran.token, user["user"]["client-key-data"]}
    kept = [path.read_text() for path in (*ran.artifacts.rglob("*"), *ran.reports.iterdir()) if path.is_file()]
    assert len(kept) > 100
    assert [value for value in values if any(value in text for text in kept)] == []
