# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The platform of which a report tells: where it is, which versions run, how to open it, and its model namespaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.seldon.openshift.plugins.module_utils.waiting import progress

from .names import product

Values = Mapping[str, Any]
OPENSHIFT = "OpenShift"


@dataclass(frozen=True)
class Version:
    """A version that runs, and the one that is wanted, empty for none; kind and name as in seldon_platform_info."""

    kind: str
    name: str
    namespaces: tuple[str, ...]
    version: str
    wanted: str = ""

    @property
    def title(self) -> str:
        """Return what people call it."""
        return product(self.kind, self.name)

    @property
    def differs(self) -> bool:
        """Say whether another version runs than is wanted; of the wanted one the beginning is enough."""
        return bool(self.wanted) and not f"{self.version}.".startswith(f"{self.wanted}.")


@dataclass(frozen=True)
class Address:
    """Where a product opens."""

    product: str
    url: str


@dataclass(frozen=True)
class ModelNamespace:
    """A namespace for models; what could not be read is None."""

    name: str
    gitops: bool | None
    member: bool | None
    policies: int | None
    monitors: int | None
    rules: int | None
    models: int | None
    running: int | None


@dataclass(frozen=True)
class Platform:
    """What seldon_platform_info has found. cluster: its uid. seconds: how long the checks took, None when unknown."""

    cluster: str = ""
    openshift: str = ""
    api: str = ""
    versions: tuple[Version, ...] = ()
    addresses: tuple[Address, ...] = ()
    model_namespaces: tuple[ModelNamespace, ...] = ()
    unread: tuple[str, ...] = ()
    collection: str = ""
    seconds: float | None = None

    @classmethod
    def of(cls, found: Values, collection: str, seconds: float | None) -> Platform:
        """Return it from the module's `platform`. Raises KeyError, TypeError or AttributeError for another shape."""
        return cls(
            cluster=str(found.get("cluster") or ""),
            openshift=str(found.get("openshift") or ""),
            api=str(found.get("api") or ""),
            versions=_versions(found.get("versions") or ()),
            addresses=tuple(Address(str(a["product"]), str(a["url"])) for a in found.get("addresses") or ()),
            model_namespaces=tuple(ModelNamespace(**each) for each in found.get("model_namespaces") or ()),
            unread=tuple(map(str, found.get("unread") or ())),
            collection=collection,
            seconds=seconds,
        )

    def running(self) -> dict[tuple[str, str, str], str]:
        """Return each version by kind, name and namespace, that of OpenShift among them."""
        found = {(OPENSHIFT, OPENSHIFT, ""): self.openshift} if self.openshift else {}
        each = {(v.kind, v.name, namespace): v.version for v in self.versions for namespace in v.namespaces}
        return {**found, **each}


def _versions(found: Any) -> tuple[Version, ...]:
    """Return one entry for what runs in several namespaces in the same version."""
    homes: dict[tuple[str, ...], list[str]] = {}
    for each in found:
        key = tuple(str(each[name]) for name in ("kind", "name", "version", "wanted"))
        homes.setdefault(key, []).append(str(each["namespace"]))
    return tuple(
        Version(kind, name, tuple(namespaces), version, wanted)
        for (kind, name, version, wanted), namespaces in homes.items()
    )


def duration(seconds: float) -> str:
    """Return a duration in seconds as people say it: `48 s`, `2 min 5 s`; nothing takes less than a second."""
    return progress.duration(max(1.0, seconds))
