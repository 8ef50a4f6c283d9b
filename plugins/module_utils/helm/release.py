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
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..apply.manifests import read
from ..kube.discovery import KNOWN
from ..kube.errors import EngineError
from ..kube.objects import Kind, Object, Objects, Reference, section
from ..kube.yamltext import load

DEPLOYED, FAILED = "deployed", "failed"
# The label of a release that this collection installed or took over: Helm 3.13 and newer carry it to later revisions.
MARK = {"seldon.openshift/release": "installed"}
# What a Helm at work writes first; and what is left of it when it does not come to its end.
AT_WORK = ("pending-install", "pending-upgrade", "pending-rollback", "uninstalling")
_NOBODYS = {"unfinished": True}


@dataclass(frozen=True)
class Chart:
    """A chart by its name and version; app_version is empty where the chart has none, or nobody says."""

    name: str
    version: str
    app_version: str = ""


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


def is_marked(records: Objects) -> bool:
    """Say whether this collection installed the release, or took it over."""
    return any(MARK.items() <= record["metadata"]["labels"].items() for record in records)


def values(record: Object) -> Object:
    """Return the values that Helm was given for the revision. Raises EngineError for what is no record."""
    return _release(record).get("config") or {}


def chart(record: Object) -> Chart:
    """Return the chart of the revision. Raises EngineError for what is no record."""
    metadata = section(_release(record), "chart", "metadata")
    found = (str(metadata.get(key) or "") for key in ("name", "version", "appVersion"))
    return Chart(*found)


def objects(record: Object) -> Objects:
    """Return the objects that the revision holds, each with its namespace. Raises EngineError for what is no record."""
    manifest = str(_release(record).get("manifest") or "")
    try:
        return placed(load(manifest), record["metadata"]["namespace"])
    except (ValueError, EngineError) as error:
        raise EngineError(f"{Reference.of(record)} holds no objects: {error}") from error


def placed(documents: Iterable[Any], namespace: str) -> Objects:
    """Return the objects in a manifest's documents, each with its namespace. Raises EngineError."""
    found = [read(document, "the manifest") for document in documents if document]
    return [_placed(obj, namespace) for each in found for obj in each]


def _placed(obj: Object, namespace: str) -> Object:
    metadata, known = section(obj, "metadata"), KNOWN.get(Kind(obj.get("apiVersion", ""), obj.get("kind", "")))
    if known and not known.namespaced:
        return {**obj, "metadata": {key: value for key, value in metadata.items() if key != "namespace"}}
    return {**obj, "metadata": {**metadata, "namespace": metadata.get("namespace") or namespace}}


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
        release: Any = json.loads(gzip.decompress(packed))
    except (KeyError, EOFError, OSError, ValueError, zlib.error) as error:
        raise EngineError(_no_record(record, error)) from error
    if not isinstance(release, dict):
        raise EngineError(_no_record(record, "it holds no mapping"))
    return release


def _no_record(record: Object, why: object) -> str:
    name, home = record["metadata"]["name"], record["metadata"]["namespace"]
    return (
        f"{Reference.of(record)} is not a release record of Helm 3: {why}. Look at it, and delete it when it is worth "
        f"nothing, so that the revision before it counts: oc delete secret {name} -n {home}"
    )
