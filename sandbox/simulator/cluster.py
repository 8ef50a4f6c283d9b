"""What a reconcile function sees: the API server, the latencies and faults, and what the operator remembers."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from sandbox.definitions import Definitions, establish
from sandbox.kube import ApiError, Kube, Object, group_path
from sandbox.routes import Routes
from sandbox.simulator.admission import Admission
from sandbox.simulator.objects import now
from sandbox.simulator.settings import Fault, Faults, Profile


class Memory:
    """What an operator remembers of one object while its process runs."""

    def __init__(self) -> None:
        """Start when the object is first seen."""
        self.since = time.monotonic()
        self.notes: dict[str, Any] = {}
        self.look_again_at: list[float] = []


class Cluster:
    """The cluster as one operator sees it."""

    def __init__(
        self,
        operator: str,
        kube: Kube,
        profile: Profile,
        faults: Faults,
        definitions: Definitions,
        routes: Routes,
    ) -> None:
        """See the API server of `kube`, which writes by the operator's field manager, as the operator of this name."""
        self.operator = operator
        self.kube = kube
        self.admission = Admission(kube, faults, routes)
        self.deployment: Object | None = None
        self._profile = profile
        self._faults = faults
        self._definitions = definitions
        self._memories: dict[str, Memory] = {}

    @property
    def namespace(self) -> str:
        """The namespace where the operator's own Deployment runs. Raises LookupError for a part of the platform."""
        if self.deployment is None:
            raise LookupError(f"{self.operator} has no Deployment")
        return str(self.deployment["metadata"]["namespace"])

    # --- time -------------------------------------------------------------------------------------------------------

    def latency(self, name: str) -> float:
        """Return the profile's seconds for `operator.step`. Raises KeyError when the profile lacks it."""
        return self._profile.seconds(name)

    def pause(self, obj: Object, latency: str, step: str = "") -> float:
        """Return the seconds still to wait; 0.0 once the latency has passed since the first call for this step.

        The step is known by the latency's name, `step` (a component, a generation ...) and the object's generation.
        """
        notes = self.memory(obj)
        key = f"pause {latency} {step} {obj['metadata'].get('generation')}"
        return float(max(0.0, notes.setdefault(key, time.monotonic() + self.latency(latency)) - time.monotonic()))

    def memory(self, obj: Object) -> dict[str, Any]:
        """Return notes on the object, kept until it is gone or the process ends."""
        return self._memory(obj).notes

    def forget(self, obj: Object) -> None:
        """Drop what is remembered of an object that is gone."""
        self._memories.pop(obj["metadata"]["uid"], None)

    def _memory(self, obj: Object) -> Memory:
        return self._memories.setdefault(obj["metadata"]["uid"], Memory())

    # --- faults -----------------------------------------------------------------------------------------------------

    def fault(self, name: str, obj: Object) -> Fault | None:
        """Return the entry of the fault that holds for the object now; when that changes, the object is reconciled."""
        memory = self._memory(obj)
        age = time.monotonic() - memory.since
        holding = None
        for active in self._faults.matching(name, obj):
            moments = (active.starts, active.ends)
            memory.look_again_at += [memory.since + at for at in moments if age < at < float("inf")]
            if active.starts <= age < active.ends:
                holding = holding or active.entry
        return holding

    def next_look(self, obj: Object) -> float | None:
        """Return the seconds until a fault of the object begins or ends, and forget it."""
        memory = self._memory(obj)
        moments, memory.look_again_at = memory.look_again_at, []
        return max(0.0, min(moments) - time.monotonic()) if moments else None

    # --- objects ----------------------------------------------------------------------------------------------------

    def apply(self, *objects: Object) -> None:
        """Create or complete the objects, in this order (server-side apply as the operator). Raises ApiError."""
        for obj in objects:
            self.kube.apply(obj)

    def set_status(self, obj: Object, status: Object) -> Object:
        """Write the status unless the object has it already; return the object as it is then. Raises ApiError 409.

        Nobody else's change is overwritten: a newer object on the server is a conflict, and the caller is called again.
        """
        if obj.get("status") == status:
            return obj
        version = {"op": "test", "path": "/metadata/resourceVersion", "value": obj["metadata"]["resourceVersion"]}
        patch = [version, {"op": "add", "path": "/status", "value": status}]
        try:
            return self.kube.patch(obj, patch, "json", "status")
        except ApiError as error:
            raise _as_conflict(error) from None

    def set_finalizer(self, obj: Object, finalizer: str, present: bool) -> Object:
        """Add or remove one finalizer; return the object as it is then. Raises ApiError 409 when it is stale."""
        finalizers = obj["metadata"].get("finalizers", [])
        if (finalizer in finalizers) == present:
            return obj
        finalizers = [*finalizers, finalizer] if present else [name for name in finalizers if name != finalizer]
        meta = {"resourceVersion": obj["metadata"]["resourceVersion"], "finalizers": finalizers}
        return self.kube.patch(obj, {"metadata": meta})

    def delete_owned(self, obj: Object, *kinds: tuple[str, str], namespace: str | None = None) -> None:
        """Delete the objects of these kinds (apiVersion, kind) that name `obj` as an owner. Raises ApiError."""
        uid = obj["metadata"]["uid"]
        for api_version, kind in kinds:
            for found in self.kube.list(api_version, kind, namespace or obj["metadata"].get("namespace")):
                if any(reference["uid"] == uid for reference in found["metadata"].get("ownerReferences", [])):
                    self.kube.delete(found)

    def event(self, obj: Object, type_: str, reason: str, message: str) -> None:
        """Record an Event (`type_` Normal or Warning) on the object; the same one again raises its count."""
        meta = obj["metadata"]
        identity = f"{meta['uid']} {reason} {message}".encode()
        name = f"{meta['name']}.{hashlib.sha256(identity).hexdigest()[:16]}"
        namespace = meta.get("namespace", "default")
        found = self.kube.get("v1", "Event", name, namespace)
        if found:
            self.kube.patch(found, {"count": found["count"] + 1, "lastTimestamp": now()})
            return
        involved = {key: meta[key] for key in ("name", "namespace", "uid", "resourceVersion") if key in meta}
        body = {"type": type_, "reason": reason, "message": message, "source": {"component": self.operator}, "count": 1}
        times = {"firstTimestamp": now(), "lastTimestamp": now()}
        involved |= {"apiVersion": obj["apiVersion"], "kind": obj["kind"]}
        header = {"apiVersion": "v1", "kind": "Event", "metadata": {"name": name, "namespace": namespace}}
        try:
            self.kube.create(header | body | times | {"involvedObject": involved})
        except ApiError as error:
            # A namespace that is going away takes no events, and nobody misses them.
            if error.status not in (403, 404, 409):
                raise

    # --- kinds ------------------------------------------------------------------------------------------------------

    def installed(self, api_version: str, kind: str) -> bool:
        """Tell whether the API server serves the kind now. Raises ApiError."""
        try:
            served = self.kube.request("GET", group_path(api_version))
        except ApiError as error:
            if error.status in (404, 503):
                return False
            raise
        return any(entry["kind"] == kind for entry in served["resources"])

    def install_definitions(self, *sets: str) -> None:
        """Create the definitions of these sets (see sandbox.definitions) and wait until they are served.

        Raises ApiError, TimeoutError.
        """
        establish(self.kube, self._definitions.load(*sets))


def _as_conflict(error: ApiError) -> ApiError:
    """A JSON patch whose test failed is answered with 422; to everybody else that is a conflict."""
    if error.status == 422 and "test" in error.message:
        error.status = 409
    return error
