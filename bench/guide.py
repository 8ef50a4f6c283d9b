"""The guide's own commands, `guide.sh`, on a cluster that was installed by hand: what running them again costs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.clusters import GIT_REPOSITORY, Cluster, sandbox_named, say
from bench.commands import Cost
from tests.integration import byhand

SCRIPT = Path(__file__).with_name("guide.sh")
# What kubectl says of an object that it has changed.
CHANGED = re.compile(r"^\S+ (configured|created|edited|labeled)$", re.MULTILINE)


@contextmanager
def cluster_by_hand() -> Iterator[Cluster]:
    """Give a cluster that was installed by the guide, and the guide's files in its folder. Raises NotInstalled."""
    with sandbox_named("bench") as cluster:
        say("installing everything by hand")
        byhand.install(cluster.sandbox)
        shutil.copytree(byhand.HERE / "manifests", cluster.folder, dirs_exist_ok=True)
        cluster.write("id_rsa", "the private key of a person\n")
        cluster.write("known_hosts", "git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDhq\n")
        yield cluster


def follow(cluster: Cluster) -> Cost:
    """Run all commands of the guide, one after the other. Raises CommandFailed."""
    given = {
        "HOME": str(cluster.folder),
        "CHARTS": cluster.sandbox.charts_url,
        "GIT_REPOSITORY": GIT_REPOSITORY,
        "GIT_SSH_PATH": "id_rsa",
        "GIT_KNOWN_HOSTS_PATH": "known_hosts",
        "GIT_USER": "a person",
        "GIT_EMAIL": "person@example.com",
    }
    return cluster.commands.run("bash", str(SCRIPT), cwd=cluster.folder, environment=given)


def changed(output: str) -> list[str]:
    """Return the lines that tell of changed objects; kubectl says nothing of what it replaces or annotates."""
    return [line for line in output.splitlines() if CHANGED.search(line)]
