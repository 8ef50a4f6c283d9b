"""What a simulated operator declares: which kinds it reconciles, and what else makes it look again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sandbox.kube import Object
from sandbox.simulator.informer import Kind

if TYPE_CHECKING:
    from sandbox.simulator.cluster import Cluster

Reconcile = Callable[["Cluster", Object], float | None]
Gone = Callable[["Cluster", Object], None]
Hook = Callable[["Cluster"], None]
Related = Callable[[Object, Object], bool]  # (watched object, reconciled object)
Where = Callable[[Object], bool]


def owned(watched: Object, obj: Object) -> bool:
    """Tell whether `obj` is an owner of `watched`."""
    uid = obj["metadata"]["uid"]
    return any(reference["uid"] == uid for reference in watched["metadata"].get("ownerReferences", []))


@dataclass(frozen=True)
class Reconciler:
    """One kind that an operator looks after."""

    kind: Kind
    function: Reconcile
    where: Where | None
    watches: dict[Kind, Related]
    gone: Gone | None


class Operator:
    """A simulated operator."""

    def __init__(self, name: str, *, manager: str, platform: bool = False) -> None:
        """Name it as --without names it; manager: the field manager by which the real one's writes are known.

        Go's client takes the name of the binary for that, the Java client its own.
        It acts only while a Deployment whose own or pods' label `sandbox.seldon/operator` is `name` is available;
        a part of the platform acts always.
        """
        self.name = name
        self.manager = manager
        self.platform = platform
        self.reconcilers: list[Reconciler] = []
        self.on_start: list[Hook] = []
        self.on_stop: list[Hook] = []

    def reconciles(
        self,
        api_version: str,
        kind: str,
        *,
        where: Where | None = None,
        watches: Iterable[Kind | tuple[str, str, Related]] = (),
        gone: Gone | None = None,
    ) -> Callable[[Reconcile], Reconcile]:
        """Declare the function that brings an object of this kind to where the real operator would bring it.

        It is called with the object as it is now: when it changes, when a watched object changes that is related to it
        (`owned` unless a third element says otherwise; it gets the watched and the reconciled object as last seen), and
        again after the seconds that it returns. One call at a time for each object; an exception is logged and the call
        repeated. `where` narrows the objects; one that stops matching is reconciled once more. `gone` is called with
        the last seen state of a matching object that is no longer there.
        """

        def declare(function: Reconcile) -> Reconcile:
            related = {(entry[0], entry[1]): entry[2] if len(entry) == 3 else owned for entry in watches}
            self.reconcilers.append(Reconciler((api_version, kind), function, where, related, gone))
            return function

        return declare

    def starts(self, function: Hook) -> Hook:
        """Declare what the operator's process does when it begins to run."""
        self.on_start.append(function)
        return function

    def stops(self, function: Hook) -> Hook:
        """Declare what is seen when the operator's process ends: its Deployment is no longer available."""
        self.on_stop.append(function)
        return function

    def kinds(self) -> set[Kind]:
        """Return every kind that must be watched for this operator."""
        reconciled = {reconciler.kind for reconciler in self.reconcilers}
        return reconciled.union(*(reconciler.watches for reconciler in self.reconcilers))
