"""The guide's own commands, `guide.sh`, on a cluster that was installed by hand: what running them again costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.clusters import Cluster, sandbox_named, say
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
        byhand.prepare(cluster.folder)
        yield cluster


def follow(cluster: Cluster) -> Cost:
    """Run all commands of the guide, one after the other. Raises CommandFailed."""
    given = byhand.filled_in(cluster.sandbox, cluster.folder)
    return cluster.commands.run("bash", str(SCRIPT), cwd=cluster.folder, environment=given)


def changed(output: str) -> list[str]:
    """Return the lines that tell of changed objects; kubectl says nothing of what it replaces or annotates."""
    return [line for line in output.splitlines() if CHANGED.search(line)]
