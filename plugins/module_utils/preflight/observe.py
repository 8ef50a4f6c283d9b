# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What preflight reads of a cluster, and of the machine where the tasks run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar

from ..apply.misfits import misfits, schema_of
from ..apply.ownership import carries_us
from ..apply.waves import parallel
from ..credentials.token_life import token_seconds
from ..kube.client import Client
from ..kube.errors import ApiError, KindNotServed
from ..kube.kinds import (
    ARGOCD,
    CATALOG_SOURCE,
    CLUSTER_VERSION,
    CONTROL_PLANE,
    CRD,
    MEMBER,
    MEMBER_ROLL,
    NAMESPACE,
    PACKAGE_MANIFEST,
    SECRET,
    STORAGE_CLASS,
)
from ..kube.objects import Kind, Object, Objects, Reference, section
from ..kube.polling import NotYet, Progress, TimedOut, poll_until
from ..kube.rights import is_forbidden, refusal
from ..kube.storage_classes import version_that_judges
from ..shared.monitoring_config import config_map
from ..shared.pull_secret import pull_secret
from .cluster import silent
from .helm import HelmCluster, helm_cluster, helm_version
from .model import Observation, Unread
from .pins import unmet
from .rights import denied

Read = TypeVar("Read")


def observe(client: Client, params: dict[str, Any], progress: Progress) -> Observation:
    """Return what there is. A kind that is not served has no objects; what may not be read is told as unread."""
    looks = Looks(client)
    catalogs = _settled_catalogs(
        lambda: looks.list("catalogs", CATALOG_SOURCE, params["catalogs_namespace"]), params["timeout"], progress
    )
    classes = looks.list("storage", STORAGE_CLASS)
    helm = helm_version() if params["helm"] else ""
    return Observation(
        cluster_version=looks.one("version", CLUSTER_VERSION.named("version")),
        denied=denied(client, params["rights"]),
        catalogs=catalogs,
        offers=_offers(looks, catalogs, params),
        pins=tuple(unmet(client, params["pins"], time.monotonic() + params["timeout"])),
        classes=classes,
        kubernetes=version_that_judges(client, classes),
        control_planes=looks.list("mesh", CONTROL_PLANE),
        rolls=looks.list("mesh", MEMBER_ROLL),
        members=looks.list("mesh", MEMBER),
        namespaces=looks.list("argocd", NAMESPACE),
        argocds=looks.list("argocd", ARGOCD),
        alertmanager=looks.one("alertmanager", SECRET.named("alertmanager-main", "openshift-monitoring")),
        monitoring=[
            obj for name in params["monitoring"] if (obj := looks.one("monitoring", Reference.of(config_map(name))))
        ],
        pull_secret=looks.one("pull_secret", Reference.of(pull_secret())) if params["image_pull_secret"] else None,
        foreign=tuple(_foreign(looks, params["objects"])),
        misfits=tuple(line for each in params["overrides"] for line in _misfits(client, looks, each)),
        token_seconds=token_seconds(client, time.time()),
        address=client.host,
        helm=helm,
        helm_cluster=helm_cluster(helm, client.target) if helm else HelmCluster(),
        client=client.library_version,
        unread=tuple(dict.fromkeys(looks.unread)),
    )


class Looks:
    """Reads of a cluster, each for a check; those that are refused are noted in `unread`."""

    def __init__(self, client: Client) -> None:
        """Read through `client`."""
        self._client = client
        self.unread: list[Unread] = []

    def list(self, check: str, kind: Kind, namespace: str | None = None) -> Objects:
        """Return the objects of a kind. Raises EngineError when the cluster can't be read at all."""
        return self._readable(check, lambda: self._client.list(kind, namespace), [])

    def one(self, check: str, reference: Reference) -> Object | None:
        """Return one object, None when there is none. Raises EngineError when the cluster can't be read at all."""
        return self._readable(check, lambda: self._client.get(reference), None)

    def _readable(self, check: str, read: Callable[[], Read], otherwise: Read) -> Read:
        try:
            return read()
        except KindNotServed:
            return otherwise
        except ApiError as error:
            if not is_forbidden(error):
                raise
            self.unread.append(Unread(check, refusal(error)))
            return otherwise


def _foreign(looks: Looks, objects: list[dict[str, Any]]) -> list[Reference]:
    """Return which of `objects`, that the installation wants, are there and were not applied by this collection."""
    wanted = [Reference(Kind(each["api_version"], each["kind"]), each["name"], each["namespace"]) for each in objects]
    lives = parallel(lambda reference: looks.one("adoption", reference), wanted)
    return [reference for reference, live in zip(wanted, lives) if live and not carries_us(live)]


def _misfits(client: Client, looks: Looks, given: dict[str, Any]) -> Iterator[str]:
    """Yield what the CRD, where it is there already, does not take of overrides."""
    kind = Kind(given["api_version"], given["kind"])
    if not any(given["explicit"].values()):
        return
    with suppress(KindNotServed):
        crd = looks.one("overrides", CRD.named(f"{client.resource(kind).plural}.{kind.group}"))
        yield from (
            each.told(kind, given["given_by"]) for each in misfits(given["explicit"], schema_of(crd, kind) or {})
        )


def _settled_catalogs(look: Callable[[], Objects], seconds: float, progress: Progress) -> Objects:
    """Return the catalogues as they are once all answer, or when the time is over: their pods restart at times."""
    catalogs: Objects = []

    def settle() -> None:
        nonlocal catalogs
        catalogs = look()
        if waiting := silent(catalogs):
            raise NotYet(", ".join(waiting))

    with suppress(TimedOut):
        poll_until(settle, time.monotonic() + seconds, progress, "waiting for the catalogues")
    return catalogs


def _offers(looks: Looks, catalogs: Objects, params: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return which catalogues offer each wanted package; nothing while all wanted catalogues are there."""
    if set(params["catalogs"]) <= {each["metadata"]["name"] for each in catalogs}:
        return {}
    wanted = {operator["name"] for operator in params["operators"]}
    found: dict[str, tuple[str, ...]] = {}
    for each in looks.list("catalogs", PACKAGE_MANIFEST, params["catalogs_namespace"]):
        if (name := each["metadata"]["name"]) in wanted:
            source = str(section(each, "status").get("catalogSource") or "")
            found[name] = tuple(sorted({*found.get(name, ()), source}))
    return found
