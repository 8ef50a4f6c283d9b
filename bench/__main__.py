"""`make bench`: what an unchanged set of objects costs, by several ways of applying it; prints a table in Markdown.

All ways run against one sandbox, one after the other. Seconds are those of the fastest of some runs; of a task, those
that it adds to a play that has run another one of its module. The ratio is to the first way.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.build import binaries
from sandbox.cluster import Sandbox, Settings
from sandbox.paths import CHECKOUT

Object = dict[str, Any]
SIZES = (25, 200)
RUNS = 3
REPEATED = 20  # times that a quick task runs in one play: a single one is lost in the noise of the play
# Ways that start a process for each object cost that much for each: a few objects say it.
ONE_BY_ONE = 25
OURS = "`seldon_apply`, one task"
KUBECTL = "`kubectl apply --server-side`, one file"


@dataclass(frozen=True)
class Row:
    """What one way cost: seconds and requests of one run over an unchanged set."""

    way: str
    size: int
    seconds: float
    requests: float


def objects(namespace: str, count: int) -> list[Object]:
    """Return `count` objects of the kinds that an installation is made of, in one namespace."""
    kinds = ("ConfigMap", "Secret", "ServiceAccount", "Service", "ConfigMap")
    found: list[Object] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}]
    for number in range(count - 1):
        kind = kinds[number % len(kinds)]
        obj: Object = {"apiVersion": "v1", "kind": kind, "metadata": {"name": f"o{number}", "namespace": namespace}}
        if kind == "Service":
            obj["spec"] = {"ports": [{"name": "http", "port": 80}], "selector": {"app": f"o{number}"}}
        if kind == "ConfigMap":
            obj["data"] = {"key": f"value {number}"}
        found.append(obj)
    return found


class Bench:
    """One sandbox and a folder for what is applied to it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        """Use a sandbox that runs."""
        self._sandbox = sandbox
        self._folder = folder
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("K8S_AUTH_", "ANSIBLE_"))}
        tools = f"{Path(sys.executable).parent}:{binaries()['helm'].parent}:{os.environ['PATH']}"
        self._environment = inherited | {"KUBECONFIG": str(sandbox.kubeconfig), "PATH": tools}

    def rows(self, size: int) -> Iterator[Row]:
        """Measure every way with `size` objects, the quick ones first."""
        namespace, unchanged = f"bench-{size}", objects(f"bench-{size}", size)
        whole = str(self._folder / f"{namespace}.yaml")
        Path(whole).write_text(yaml.safe_dump_all(unchanged), encoding="utf-8")
        if shutil.which("kubectl", path=self._environment["PATH"]):
            files = [self._write(f"{size}-{n}.json", obj) for n, obj in enumerate(unchanged)]
            at_once = ["kubectl", "apply", "--server-side", "-f", whole]
            yield self._commands(KUBECTL, size, [at_once], made_by=at_once)
            self._clear(namespace)
        first = unchanged[0]
        ours = "seldon.openshift.seldon_apply"
        yield self._task(OURS, size, {ours: {"resources": [first]}}, {ours: {"files": [whole]}})
        self._clear(namespace)
        theirs = "kubernetes.core.k8s"
        warm = {theirs: {"state": "present", "definition": first}}
        all_in_one = {theirs: {"state": "present", "src": whole}}
        yield self._task("`kubernetes.core.k8s`, one task for all", size, warm, all_in_one)
        if size > ONE_BY_ONE:
            return
        each = {theirs: {"state": "present", "definition": "{{ item }}"}, "loop": unchanged}
        yield self._task("`kubernetes.core.k8s`, one task an object", size, warm, each, made_by=all_in_one)
        self._clear(namespace)
        if shutil.which("kubectl", path=self._environment["PATH"]):
            guide = [["kubectl", "apply", "-f", file] for file in files]
            made_by = ["kubectl", "apply", "-f", whole]
            yield self._commands("`kubectl apply`, one file an object (the guide)", size, guide, made_by=made_by)

    def _clear(self, namespace: str) -> None:
        gone = {"resources": objects(namespace, 1), "state": "absent"}
        self._timed(self._play([{"seldon.openshift.seldon_apply": gone}]))

    def _task(self, way: str, size: int, warm: Object, task: Object, made_by: Object | None = None) -> Row:
        """Measure a task in a play in which another one of its module has run before."""
        self._timed(self._play([warm, made_by or task]))
        times = 1 if made_by else REPEATED
        seconds, requests = self._cost([self._play([warm, *[task] * times])])
        others_seconds, others_requests = self._cost([self._play([warm])])
        return Row(way, size, (seconds - others_seconds) / times, (requests - others_requests) / times)

    def _commands(self, way: str, size: int, commands: list[list[str]], made_by: list[str]) -> Row:
        self._timed(made_by)
        return Row(way, size, *self._cost(commands))

    def _cost(self, commands: list[list[str]]) -> tuple[float, int]:
        """Return the seconds (the least of some runs: everything else of a machine only adds) and requests."""
        log = self._sandbox.state / "audit.log"
        start = log.stat().st_size
        times = [sum(map(self._timed, commands)) for _ in range(RUNS)]
        with log.open("rb") as handle:
            handle.seek(start)
            events = [json.loads(line) for line in handle]
        ours = [e for e in events if e["stage"] == "ResponseComplete" and e["user"]["username"] == "system:admin"]
        return min(times), len(ours) // RUNS

    def _timed(self, command: list[str]) -> float:
        started = time.monotonic()
        done = subprocess.run(  # noqa: S603 (measuring programs is its work)
            command, env=self._environment, cwd=CHECKOUT, capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
        return time.monotonic() - started

    def _play(self, tasks: list[Object]) -> list[str]:
        name = f"play-{len(list(self._folder.iterdir()))}.json"
        play = [{"hosts": "seldon_clusters", "gather_facts": False, "tasks": tasks}]
        return ["ansible-playbook", self._write(name, play)]

    def _write(self, name: str, content: Any) -> str:
        path = self._folder / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)


def main() -> None:
    """Start a sandbox, measure, print the table, remove the sandbox."""
    sandbox = Sandbox("bench", lambda line: print(line, file=sys.stderr, flush=True))
    try:
        sandbox.up(Settings())
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(sandbox, Path(folder))
            print("| objects | way | seconds | ratio | requests |\n|---|---|---|---|---|")
            for size in SIZES:
                base: float | None = None
                for row in bench.rows(size):
                    base = base or row.seconds
                    ratio = f"{row.seconds / base:.1f}"
                    print(f"| {size} | {row.way} | {row.seconds:.2f} | {ratio} | {row.requests:.0f} |", flush=True)
    finally:
        sandbox.down()


if __name__ == "__main__":
    main()
