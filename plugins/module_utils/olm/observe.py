# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What the state machine sees: one informer of OLM's objects in the namespaces of a task, and a few reads beside it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.kinds import (
    CATALOG_SOURCE,
    CLUSTER_SERVICE_VERSION,
    CRD,
    DEPLOYMENT,
    INSTALL_PLAN,
    JOB,
    NAMESPACE,
    OPERATOR_GROUP,
    PACKAGE_MANIFEST,
    SUBSCRIPTION,
)
from ..kube.objects import Kind, Objects, is_ours, is_terminating, section
from ..readiness import generic
from ..readiness.state import Ready
from ..waiting.informer import Informer, Source
from .model import Operator, Snapshot
from .plan import could_not_unpack
from .service_version import owned_crds

MANIFEST_SECONDS = 5.0


class Observer:
    """The cluster as one task observes it. Use it as a context manager."""

    def __init__(self, client: Client, operators: Sequence[Operator], deadline: float) -> None:
        """Observe the namespaces and catalogues of `operators` until `deadline` (seconds of time.monotonic())."""
        self._client = client
        self._operators = operators
        self._deadline = deadline
        self._namespaces: dict[str, Objects] = {}
        self._established: set[str] = set()
        self._manifests: dict[str, tuple[float, Objects]] = {}
        sources = [source for o in operators for source in _sources(o)]
        self.informer = Informer(client, sources, deadline)

    def __enter__(self) -> Observer:
        self.informer.__enter__()
        return self

    def __exit__(self, *details: object) -> None:
        self.informer.__exit__(*details)

    def complete(self) -> None:
        """Wait until everything was read once. Raises EngineError when it cannot be."""
        self.informer.settle()
        for source in (source for operator in self._operators for source in _sources(operator)):
            if self.informer.objects(source) is None:
                raise self.informer.trouble(source) or EngineError("the API server has not answered in time")

    def snapshot(self, namespace: str) -> Snapshot:
        """Return what is in `namespace` now, for the operators that live there."""
        operators = [o for o in self._operators if o.namespace == namespace]
        catalogs = {s: None for o in operators for s in [Source(CATALOG_SOURCE, o.source_namespace)]}
        home = self._namespace(namespace)
        found = Snapshot(
            namespace=bool(home),
            ours=any(map(is_ours, home)),
            ending=next(filter(is_terminating, home), None),
            groups=self._objects(OPERATOR_GROUP, namespace),
            subscriptions=self._objects(SUBSCRIPTION, namespace),
            plans=self._objects(INSTALL_PLAN, namespace),
            versions=self._objects(CLUSTER_SERVICE_VERSION, namespace),
            catalogs=[c for source in catalogs for c in self.informer.objects(source) or []],
            deployments=self._objects(DEPLOYMENT, namespace),
        )
        found.jobs = self._jobs(operators, found.plans)
        self._establish(found)
        found.established = self._established
        return found

    def look_up(self, operator: Operator, snapshot: Snapshot) -> None:
        """Add the operator's PackageManifests to `snapshot`, and the names of all packages when it has none."""
        now = time.monotonic()
        read, manifests = self._manifests.get(operator.name, (-MANIFEST_SECONDS, []))
        if not manifests and now - read >= MANIFEST_SECONDS:
            manifests = self._packages(operator, f"metadata.name={operator.name}")
            self._manifests[operator.name] = now, manifests
            if not manifests:
                offered = {m["metadata"]["name"] for m in self._packages(operator, None)}
                snapshot.offered = sorted({*snapshot.offered, *offered})
        snapshot.manifests[operator.name] = manifests

    def _jobs(self, operators: Sequence[Operator], plans: Objects) -> Objects:
        """Return the jobs of the operators' catalogues, read only when a plan could not unpack a bundle."""
        if not any(map(could_not_unpack, plans)):
            return []
        namespaces = sorted({operator.source_namespace for operator in operators})
        return [job for each in namespaces for job in self._client.list(JOB, each, deadline=self._deadline)]

    def _packages(self, operator: Operator, field_selector: str | None) -> Objects:
        label = f"catalog={operator.source}" if operator.source else None
        return self._client.list(PACKAGE_MANIFEST, operator.source_namespace, label, field_selector, self._deadline)

    def _objects(self, kind: Kind, namespace: str) -> Objects:
        return self.informer.objects(Source(kind, namespace)) or []

    def _namespace(self, name: str) -> Objects:
        """Return the namespace, or nothing."""
        if not self._namespaces.get(name) or is_terminating(self._namespaces[name][0]):
            live = self._client.get(NAMESPACE.named(name), deadline=self._deadline)
            self._namespaces[name] = [live] if live else []
        return self._namespaces[name]

    def _establish(self, snapshot: Snapshot) -> None:
        """Note which CRDs of the versions that Subscriptions bring are served; each is asked for until it is."""
        succeeded = (v for v in snapshot.own_versions() if section(v, "status").get("phase") == "Succeeded")
        brought = {operator.pin for operator in self._operators}
        brought |= {
            section(s, "status").get(key) for s in snapshot.subscriptions for key in ("installedCSV", "currentCSV")
        }
        wanted = {d for v in succeeded if v["metadata"]["name"] in brought for d in owned_crds(v)}
        for name in wanted - self._established:
            crd = self._client.get(CRD.named(name), self._deadline)
            if crd is not None and isinstance(generic.crd(crd), Ready):
                self._established.add(name)


def _sources(operator: Operator) -> list[Source]:
    sources = [
        Source(SUBSCRIPTION, operator.namespace),
        Source(INSTALL_PLAN, operator.namespace),
        Source(CLUSTER_SERVICE_VERSION, operator.namespace),
        Source(OPERATOR_GROUP, operator.namespace),
        Source(CATALOG_SOURCE, operator.source_namespace),
    ]
    # Only an operator with an environment of its own is judged by its Deployments.
    return [*sources, Source(DEPLOYMENT, operator.namespace)] if operator.config.get("env") else sources
