"""Runs simulated operators: informers watch, the queue calls their reconcile functions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sandbox.definitions import Definitions
from sandbox.kube import Kube, Object
from sandbox.routes import Routes
from sandbox.simulator.cluster import Cluster
from sandbox.simulator.informer import DEFINITION, Informer, Kind
from sandbox.simulator.operator import Operator, Reconciler
from sandbox.simulator.queue import WorkQueue
from sandbox.simulator.settings import Faults, Profile

LABEL = "sandbox.seldon/operator"
DEPLOYMENT: Kind = ("apps/v1", "Deployment")
Name = tuple[str | None, str]  # namespace, name

logger = logging.getLogger("simulator")


@dataclass(frozen=True)
class Key:
    """Something to work on: an object of a reconciler, or the operator itself (`reconciler` None)."""

    operator: str
    reconciler: int | None = None
    name: Name = (None, "")

    def __str__(self) -> str:
        """Name it in the log."""
        namespace, name = self.name
        return f"{self.operator} {namespace or ''}/{name}" if name else self.operator


class Running:
    """One operator at run time: whether it acts, and the objects that it has seen."""

    def __init__(self, operator: Operator, cluster: Cluster) -> None:
        """Start as not acting."""
        self.operator = operator
        self.cluster = cluster
        self.acting = False
        self.deployments: dict[Name, Object] = {}
        self.seen: list[dict[Name, Object]] = [{} for _ in operator.reconcilers]
        self.gone: list[dict[Name, Object]] = [{} for _ in operator.reconcilers]

    def wanted(self) -> bool:
        """Tell whether the operator's process would run now."""
        return self.operator.platform or self.available_deployment() is not None

    def available_deployment(self) -> Object | None:
        """Return the Deployment that runs the operator."""
        running = (found for found in self.deployments.values() if found.get("status", {}).get("availableReplicas"))
        return next(running, None)


class Simulator:
    """All simulated operators of one process. To be created inside a running event loop."""

    def __init__(
        self,
        operators: Sequence[Operator],
        kube: Kube,
        profile: Profile,
        faults: Faults,
        definitions: Definitions,
        routes: Routes,
    ) -> None:
        """Make them ready to run against the API server of `kube`."""
        self._kube = kube
        self._running = {
            operator.name: Running(
                operator, Cluster(operator.name, kube.acting_as(operator.manager), profile, faults, definitions, routes)
            )
            for operator in operators
        }
        self._loop = asyncio.get_running_loop()
        self._queue: WorkQueue[Key] = WorkQueue(self._work)
        kinds = {DEFINITION, DEPLOYMENT}.union(*(operator.kinds() for operator in operators))
        self._informers = {kind: Informer(kube, kind, self._notice_from_thread) for kind in sorted(kinds)}

    async def run(self, stop: asyncio.Event) -> None:
        """Watch and work until `stop` is set."""
        for name in self._running:
            self._queue.add(Key(name))
        for informer in self._informers.values():
            informer.start()
        await stop.wait()
        for running in self._running.values():
            running.cluster.admission.close()

    def _notice_from_thread(self, kind: Kind, obj: Object, gone: bool) -> None:
        self._loop.call_soon_threadsafe(self._notice, kind, obj, gone)

    def _notice(self, kind: Kind, obj: Object, gone: bool) -> None:
        if kind == DEFINITION and not gone:
            for informer in self._informers.values():
                informer.consider(obj)
        name = (obj["metadata"].get("namespace"), obj["metadata"]["name"])
        for running in self._running.values():
            if kind == DEPLOYMENT:
                self._notice_deployment(running, name, obj, gone)
            for index, reconciler in enumerate(running.operator.reconcilers):
                if kind == reconciler.kind:
                    self._notice_object(running, index, reconciler, name, obj, gone)
                if kind in reconciler.watches:
                    related = reconciler.watches[kind]
                    for other, seen in list(running.seen[index].items()):
                        if related(obj, seen):
                            self._queue.add(Key(running.operator.name, index, other))

    def _notice_deployment(self, running: Running, name: Name, obj: Object, gone: bool) -> None:
        labels = obj["metadata"].get("labels", {}) | obj["spec"]["template"]["metadata"].get("labels", {})
        if labels.get(LABEL) != running.operator.name:
            return
        running.deployments.pop(name, None)
        if not gone:
            running.deployments[name] = obj
        self._queue.add(Key(running.operator.name))

    def _notice_object(
        self, running: Running, index: int, reconciler: Reconciler, name: Name, obj: Object, gone: bool
    ) -> None:
        known = running.seen[index].pop(name, None)
        if gone:
            if known:
                running.gone[index][name] = obj
        elif reconciler.where is None or reconciler.where(obj):
            running.seen[index][name] = obj
        elif not known:
            return
        self._queue.add(Key(running.operator.name, index, name))

    def _work(self, key: Key) -> float | None:
        running = self._running[key.operator]
        if key.reconciler is None:
            self._start_or_stop(running)
        if key.reconciler is None or not running.acting:
            return None
        reconciler = running.operator.reconcilers[key.reconciler]
        gone = running.gone[key.reconciler].get(key.name)
        if gone:
            if reconciler.gone:
                reconciler.gone(running.cluster, gone)
            running.cluster.forget(gone)
            running.gone[key.reconciler].pop(key.name, None)
        namespace, name = key.name
        obj = self._kube.get(*reconciler.kind, name, namespace)
        if obj is None:
            return None
        delays = [reconciler.function(running.cluster, obj), running.cluster.next_look(obj)]
        return min((delay for delay in delays if delay is not None), default=None)

    def _start_or_stop(self, running: Running) -> None:
        running.cluster.deployment = running.available_deployment() or running.cluster.deployment
        if running.wanted() == running.acting:
            return
        starting = not running.acting
        for hook in running.operator.on_start if starting else running.operator.on_stop:
            hook(running.cluster)
        running.acting = starting
        logger.info("%s %s", running.operator.name, "acts" if starting else "stopped")
        if starting:
            # What happened while it did not act.
            for index in range(len(running.operator.reconcilers)):
                for name in {**running.seen[index], **running.gone[index]}:
                    self._queue.add_from_thread(Key(running.operator.name, index, name))
