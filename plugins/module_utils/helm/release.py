# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The records in which Helm 3 keeps its releases: one Secret for each revision, with the status in a label.

A Helm that is killed leaves its revision pending, and every later one refuses to work on that release.
"""

from __future__ import annotations

import base64
import copy
import gzip
import json

from ..kube.errors import EngineError
from ..kube.objects import Object, Objects, Reference
from ..kube.yamltext import load

DEPLOYED, FAILED = "deployed", "failed"
# What a Helm at work writes first; and what is left of it when it does not come to its end.
AT_WORK = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")
_NOBODYS = {"unfinished": True}


def selector(name: str) -> str:
    """Return the label selector of the records of a release."""
    return f"owner=helm,name={name}"


def newest(records: Objects) -> Object | None:
    """Return the record of the last revision, None when there is none."""
    return max(records, key=revision, default=None)


def revision(record: Object) -> int:
    """Return the number of the record's revision."""
    return int(record["metadata"]["labels"]["version"])


def status(record: Object) -> str:
    """Return the status that Helm gave the revision: deployed, failed, pending-install ..."""
    return str(record["metadata"]["labels"]["status"])


def written(record: Object) -> int:
    """Return when Helm wrote the record last, in seconds of Unix time (0 when it does not say)."""
    labels = record["metadata"]["labels"]
    return int(labels.get("modifiedAt") or labels.get("createdAt") or 0)


def to_recover(record: Object) -> bool:
    """Say whether the record keeps Helm, or who asks it for the release's values, from doing the work again.

    Raises EngineError for what is no record.
    """
    return status(record) in AT_WORK or (status(record) == FAILED and _release(record).get("config") != _NOBODYS)


def objects(record: Object) -> Objects:
    """Return the objects that the revision holds, each with its namespace. Raises EngineError for what is no record."""
    release = _release(record)
    try:
        documents = [document for document in load(release["manifest"]) if document]
    except ValueError as error:
        raise EngineError(f"{Reference.of(record)} holds no objects: {error}") from error
    home = {"namespace": record["metadata"]["namespace"]}
    return [{**document, "metadata": {**home, **document["metadata"]}} for document in documents]


def as_failed(record: Object) -> Object:
    """Return the record as Helm leaves one of a failed revision, with values that nobody wants.

    Helm goes on from a failed revision. What it left half done is done again, even with the very values of that attempt
    or of the one before. Raises EngineError for what is no record.
    """
    changed, release = copy.deepcopy(record), _release(record)
    changed["metadata"]["labels"]["status"] = FAILED
    release["info"].update(status=FAILED, description="was interrupted")
    release["config"] = _NOBODYS
    packed = base64.b64encode(gzip.compress(json.dumps(release).encode(), mtime=0))
    changed["data"]["release"] = base64.b64encode(packed).decode()
    return changed


def _release(record: Object) -> Object:
    try:
        packed = base64.b64decode(base64.b64decode(record["data"]["release"]))
        release: Object = json.loads(gzip.decompress(packed))
    except (KeyError, OSError, ValueError) as error:
        raise EngineError(f"{Reference.of(record)} is not a release record of Helm 3: {error}") from error
    return release
