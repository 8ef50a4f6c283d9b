"""Which processes of this machine stand for which pods: one small file each, written by who starts to answer."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sandbox.kube import Object

# What the routes of simulated operators are called, and of real ones, which go first.
SIMULATED, ATTACHED = "simulated-", "attached-"


@dataclass(frozen=True)
class Route:
    """A process that answers, at ports of 127.0.0.1, for the pods of a namespace that carry these labels."""

    namespace: str
    labels: dict[str, str]
    ports: dict[str, int]
    """The pods' ports, by number or by name as a Service's targetPort, and those of the process."""
    whole: bool = False
    """Whether the process answers at all other ports of the pods as well, each by its own number."""

    def local_port(self, pod: Object, port: int) -> int | None:
        """Return where the process answers for this port of the pod, None when it does not."""
        meta = pod["metadata"]
        if meta.get("namespace") != self.namespace or not self.labels.items() <= meta.get("labels", {}).items():
            return None
        named = {entry.get("name") for entry in _ports(pod) if entry["containerPort"] == port}
        found = next((local for key, local in self.ports.items() if key == str(port) or key in named), None)
        return found or (port if self.whole else None)


def _ports(pod: Object) -> list[Object]:
    return [entry for container in pod["spec"]["containers"] for entry in container.get("ports") or []]


class Routes:
    """The routes of one sandbox, by name. Where two lead to the same port of a pod, the first name wins."""

    def __init__(self, folder: Path) -> None:
        """Keep them in `folder`, which need not exist yet."""
        self._folder = folder

    def add(self, name: str, route: Route) -> None:
        """Add a route or replace it; readers see the old one or the new one."""
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f".{name}.{os.getpid()}"
        fresh.write_text(json.dumps(asdict(route)), encoding="utf-8")
        fresh.rename(self._file(name))

    def remove(self, name: str) -> None:
        """Remove a route, if it is there."""
        self._file(name).unlink(missing_ok=True)

    def names(self) -> set[str]:
        """Return the names of all routes."""
        return {path.stem for path in self._folder.glob("[!.]*.json")}

    def clear(self) -> set[str]:
        """Remove all routes and return their names."""
        names = self.names()
        for name in names:
            self.remove(name)
        return names

    def local_port(self, pod: Object, port: int) -> int | None:
        """Return the port of 127.0.0.1 at which a process answers for this port of the pod; None: there is none."""
        ports = (route.local_port(pod, port) for route in self._all())
        return next((found for found in ports if found), None)

    def _all(self) -> Iterator[Route]:
        for name in sorted(self.names()):
            try:
                content: dict[str, Any] = json.loads(self._file(name).read_text(encoding="utf-8"))
            except FileNotFoundError:
                continue  # removed since it was listed
            yield Route(**content)

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}.json"
