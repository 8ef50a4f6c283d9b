"""Sandboxes to measure on: started, used, and removed again, whatever happens meanwhile."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.commands import Commands, Cost
from sandbox.build import binaries
from sandbox.cluster import Sandbox, Settings
from tests.integration.cluster import GIT_REPOSITORY

# What would lead a command to another cluster, or to other settings than a checkout's.
FOREIGN = ("K8S_AUTH_", "ANSIBLE_", "HELM_", "KUBE")
TASKS = re.compile(r"\((\d+) tasks? in ")


@dataclass(frozen=True)
class Cluster:
    """A sandbox that runs, and a folder for what is applied to it."""

    sandbox: Sandbox
    folder: Path

    @cached_property
    def commands(self) -> Commands:
        """Commands that reach this cluster and no other, by the sandbox's own kubectl and Helm."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(FOREIGN)}
        programs = binaries()
        folders = (Path(sys.executable).parent, programs["helm"].parent, programs["kubectl"].parent)
        own = {
            "KUBECONFIG": str(self.sandbox.kubeconfig),
            "ANSIBLE_NOCOLOR": "1",
            "PATH": ":".join([*map(str, folders), os.environ["PATH"]]),
        }
        return Commands(inherited | own, self.sandbox.state / "audit.log")

    def playbook(self, name: str, *arguments: str, environment: Mapping[str, str] | None = None) -> Cost:
        """Run a playbook of the checkout with the variables that it needs here. Raises CommandFailed."""
        values = {
            "seldon_git_repository": GIT_REPOSITORY,
            "seldon_charts_repository": self.sandbox.charts_url,
            "validate_report_dir": str(self.sandbox.state / "report"),
        }
        command = ("ansible-playbook", name, "-e", json.dumps(values), *arguments)
        return self.commands.run(*command, environment=environment)

    def site(self, *arguments: str) -> Cost:
        """Run site.yml. Raises CommandFailed."""
        return self.playbook("playbooks/site.yml", *arguments)

    def write(self, name: str, content: str) -> str:
        """Write a file into the folder and return its path."""
        path = self.folder / name
        path.write_text(content, encoding="utf-8")
        return str(path)


@contextmanager
def sandbox_named(name: str) -> Iterator[Cluster]:
    """Give a sandbox that is not started yet; remove it at the end, also of a run that is interrupted."""
    sandbox = Sandbox(name, say)
    try:
        sandbox.down()
        with TemporaryDirectory() as folder:
            yield Cluster(sandbox, Path(folder))
    finally:
        sandbox.down()


@contextmanager
def empty(profile: str = "fast") -> Iterator[Cluster]:
    """Give a fresh OpenShift with these latencies."""
    with sandbox_named("bench") as cluster:
        cluster.sandbox.up(Settings(profile=profile))
        yield cluster


@contextmanager
def finished() -> Iterator[Cluster]:
    """Give a cluster on which site.yml ran to its end."""
    with empty() as cluster:
        say("installing everything")
        cluster.site()
        yield cluster


def tasks_of(output: str) -> int:
    """Return how many tasks a run had, from its last line. Raises ValueError when there is none."""
    found = TASKS.search(output)
    if found is None:
        raise ValueError("the run has not printed how many tasks it had")
    return int(found.group(1))


def say(line: str) -> None:
    """Show a line of progress, apart from the rows."""
    print(f"  {line}", file=sys.stderr, flush=True)
