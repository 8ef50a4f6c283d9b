# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Taking a backup: read, sealed, written, and what is told of it."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.execution import Container
from ..kube.polling import Progress
from . import database
from .folder import NAMESPACES, Cipher, Draft, Manifest, write
from .gather import GROUPS, Content, Places, cluster_of, gather


@dataclass(frozen=True)
class Order:
    """What is asked for. database: its Service, empty to leave it out; version: that of the collection."""

    folder: Path
    places: Places
    database: str
    version: str


def take(client: Client, order: Order, seal: Cipher, check_mode: bool, progress: Progress) -> dict[str, Any]:
    """Take a backup and return the module's result. Raises EngineError when it cannot be whole; then there is none."""
    cluster, moment = cluster_of(client), time.gmtime()
    content = gather(client, order.places)
    where = database.container(client, order.places.system, order.database) if order.database else None
    told = _told(content)
    progress(f"{', '.join(f'{count} {name}' for name, count in told['counts'].items())} to keep")
    host = urlsplit(cluster["server"]).hostname or "cluster"
    path = order.folder.resolve() / f"{host}-{time.strftime('%Y%m%d-%H%M%SZ', moment)}"
    result = {"changed": False, **told, "database": where is not None}
    if check_mode:
        return result

    def fill(draft: Draft) -> Manifest:
        pieces = _fill(draft, client, content, where)
        return Manifest(
            id=secrets.token_hex(8),
            moment=time.strftime("%Y-%m-%dT%H:%M:%SZ", moment),
            collection=order.version,
            cluster=cluster,
            **told,
            database=pieces,
            files=dict(draft.files),
        )

    try:
        manifest = write(path, seal, fill)
    except OSError as error:
        raise EngineError(
            f"the backup {path} cannot be written: {error.strerror}\n  next: name another folder: -e backup_dir=DIR"
        ) from None
    return {**result, "path": str(path), "id": manifest.id, "size": sum(file.stat().st_size for file in path.iterdir())}


def _told(content: Content) -> dict[str, Any]:
    return {
        "namespaces": [entry["name"] for entry in content.namespaces],
        "counts": {group: len(content.groups[group]) for group in GROUPS},
        "left_out": dict(sorted(content.left_out.items())),
    }


def _fill(draft: Draft, client: Client, content: Content, where: Container | None) -> list[str]:
    """Write all but the manifest, and return the names of the database's pieces."""
    draft.add_objects(NAMESPACES, {"seldon_model_namespaces": content.namespaces})
    for group in GROUPS:
        draft.add_objects(f"{group}.json", content.groups[group])
    return draft.add_pieces(database.dump(client, where)) if where else []
