# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What the Operator Lifecycle Manager's state machine takes and gives: plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from ..kube.objects import MANAGED_BY, Object, Reference, section
from ..readiness.state import Failed, Progressing, Ready

COPIED = "olm.copiedFrom"


@dataclass(frozen=True)
class Operator:
    """What the user wants of one operator (the options of seldon_operator; None: not said).

    alternatives: packages that serve as well, when one of them is installed.
    target_namespaces: () stands for all namespaces.
    config: the Subscription's `spec.config`.
    adopted: others installed it, here or elsewhere: everything but `config` stays unchanged.
    repair: whether what OLM cannot get out of by itself is repaired where that is safe.
    """

    name: str
    namespace: str
    channel: str | None = None
    source: str | None = None
    source_namespace: str = "openshift-marketplace"
    starting_csv: str | None = None
    approval: str | None = None
    config: Mapping[str, Any] = field(default_factory=dict, hash=False)
    target_namespaces: tuple[str, ...] | None = None
    upgrade: bool = False
    alternatives: tuple[str, ...] = ()
    adopted: bool = False
    repair: bool = True

    @property
    def title(self) -> str:
        """Return how messages name it."""
        return f"operator {self.name} in {self.namespace}"

    @property
    def pin(self) -> str | None:
        """Return the only version that is wanted; without Manual approval a starting version is no pin."""
        return self.starting_csv if self.approval == "Manual" else None


@dataclass
class Snapshot:
    """What is on the cluster for the operators of one namespace.

    namespace: whether it exists; ours: whether this collection made it. manifests: the PackageManifests of each wanted
    package. offered: the names of all packages, read only when a wanted one is missing. established: names of the
    CRDs that are served. jobs: those of the catalogues' namespaces, read only when a bundle could not be unpacked.
    readers: the RoleBindings of kube-system, read only for a removal.
    """

    namespace: bool = True
    ours: bool = False
    ending: Object | None = None  # the namespace, while it is being deleted
    groups: list[Object] = field(default_factory=list)
    subscriptions: list[Object] = field(default_factory=list)
    plans: list[Object] = field(default_factory=list)
    versions: list[Object] = field(default_factory=list)
    catalogs: list[Object] = field(default_factory=list)
    manifests: dict[str, list[Object]] = field(default_factory=dict)
    offered: list[str] = field(default_factory=list)
    established: set[str] = field(default_factory=set)
    deployments: list[Object] = field(default_factory=list)
    jobs: list[Object] = field(default_factory=list)
    readers: list[Object] = field(default_factory=list)

    def subscription(self, package: str) -> Object | None:
        """Return the Subscription to `package`, whatever its own name (the first one, should there be two)."""
        return next((s for s in self.subscriptions if section(s, "spec").get("name") == package), None)

    def version(self, name: str | None) -> Object | None:
        """Return the ClusterServiceVersion `name` that lives here, never a copy of another namespace's."""
        return next((v for v in self.own_versions() if v["metadata"]["name"] == name), None)

    def current(self, operator: Operator) -> Object | None:
        """Return the ClusterServiceVersion that OLM has chosen for an operator, once it is there."""
        status = section(self.subscription(operator.name) or {}, "status")
        return self.version(status.get("currentCSV") or status.get("installedCSV"))

    def own_versions(self) -> Iterable[Object]:
        """Return the ClusterServiceVersions that are no copies."""
        return (v for v in self.versions if COPIED not in section(v, "metadata", "labels"))


def labelled(reference: Reference) -> Object:
    """Return an object with nothing in it but the label of what this collection made."""
    obj = reference.bare()
    obj["metadata"]["labels"] = dict(MANAGED_BY)
    return obj


@dataclass(frozen=True)
class Write:
    """One change to make: `verb` is create, patch or delete; `obj` is or names the object; `body` is a merge patch."""

    verb: str
    obj: Object = field(hash=False)
    says: str
    body: Object = field(default_factory=dict, hash=False)

    @property
    def reference(self) -> Reference:
        """Return the reference to the object."""
        return Reference.of(self.obj)


@dataclass(frozen=True)
class Stuck(Failed):
    """OLM does not go on by itself, and does after some deletions.

    found: what is wrong, without what to type. writes: the deletions, in an order in which a stopped run leaves nothing
    that the next one does not find; () when they are not ours to make. first: those of them that OLM has to notice
    before the others are made.
    """

    found: str = ""
    writes: tuple[Write, ...] = ()
    first: tuple[Write, ...] = ()


@dataclass(frozen=True)
class Installed(Ready):
    """The end: the version that serves. bound: whether OLM has noted it in the Subscription, which follows."""

    csv: str = ""
    version: str = ""
    bound: bool = True


Step = Union[Installed, Progressing, Failed, Write]
