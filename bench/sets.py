"""What an unchanged set of objects costs, by several ways of applying it, one after the other on one sandbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import yaml

from bench.clusters import Cluster, empty
from bench.commands import NOTHING, Cost, cheapest
from bench.parts import Options, Part, Row, ratio, seconds

Object = dict[str, Any]
REPEATED = 20  # times that a quick task runs in one play: a single one is lost in the noise of the play
# Ways that start a process for each object cost that much for each: a few objects say it.
ONE_BY_ONE = 25
OURS, THEIRS = "seldon.openshift.seldon_apply", "kubernetes.core.k8s"
KINDS = ("ConfigMap", "Secret", "ServiceAccount", "Service", "ConfigMap")


@dataclass(frozen=True)
class Figures:
    """What one run over an unchanged set cost; of a task, what it added to its play."""

    wall: float
    cpu: float
    requests: float


def objects(namespace: str, count: int) -> list[Object]:
    """Return `count` objects of the kinds that an installation is made of, in one namespace."""
    found: list[Object] = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}]
    for number in range(count - 1):
        kind = KINDS[number % len(KINDS)]
        obj: Object = {"apiVersion": "v1", "kind": kind, "metadata": {"name": f"o{number}", "namespace": namespace}}
        if kind == "Service":
            obj["spec"] = {"ports": [{"name": "http", "port": 80}], "selector": {"app": f"o{number}"}}
        if kind == "ConfigMap":
            obj["data"] = {"key": f"value {number}"}
        found.append(obj)
    return found


class Ways:
    """The ways to apply one set, each measured over what it has applied itself before."""

    def __init__(self, cluster: Cluster, size: int, runs: int) -> None:
        """Write `size` objects into files of the cluster's folder."""
        self._cluster = cluster
        self._runs = runs
        self.size = size
        self._objects = objects(f"bench-{size}", size)
        self._whole = cluster.write(f"{size}.yaml", yaml.safe_dump_all(self._objects))
        self._warm: Object = {THEIRS: {"state": "present", "definition": self._objects[0]}}
        self._all: Object = {THEIRS: {"state": "present", "src": self._whole}}

    def all(self) -> dict[str, Callable[[], Figures]]:
        """Return the ways by their names, the quick ones first."""
        quick = {
            "`kubectl apply --server-side`, one file": self._kubectl,
            "`seldon_apply`, one task": self._ours,
            "`kubernetes.core.k8s`, one task for all": lambda: self._task(self._warm, self._all),
        }
        each = {
            "`kubernetes.core.k8s`, one task an object": self._one_task_each,
            "`kubectl apply`, one file an object (the guide)": self._one_file_each,
        }
        return quick | each if self.size <= ONE_BY_ONE else quick

    def clear(self) -> None:
        """Remove the set, so that the next way owns what it applies."""
        self._play([{OURS: {"resources": self._objects[:1], "state": "absent"}}])

    def _kubectl(self) -> Figures:
        whole = ["kubectl", "apply", "--server-side", "-f", self._whole]
        return self._commands([whole], made_by=whole)

    def _one_file_each(self) -> Figures:
        files = [self._cluster.write(f"{n}.json", json.dumps(obj)) for n, obj in enumerate(self._objects)]
        each = [["kubectl", "apply", "-f", file] for file in files]
        return self._commands(each, made_by=["kubectl", "apply", "-f", self._whole])

    def _ours(self) -> Figures:
        return self._task({OURS: {"resources": self._objects[:1]}}, {OURS: {"files": [self._whole]}})

    def _one_task_each(self) -> Figures:
        each = {THEIRS: {"state": "present", "definition": "{{ item }}"}, "loop": self._objects}
        return self._task(self._warm, each, made_by=self._all)

    def _commands(self, commands: Sequence[list[str]], made_by: list[str]) -> Figures:
        self._cluster.commands.run(*made_by)
        cost = self._cheapest(lambda: reduce(add, (self._cluster.commands.run(*one) for one in commands), NOTHING))
        return Figures(cost.wall, cost.cpu, cost.requests)

    def _task(self, warm: Object, task: Object, made_by: Object | None = None) -> Figures:
        """Measure a task in a play in which another one of its module has run before."""
        self._play([warm, made_by or task])
        times = 1 if made_by else REPEATED
        both = self._cheapest(lambda: self._play([warm, *[task] * times]))
        alone = self._cheapest(lambda: self._play([warm]))
        return Figures(
            (both.wall - alone.wall) / times, (both.cpu - alone.cpu) / times, (both.requests - alone.requests) / times
        )

    def _cheapest(self, run: Callable[[], Cost]) -> Cost:
        return cheapest(run() for _ in range(self._runs))

    def _play(self, tasks: list[Object]) -> Cost:
        play = [{"hosts": "seldon_clusters", "gather_facts": False, "tasks": tasks}]
        return self._cluster.commands.run("ansible-playbook", self._cluster.write("play.json", json.dumps(play)))


def measure(options: Options) -> Iterator[Row]:
    """Yield a row for each way and size; the ratios are to the first way."""
    with empty() as cluster:
        for size in options.sizes:
            ways, base = Ways(cluster, size, options.runs), 0.0
            for name, way in ways.all().items():
                figures = way()
                ways.clear()
                base = base or figures.wall
                yield {
                    "objects": str(size),
                    "way": name,
                    "seconds": seconds(figures.wall),
                    "ratio": ratio(figures.wall, base),
                    "CPU seconds": seconds(figures.cpu),
                    "requests": f"{figures.requests:.0f}",
                }


COLUMNS = ("objects", "way", "seconds", "ratio", "CPU seconds", "requests")
PART = Part("sets", "an unchanged set of objects, by several ways", COLUMNS, measure)
