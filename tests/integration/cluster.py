"""A running sandbox as the integration tests see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.build import binaries
from sandbox.cluster import Sandbox
from sandbox.kube import Kube, Object
from sandbox.paths import CHECKOUT

# Several workers of one test run, and several runs on one machine, stay apart.
RUN = f"test-{os.getpid()}"
# The result of one task as JSON, and nothing else.
JSON_OUTPUT = {
    "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
    "ANSIBLE_DEVEL_WARNING": "0",
}
# The Python that runs Ansible, by another of its names: the action plugin can't know it, and ships the module.
_RUNS = Path(Path(sys.executable).with_name("ansible-playbook").read_text().splitlines()[0].removeprefix("#!"))
SHIPPED = next(
    ["-e", f"ansible_python_interpreter={path}"]
    for path in sorted(_RUNS.parent.glob("python*"))
    if path != _RUNS and path.samefile(_RUNS)
)
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
        programs = binaries()
        folders = (Path(sys.executable).parent, programs["helm"].parent, programs["kubectl"].parent)
        return inherited | {
            "KUBECONFIG": str(self.kubeconfig),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": ":".join([*map(str, folders), os.environ["PATH"]]),
        }

    def playbook(self, *arguments: str, cwd: Path = CHECKOUT, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run ansible-playbook against this cluster; with `check`, a failed run fails the test with its output."""
        result = subprocess.run(
            ["ansible-playbook", *arguments],
            env=self.environment(),
            cwd=cwd,
            capture_output=True,
            text=True,
            check=False,
        )
        if check and result.returncode != 0:
            pytest.fail(f"ansible-playbook {' '.join(arguments)}\n{result.stdout}\n{result.stderr}", pytrace=False)
        return result

    def site(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run site.yml with the one value that has no default, and the charts that can be had here."""
        return self.playbook("playbooks/site.yml", *self.values(), *arguments, check=check)

    def values(self) -> list[str]:
        """Return the variables that every playbook needs here, as ansible-playbook's arguments."""
        given = {
            "seldon_git_repository": GIT_REPOSITORY,
            "seldon_charts_repository": self.sandbox.charts_url,
            "validate_report_dir": str(self.sandbox.state / "report"),
        }
        return ["-e", json.dumps(given)]

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
            env=self.environment() | JSON_OUTPUT,
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            return json.loads(result.stdout)["plays"][0]["tasks"][0]["hosts"]["cluster"]
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
