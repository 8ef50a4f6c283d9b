"""The Helm charts of a sandbox, written as a repository that any web server of files can serve.

They are stand-ins of the project's own in `charts/`; a chart in the folder named by `SELDON_CHART_DIR`, packaged or
not, replaces the stand-in of the same name.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from sandbox.definitions import Definitions
from sandbox.paths import PACKAGE

CHARTS = PACKAGE / "charts"
# Charts whose templates are the definitions of a set, as in Seldon's own: not in crds/, which Helm never removes.
DEFINITIONS = {"seldon-core-v2-crds": "seldon_v2"}
EPOCH = "1970-01-01T00:00:00Z"  # the same content gives the same repository

Metadata = dict[str, Any]


def folder_from_environment() -> Path | None:
    """Return the folder that `SELDON_CHART_DIR` names. Raises FileNotFoundError when there is none."""
    value = os.environ.get("SELDON_CHART_DIR")
    if not value:
        return None
    folder = Path(value).expanduser()
    if not folder.is_dir():
        raise FileNotFoundError(f"SELDON_CHART_DIR={value} is no folder. Name one with Helm charts, or unset it.")
    return folder


def write_repository(target: Path, definitions: Definitions, folder: Path | None = None) -> None:
    """Write packages and index of all charts into `target`. Raises OSError, ValueError, yaml and tarfile errors."""
    charts = {metadata["name"]: (metadata, package) for metadata, package in _own(definitions)}
    charts |= {metadata["name"]: (metadata, package) for metadata, package in _given(folder)}
    target.mkdir(parents=True, exist_ok=True)
    for metadata, package in charts.values():
        (target / _file(metadata)).write_bytes(package)
    entries = {name: [_entry(metadata, package)] for name, (metadata, package) in sorted(charts.items())}
    index = {"apiVersion": "v1", "entries": entries, "generated": EPOCH}
    (target / "index.yaml").write_text(yaml.safe_dump(index), encoding="utf-8")


def _own(definitions: Definitions) -> Iterator[tuple[Metadata, bytes]]:
    for folder in sorted(path.parent for path in CHARTS.glob("*/Chart.yaml")):
        files = dict(_files(folder))
        if folder.name in DEFINITIONS:
            files["templates/definitions.yaml"] = _template(definitions.load(DEFINITIONS[folder.name]))
        yield _metadata(files["Chart.yaml"]), packed(folder.name, files)


def _given(folder: Path | None) -> Iterator[tuple[Metadata, bytes]]:
    """Yield the charts in `folder`: packages as they are, others packaged."""
    if folder is None:
        return
    for path in sorted(folder.glob("*.tgz")):
        with tarfile.open(path) as archive:
            # A chart may hold others, deeper.
            members = [it for it in archive if it.name.endswith("/Chart.yaml") and it.name.count("/") == 1]
            described = archive.extractfile(members[0]) if members else None
            if described is None:
                raise ValueError(f"{path} holds no Helm chart: it has no <name>/Chart.yaml")
            yield _metadata(described.read()), path.read_bytes()
    for path in sorted(folder.glob("*/Chart.yaml")):
        metadata = _metadata(path.read_bytes())
        yield metadata, packed(metadata["name"], dict(_files(path.parent)))


def _files(folder: Path) -> Iterable[tuple[str, bytes]]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return ((str(path.relative_to(folder)), path.read_bytes()) for path in paths)


def _template(objects: list[dict[str, Any]]) -> bytes:
    """Return objects as a template of Helm that renders to exactly them."""
    text = yaml.safe_dump_all(objects, explicit_start=True)
    return text.replace("{{", '{{ "{{" }}').encode()


def packed(name: str, files: dict[str, bytes]) -> bytes:
    """Return the files (path in the chart: content) as the package of the chart `name`."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(f"{name}/{path}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(stream.getvalue(), mtime=0)


def _metadata(text: bytes) -> Metadata:
    metadata: Metadata = yaml.safe_load(text)
    return metadata


def _file(metadata: Metadata) -> str:
    return f"{metadata['name']}-{metadata['version']}.tgz"


def _entry(metadata: Metadata, package: bytes) -> Metadata:
    digest = hashlib.sha256(package).hexdigest()
    return metadata | {"created": EPOCH, "digest": digest, "urls": [_file(metadata)]}
