# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Objects as plain dicts, what tells one from another, and reading them: pure functions that every layer uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]  # a Kubernetes object, or another JSON object
Objects = list[Object]

# The label of what this collection made and may remove (Kubernetes documentation, Recommended Labels).
MANAGED_BY = {"app.kubernetes.io/managed-by": "seldon.openshift"}


@dataclass(frozen=True, order=True)
class Kind:
    """A kind of objects, as `apiVersion` and `kind` name it."""

    api_version: str
    name: str

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Kind:
        """Return the kind of an object."""
        return cls(obj["apiVersion"], obj["kind"])

    @property
    def group(self) -> str:
        """The API group, empty for the core group."""
        return self.api_version.rpartition("/")[0]

    @property
    def qualified(self) -> str:
        """The kind as `oc` takes it: `kafka.kafka.strimzi.io`, `pod`."""
        return f"{self.name}.{self.group}".lower() if self.group else self.name.lower()

    def named(self, name: str, namespace: str | None = None) -> Reference:
        """Return the reference to one object of this kind; without `namespace`, to a cluster-scoped one."""
        return Reference(self, name, namespace)

    def __str__(self) -> str:
        return f"{self.name} of {self.api_version}"


@dataclass(frozen=True)
class Reference:
    """What tells one object from all others; `namespace` is None for a cluster-scoped one."""

    kind: Kind
    name: str
    namespace: str | None = None

    @classmethod
    def of(cls, obj: Mapping[str, Any]) -> Reference:
        """Return the reference to an object."""
        return cls(Kind.of(obj), obj["metadata"]["name"], obj["metadata"].get("namespace"))

    def bare(self) -> Object:
        """Return the object with nothing in it but what tells it from others."""
        metadata = {"name": self.name, **({"namespace": self.namespace} if self.namespace else {})}
        return {"apiVersion": self.kind.api_version, "kind": self.kind.name, "metadata": metadata}

    def as_options(self) -> dict[str, str | None]:
        """Return it in the words of modules' options and results: api_version, kind, name and namespace."""
        return {
            "api_version": self.kind.api_version,
            "kind": self.kind.name,
            "name": self.name,
            "namespace": self.namespace,
        }

    def __str__(self) -> str:
        return f"{self.kind.name} {self.namespace}/{self.name}" if self.namespace else f"{self.kind.name} {self.name}"


def is_ours(obj: Mapping[str, Any]) -> bool:
    """Tell whether this collection made an object."""
    return MANAGED_BY.items() <= section(obj, "metadata", "labels").items()


def is_terminating(obj: Mapping[str, Any] | None) -> bool:
    """Tell whether an object is being deleted: it may still be read and written, and goes all the same."""
    return bool(section(obj, "metadata").get("deletionTimestamp"))


def section(obj: Mapping[str, Any] | None, *path: str) -> Any:
    """Return the mapping at `path`, or an empty one when the object or a step is missing or null."""
    here: Any = obj or {}
    for step in path:
        here = here.get(step) or {}
    return here


def condition(obj: Mapping[str, Any] | None, kind: str) -> dict[str, Any]:
    """Return the condition of type `kind`, or an empty mapping."""
    return next((c for c in section(obj, "status").get("conditions") or [] if c.get("type") == kind), {})


def holds(obj: Mapping[str, Any] | None, kind: str) -> bool:
    """Tell whether the condition of type `kind` is True."""
    return condition(obj, kind).get("status") == "True"


def condition_text(found: Mapping[str, Any], fallback: str) -> str:
    """Return a condition's reason and message in one line, or `fallback` when it has neither."""
    reason, message = found.get("reason") or "", " ".join((found.get("message") or "").split())
    if reason and message and reason != message:
        return f"{reason}: {message}"
    return message or reason or fallback
