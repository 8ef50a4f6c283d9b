"""Clusters for the integration tests: real control planes, started from snapshots where that is quicker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.cluster import Sandbox, Settings
from sandbox.kube import Kube, Object
from sandbox.paths import CHECKOUT

# Several workers of one test run, and several runs on one machine, stay apart.
RUN = f"test-{os.getpid()}"
GIT_REPOSITORY = "https://git.example.com/acme/models"


@dataclass(frozen=True)
class Cluster:
    """A running sandbox as a test sees it."""

    sandbox: Sandbox

    @property
    def kubeconfig(self) -> Path:
        """The kubeconfig of the cluster's admin."""
        return self.sandbox.kubeconfig

    @property
    def kube(self) -> Kube:
        """A client that bypasses the audit log's readers: what a test looks at is not what it counts."""
        return Kube(str(self.sandbox.state / "components.kubeconfig"))

    def environment(self) -> dict[str, str]:
        """Return the environment in which commands of a user reach this cluster and no other."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "ANSIBLE_"))}
        return inherited | {
            "KUBECONFIG": str(self.kubeconfig),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }

    def playbook(self, *arguments: str, cwd: Path = CHECKOUT, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook against this cluster; with `check`, a failed run fails the test with its output."""
        result = subprocess.run(
            ["ansible-playbook", *arguments], env=self.environment(), cwd=cwd, capture_output=True, text=True, check=False
        )
        if check and result.returncode != 0:
            pytest.fail(f"ansible-playbook {' '.join(arguments)}\n{result.stdout}\n{result.stderr}", pytrace=False)
        return result

    def site(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run site.yml with the one value that has no default."""
        return self.playbook(
            "playbooks/site.yml", "-e", f"seldon_git_repository={GIT_REPOSITORY}", *arguments, check=check
        )

    def task(self, module: str, arguments: Object, *options: str) -> Object:
        """Run one module by FQCN in a play of its own and return its result, failed or not."""
        play = [
            {
                "hosts": "seldon_clusters",
                "gather_facts": False,
                "tasks": [{"name": "The task", module: arguments}],
            }
        ]
        result = subprocess.run(
            ["ansible-playbook", "/dev/stdin", *options],
            input=json.dumps(play),
            env=self.environment() | {"ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json", "ANSIBLE_DEVEL_WARNING": "0"},
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            start = result.stdout.index('{\n    "custom_stats"')
            return json.loads(result.stdout[start:])["plays"][0]["tasks"][0]["hosts"]["cluster"]
        except (ValueError, LookupError):
            return pytest.fail(f"no result of {module}:\n{result.stdout}\n{result.stderr}", pytrace=False)

    def requests(self, run: Callable[[], object]) -> list[Object]:
        """Return the API requests, as audit events, that a user made while `run` ran."""
        log = self.sandbox.state / "audit.log"
        start = log.stat().st_size
        run()
        with log.open("rb") as handle:
            handle.seek(start)
            return [json.loads(line) for line in handle.read().splitlines()]


def recap(result: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Return the counts of the last line of a playbook's output: ok, changed, failed …."""
    line = [line for line in result.stdout.splitlines() if line.startswith("cluster ")][-1]
    return {key: int(value) for key, value in (pair.split("=") for pair in line.split(":")[1].split())}


@pytest.fixture(scope="session")
def snapshot_of_empty() -> Iterator[str]:
    """The label of a snapshot of a fresh cluster, made once for the run."""
    label = f"{RUN}-empty"
    sandbox = Sandbox(label)
    try:
        sandbox.up(Settings())
        sandbox.snapshot(label)
        sandbox.down()
        yield label
    finally:
        sandbox.down()
        sandbox.remove_snapshot(label)


@pytest.fixture(scope="module")
def empty_cluster(snapshot_of_empty: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A fresh OpenShift of its own for each test module, with nothing of ours on it."""
    yield from _restored(snapshot_of_empty, request)


@pytest.fixture(scope="session")
def snapshot_of_finished(snapshot_of_empty: str) -> Iterator[str]:
    """The label of a snapshot of a cluster on which site.yml ran to its end, made once for the run."""
    label = f"{RUN}-finished"
    sandbox = Sandbox(label)
    try:
        sandbox.restore(snapshot_of_empty)
        Cluster(sandbox).site()
        sandbox.snapshot(label)
        sandbox.down()
        yield label
    finally:
        sandbox.down()
        sandbox.remove_snapshot(label)


@pytest.fixture(scope="module")
def finished_cluster(snapshot_of_finished: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster of its own for each test module, on which site.yml ran to its end."""
    yield from _restored(snapshot_of_finished, request)


def _restored(label: str, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    module = request.module.__name__.rpartition(".")[2].replace("_", "-")
    sandbox = Sandbox(f"{RUN}-{module}")
    try:
        sandbox.restore(label)
        yield Cluster(sandbox)
    finally:
        sandbox.down()
