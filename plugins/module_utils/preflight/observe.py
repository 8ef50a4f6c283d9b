# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What preflight reads of a cluster, and of the machine where the tasks run."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from ..apply.waves import parallel
from ..credentials.token_life import token_seconds
from ..kube.client import Client
from ..kube.errors import ApiError, KindNotServed
from ..kube.kinds import (
    ARGOCD,
    CATALOG_SOURCE,
    CLUSTER_VERSION,
    CONTROL_PLANE,
    MEMBER,
    MEMBER_ROLL,
    NAMESPACE,
    SECRET,
    STORAGE_CLASS,
)
from ..kube.objects import Kind, Object, Objects, Reference
from ..kube.polling import NotYet, Progress, TimedOut, poll_until
from .cluster import silent
from .model import Observation

Read = TypeVar("Read")


def observe(client: Client, params: dict[str, Any], progress: Progress) -> Observation:
    """Return what there is. What we may not read, or what is not served, counts as not there; rights tell of them."""

    def listed(kind: Kind, namespace: str | None = None) -> Objects:
        return _readable(lambda: client.list(kind, namespace), [])

    def one(reference: Reference) -> Object | None:
        return _readable(lambda: client.get(reference), None)

    return Observation(
        cluster_version=one(CLUSTER_VERSION.named("version")),
        denied=tuple(_denied(client, params["rights"])),
        catalogs=_settled_catalogs(
            lambda: listed(CATALOG_SOURCE, params["catalogs_namespace"]),
            params["timeout"],
            progress,
        ),
        classes=listed(STORAGE_CLASS),
        control_planes=listed(CONTROL_PLANE),
        rolls=listed(MEMBER_ROLL),
        members=listed(MEMBER),
        namespaces=listed(NAMESPACE),
        argocds=listed(ARGOCD),
        alertmanager=one(SECRET.named("alertmanager-main", "openshift-monitoring")),
        token_seconds=token_seconds(client, time.time()),
        helm=helm_version() if params["helm"] else "",
        client=client.library_version,
    )


def helm_version() -> str:
    """Return the version of the program `helm` on PATH, such as v3.14.4; empty when there is none that runs."""
    command = ["helm", "version", "--template", "{{.Version}}"]
    # Inside Ansible's own process there is no AnsibleModule to run a command.
    # pylint: disable=ansible-bad-function
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 (constant)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


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


def _denied(client: Client, rights: list[dict[str, Any]]) -> list[dict[str, str]]:
    """Return the rights that we lack, one for each verb."""
    if not rights or client.may({"verb": "*", "group": "*", "resource": "*"}):
        return []
    asked = [
        {"verb": verb, **{key: right[key] for key in ("resource", "group", "namespace")}}
        for right in rights
        for verb in right["verbs"]
    ]
    answers = parallel(client.may, asked)
    return [right for right, allowed in zip(asked, answers) if not allowed]


def _readable(read: Callable[[], Read], otherwise: Read) -> Read:
    try:
        return read()
    except KindNotServed:
        return otherwise
    except ApiError as error:
        if error.status == 403:
            return otherwise
        raise
