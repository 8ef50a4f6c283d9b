"""The first ten minutes of a stranger: an empty home, an empty folder, the artifact, and README's words, as printed."""

from __future__ import annotations

import base64
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from sandbox.build import binaries
from sandbox.kube import Kube
from tests.integration.cluster import Cluster
from tests.printed import CHECKOUT, blocks, commands, section

README = (CHECKOUT / "README.md").read_text()
MINE = section(README, "On your cluster")
ADMIN = "stranger"
MARK = "======== rc"
NOTHING_CHANGED = re.compile(r"^localhost +: ok=\d+ +changed=0 +unreachable=0 +failed=0 ", re.MULTILINE)
CHANGED = re.compile(r"^localhost +: ok=\d+ +changed=[1-9]\d* +unreachable=0 +failed=0 ", re.MULTILINE)


class Shell:
    """A bash that keeps what its commands set."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._bash = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: str) -> str:
        """Return the command's output. Raises AssertionError with it when the command fails."""
        assert self._bash.stdin
        assert self._bash.stdout
        # A command must not read what comes after it.
        self._bash.stdin.write(f"{command} < /dev/null\ncode=$?; echo; echo {MARK}=$code\n")
        self._bash.stdin.flush()
        lines: list[str] = []
        for line in self._bash.stdout:
            if line.startswith(MARK):
                break
            lines.append(line)
        output = "".join(lines)
        failure = output[max(output.find("\n[ERROR]"), output.find("\nfatal:"), 0) :]
        assert line == f"{MARK}=0\n", f"$ {command}\n{failure}"
        return output

    def end(self) -> None:
        """End bash."""
        self._bash.communicate()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds nothing but what Galaxy would bring beside the collection."""
    path = tmp_path_factory.mktemp("home")
    theirs = path / ".ansible/collections/ansible_collections/kubernetes"
    theirs.mkdir(parents=True)
    installed = Path(sys.prefix) / f"lib/python3.{sys.version_info.minor}/site-packages/ansible_collections"
    shutil.copytree(installed / "kubernetes/core", theirs / "core")
    return path


@pytest.fixture(scope="module")
def folder(home: Path, empty_cluster: Cluster) -> Path:
    """The folder in which the stranger starts: the artifact, and what an administrator of the cluster hands out."""
    path = home / "work"
    path.mkdir()
    built = [str(Path(sys.executable).with_name("ansible-galaxy")), "collection", "build", "--output-path", str(path)]
    subprocess.run(built, cwd=CHECKOUT, check=True, capture_output=True)
    config = yaml.safe_load(empty_cluster.kubeconfig.read_text())
    authority = config["clusters"][0]["cluster"]["certificate-authority-data"]
    (path / "ca.crt").write_bytes(base64.b64decode(authority))
    (path / "token").write_text(token(empty_cluster.kube))
    (values,) = blocks(MINE, "yaml")
    # Seldon's charts are on the internet, which no test asks.
    (path / "values.yml").write_text(f"{values}seldon_charts_repository: {empty_cluster.sandbox.charts_url}\n")
    return path


def token(kube: Kube) -> str:
    """Return a token of a new administrator."""
    account = {"name": ADMIN, "namespace": "default"}
    kube.create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": account})
    binding = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": {"name": ADMIN},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
        "subjects": [{"kind": "ServiceAccount", **account}],
    }
    kube.create(binding)
    request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}}
    path = f"/api/v1/namespaces/default/serviceaccounts/{ADMIN}/token"
    return str(kube.request("POST", path, request)["status"]["token"])


@pytest.fixture(scope="module")
def shell(home: Path, folder: Path) -> Iterator[Shell]:
    """A shell of the stranger, who has a Python, Helm, and nothing else of ours."""
    path = ":".join([str(Path(sys.base_prefix) / "bin"), str(binaries()["helm"].parent), "/usr/bin", "/bin"])
    # The versions that everything else here is tested with.
    pinned = {"PIP_CONSTRAINT": str(CHECKOUT / "requirements-dev.lock"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    index = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    user = {"HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}
    opened = Shell(folder, {**index, **pinned, **user})
    yield opened
    opened.end()


def test_what_readme_prints_takes_a_stranger_from_the_artifact_to_a_finished_cluster_and_back(
    shell: Shell, folder: Path, empty_cluster: Cluster
) -> None:
    kube = empty_cluster.kube

    def namespace(name: str) -> dict[str, str]:
        found = kube.get("v1", "Namespace", name)
        return (found or {}).get("metadata", {}).get("labels") or {}

    # What holds after each command; one that README gains needs its line here.
    after: dict[str, Callable[[str], bool]] = {
        "python3 -m venv ~/seldon": lambda _said: True,
        "source ~/seldon/bin/activate": lambda _said: True,
        "tar -xf seldon-openshift-1.0.0.tar.gz requirements.txt": lambda _said: True,
        "pip install -r requirements.txt": lambda _said: True,
        "ansible-galaxy collection install seldon-openshift-1.0.0.tar.gz": lambda said: "successfully" in said,
        "export K8S_AUTH_HOST=https://api.example.com:6443 K8S_AUTH_SSL_CA_CERT=ca.crt": lambda _said: True,
        'export K8S_AUTH_API_KEY="$(cat token)"': lambda _said: True,
        "ansible-playbook seldon.openshift.preflight -e @values.yml": lambda said: (
            bool(NOTHING_CHANGED.search(said)) and namespace("seldon-system") == {}
        ),
        "ansible-playbook seldon.openshift.site -e @values.yml": lambda said: (
            bool(CHANGED.search(said)) and (folder / "seldon-report/report.html").exists()
        ),
        "ansible-playbook seldon.openshift.site -e @values.yml --tags monitoring": lambda said: bool(
            NOTHING_CHANGED.search(said)
        ),
        "ansible-playbook seldon.openshift.validate -e @values.yml": lambda said: bool(NOTHING_CHANGED.search(said)),
        "ansible-playbook seldon.openshift.add_namespace -e ns=foo": lambda _said: (
            "seldon.restricted" in namespace("foo")
        ),
        "ansible-playbook seldon.openshift.try_model -e ns=foo": lambda said: "Seldon Core v1 works in foo" in said,
        "ansible-playbook seldon.openshift.remove_namespace -e ns=foo": lambda _said: (
            "seldon.restricted" not in namespace("foo")
        ),
        "ansible-playbook seldon.openshift.uninstall -e @values.yml -e confirm=uninstall": lambda _said: (
            kube.get("apps/v1", "Deployment", "seldon-deploy", "seldon-system") is None
        ),
    }
    # No DNS knows the sandbox's Routes.
    router = f"-e try_model_router={empty_cluster.sandbox.router}"
    placeholders = {
        "https://api.example.com:6443": server(empty_cluster),
        "try_model -e ns=foo": f"try_model -e ns=foo {router}",
    }
    printed = [command for block in blocks(MINE, "bash") for command in commands(f"```bash\n{block}```\n")]
    assert printed == list(after)
    for command, holds in after.items():
        typed = command
        for word, value in placeholders.items():
            typed = typed.replace(word, value)
        said = shell.run(typed)
        assert holds(said), f"$ {command}\n{said}"


def server(cluster: Cluster) -> str:
    return str(yaml.safe_load(cluster.kubeconfig.read_text())["clusters"][0]["cluster"]["server"])
