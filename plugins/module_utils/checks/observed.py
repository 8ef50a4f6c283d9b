# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The cluster as checks see it: read once, never changed; a kind that is not served reads as absent.

So does what may not be read, so that a check comes to all that it reads; `refused` tells, and its findings don't count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from ..diagnose.causes import cause
from ..diagnose.evidence import Evidence
from ..diagnose.gather import evidence
from ..kube.client import Client
from ..kube.errors import ApiError, KindNotServed
from ..kube.kinds import POD, SERVICE
from ..kube.objects import Kind, Object, Objects, Reference, section
from ..kube.rights import Right, is_forbidden, lacking, refusal
from ..readiness.registry import assess, rule_for
from ..readiness.state import Progressing, State
from .http import Answer, ask, target

Found = TypeVar("Found")


class Observed:
    """One look at a cluster: whatever was read stays as it was, so that all checks of a task judge the same moment."""

    def __init__(self, client: Client) -> None:
        """Look through `client`; nothing is read yet."""
        self._client = client
        self._read: dict[Reference | tuple[Kind, str | None, str | None], Any] = {}
        self._refused: dict[str, Right | None] = {}
        self._evidences: dict[str, Evidence] = {}

    @property
    def refused(self) -> list[str]:
        """What could not be read for want of a right since `begin`: `you may not list pods`."""
        return list(self._refused)

    @property
    def lacking(self) -> list[Right]:
        """The rights that lacked since `begin`, as far as the API server names them."""
        return list(dict.fromkeys(right for right in self._refused.values() if right))

    def begin(self) -> None:
        """Forget what was refused, before another check looks."""
        self._refused = {}

    def get(self, reference: Reference) -> Object | None:
        """Return one object, None when there is none. Raises EngineError when it can't be read."""
        return self._once(reference, lambda: self._get(reference), None)

    def list(self, kind: Kind, namespace: str | None = None, labels: str | None = None) -> Objects:
        """Return the objects of a kind (of all namespaces without one) that match the selector `labels`.

        Raises EngineError when they can't be read.
        """
        return self._once((kind, namespace, labels), lambda: self._list(kind, namespace, labels), [])

    def state(self, reference: Reference, **options: Any) -> State:
        """Return how ready an object is, by the rules of seldon_wait; `options` are the rule's (members ...).

        What keeps its pods from running is said, too, as far as that may be read.
        """
        obj = self.get(reference)
        if obj is None:
            return Progressing("does not exist")
        related = rule_for(reference.kind).related
        state = assess(obj, options, self.list(related, reference.namespace) if related else ())
        if reference.namespace is None or not isinstance(state, Progressing):
            return state
        behind = cause(obj, self._evidence(reference.namespace), {})
        return state if behind is None else Progressing(f"{state.reason.rstrip('.')}; {behind.reason}")

    def ask(
        self,
        namespace: str,
        service: str,
        port: int,
        path: str,
        headers: Mapping[str, str] | None = None,
        tls: bool = True,
        method: str = "GET",
    ) -> Answer:
        """Return what a Service answers to `method` and `path`, through a port-forward to one of its ready pods.

        port: the Service's. headers: Authorization, for instance; never told. Status 0 when nothing answers.
        """
        found = self.get(SERVICE.named(service, namespace))
        if found is None:
            return Answer(0, f"Service {namespace}/{service} does not exist")
        selector = section(found, "spec", "selector")
        pods = self.list(POD, namespace, ",".join(f"{key}={value}" for key, value in selector.items()))
        end = target(found, port, pods if selector else [])
        if end is None:
            return Answer(0, f"Service {namespace}/{service} has no ready pod for port {port}")
        answer = ask(self._client, *end, path, headers or {}, tls, method)
        if answer.refused:
            self._refused[answer.body] = Right("get", "pods/portforward", namespace=namespace)
        return answer

    def _evidence(self, namespace: str) -> Evidence:
        if namespace not in self._evidences:
            self._evidences[namespace] = evidence(self._client, namespace)
        return self._evidences[namespace]

    def _get(self, reference: Reference) -> Object | None:
        try:
            return self._client.get(reference)
        except KindNotServed:
            return None

    def _list(self, kind: Kind, namespace: str | None, labels: str | None) -> Objects:
        try:
            return self._client.list(kind, namespace, label_selector=labels)
        except KindNotServed:
            return []

    def _once(
        self, key: Reference | tuple[Kind, str | None, str | None], read: Callable[[], Found], absent: Found
    ) -> Found:
        if key not in self._read:
            try:
                self._read[key] = read()
            except ApiError as error:
                if not is_forbidden(error):
                    raise
                self._read[key] = error
        found = self._read[key]
        if isinstance(found, ApiError):
            self._refused[refusal(found)] = lacking(found)
            return absent
        seen: Found = found
        return seen
