# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Bringing a backup back, in steps: what is against it, its objects group by group, its database."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ..credentials.restarts import restart, runs_since_before
from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.kinds import DEPLOYMENT
from ..kube.objects import Reference
from ..kube.polling import Progress
from . import database
from .folder import Backup
from .gather import GROUPS, cluster_of
from .restoring import Step, awaited, differing, plan, write

DEPLOY = "seldon-deploy"
SECONDS = 60.0
NONE, LOADED, LOADS = "none", "loaded", "loads"


@dataclass(frozen=True)
class Consent:
    """What is asked for, and agreed to. groups: of GROUPS; database: its Service, empty to leave it out."""

    system: str
    database: str
    other_cluster: bool = False
    replaces_objects: bool = False
    replaces_database: bool = False


def judge(client: Client, backup: Backup, consent: Consent) -> dict[str, Any]:
    """Return what will be done. Raises EngineError with all that is against it; nothing is written."""
    if client.get(Reference(DEPLOYMENT, DEPLOY, consent.system)) is None:
        raise EngineError(
            f"Nothing was restored. The cluster has no Seldon Deploy in {consent.system}: install it first.\n"
            "  next: ansible-playbook seldon.openshift.site, with the values of the installation"
        )
    steps = [step for group in GROUPS for step in plan(client, backup.objects(group), consent.replaces_objects)]
    state = _database(client, backup, consent)
    problems = [*_of_clusters(client, backup, consent), *_of_objects(steps), *_of_database(state, consent)]
    if problems:
        raise EngineError("Nothing was restored.\n" + "\n".join(f"- {problem}" for problem in problems))
    return {
        "changed": False,
        "namespaces": backup.namespaces(),
        "moment": backup.manifest.moment,
        "counts": backup.manifest.counts,
        "database": state.fate,
    }


def objects(client: Client, backup: Backup, group: str, consent: Consent, check_mode: bool) -> dict[str, Any]:
    """Write a group of objects and return the module's result. Raises EngineError."""
    wanted = backup.objects(group)
    steps = plan(client, wanted, consent.replaces_objects)
    if found := list(_of_objects(steps)):
        raise EngineError("\n".join(found))
    changed = [step for step in steps if step.changes]
    if not check_mode:
        write(client, changed)
    return {
        "changed": bool(changed),
        "results": [step.report() for step in steps],
        "diff": [step.diff() for step in changed],
        "resources": awaited(wanted),
    }


def load(client: Client, backup: Backup, consent: Consent, check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Replace the database and restart who reads it; return the module's result. Raises EngineError."""
    state = _database(client, backup, consent)
    if found := list(_of_database(state, consent)):
        raise EngineError(f"The database was not restored. {found[0]}")
    if state.fate == NONE or (state.fate == LOADS and check_mode):
        return {"changed": state.fate == LOADS, "database": state.fate, "restarted": []}
    since = state.since
    if state.fate == LOADS:
        progress(f"bringing back the database ({state.rows} rows are replaced)")
        where = database.container(client, consent.system, consent.database)
        database.load(client, where, backup.dump(), backup.manifest.id)
        since = database.held(client, where).since
    restarted = [] if check_mode else list(_restarted(client, consent.system, since))
    return {"changed": state.fate == LOADS or bool(restarted), "database": state.fate, "restarted": restarted}


@dataclass(frozen=True)
class _State:
    fate: str
    rows: int = 0
    since: str = ""


def _database(client: Client, backup: Backup, consent: Consent) -> _State:
    if not (consent.database and backup.manifest.database):
        return _State(NONE)
    found = database.held(client, database.container(client, consent.system, consent.database))
    if found.backup == backup.manifest.id and not consent.replaces_database:
        return _State(LOADED, found.rows, found.since)
    return _State(LOADS, found.rows)


def _restarted(client: Client, namespace: str, since: str) -> Iterator[dict[str, str | None]]:
    """Restart Seldon Deploy when it runs since before the database was replaced; yield it."""
    moment, deadline = datetime.fromisoformat(since.replace("Z", "+00:00")), time.monotonic() + SECONDS
    deploy = client.get(Reference(DEPLOYMENT, DEPLOY, namespace))
    if deploy and runs_since_before(client, deploy, moment, deadline):
        restart(client, deploy, moment, deadline)
        yield Reference.of(deploy).as_options()


def _of_clusters(client: Client, backup: Backup, consent: Consent) -> Iterator[str]:
    theirs, here = backup.manifest.cluster, cluster_of(client)
    same = theirs["id"] == here["id"] if theirs["id"] and here["id"] else theirs["server"] == here["server"]
    if not same and not consent.other_cluster:
        yield (
            f"The backup is of another cluster ({theirs['server']}, {theirs['id']}); this is {here['server']}, "
            f"{here['id']}. To bring it here all the same: -e restore_other_cluster=true"
        )


def _of_objects(steps: list[Step]) -> Iterator[str]:
    names = list(differing(steps))
    if names:
        yield (
            f"{len(names)} objects are there and differ from the backup: {', '.join(names)}. "
            "To replace them by those of the backup: -e restore_objects=replace; to see how: --check --diff with it"
        )


def _of_database(state: _State, consent: Consent) -> Iterator[str]:
    if state.fate == LOADS and state.rows and not consent.replaces_database:
        yield (
            f"The database holds data ({state.rows} rows). To replace all of it by that of the backup: "
            "-e restore_database=replace; to leave it as it is: -e restore_database=skip"
        )
