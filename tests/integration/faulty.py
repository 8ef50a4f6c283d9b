"""A cluster behind the proxy that lets requests fail."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sandbox.paths import CHECKOUT
from tests.integration.cluster import Cluster

EXPORT = "export KUBECONFIG="


@dataclass(frozen=True)
class Faulty(Cluster):
    """The same cluster, seen through a proxy that writes its kubeconfig and its faults to `log`."""

    log: Path

    @property
    def kubeconfig(self) -> Path:
        return Path(self.log.read_text().splitlines()[0].removeprefix(EXPORT))

    def faults(self) -> list[str]:
        """Return the kinds of the faults so far."""
        return [line.split()[0] for line in self.log.read_text().splitlines()[1:]]


@contextmanager
def behind_faults(cluster: Cluster, log: Path, *options: str) -> Iterator[Faulty]:
    """Start a proxy with `options` in front of the cluster; it ends with the context."""
    command = [sys.executable, "-m", "sandbox.faultproxy", "--name", cluster.sandbox.name, "--seed", "4", *options]
    complaints = log.with_suffix(".stderr")
    with (
        log.open("w") as faults,
        complaints.open("w") as errors,
        subprocess.Popen(command, stdout=faults, stderr=errors, cwd=CHECKOUT) as proxy,
    ):
        try:
            while not log.read_text().startswith(EXPORT):
                assert proxy.poll() is None, complaints.read_text()
            yield Faulty(cluster.sandbox, log)
        finally:
            proxy.kill()
