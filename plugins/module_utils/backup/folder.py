# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A backup as a folder: a manifest that everybody may read, and files that only a vault password opens.

Plain text never reaches the disk: each file is sealed in memory, the database in pieces. The folder gets its name when
all of it is there, so that half a backup is none.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ..kube.errors import EngineError
from ..kube.files import digest, whole
from ..kube.objects import Objects

Cipher = Callable[[bytes], bytes]

FORMAT = 1
MANIFEST = "manifest.json"
NAMESPACES = "namespaces.yml"
# What a run that was killed has left; no run writes nothing for so long.
DRAFT = re.compile(r"\..+-\d{8}-\d{6}Z\.\d+")
STALE_SECONDS = 24 * 3600
PIECE_BYTES = 8 * 1024 * 1024  # of the compressed dump; ansible-vault makes four times that of it


class BackupUnusable(EngineError):
    """A folder is no backup that this version can bring back; the message says why."""


@dataclass(frozen=True)
class Manifest:
    """What is told of a backup without its password. files: the SHA-256 of each; database: the names of its pieces."""

    id: str
    moment: str
    collection: str
    cluster: dict[str, str]
    namespaces: list[str]
    counts: dict[str, int]
    left_out: dict[str, int]
    database: list[str]
    files: dict[str, str]
    format: int = FORMAT


@dataclass
class Draft:
    """A backup that is being written; use it with `writing`. seal: what encrypts a file."""

    path: Path
    seal: Cipher
    files: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, plain: bytes) -> None:
        """Seal `plain` and write it. Raises OSError."""
        sealed = self.seal(plain)
        self.files[name] = digest(sealed)
        _write(self.path / name, sealed)

    def add_objects(self, name: str, objects: Any) -> None:
        """Write objects as JSON, which `ansible-vault view` shows."""
        self.add(name, (json.dumps(objects, indent=2) + "\n").encode())

    def add_pieces(self, data: Iterable[bytes]) -> list[str]:
        """Write the dump, of which one piece at a time is in memory, and return the names of the files."""
        names = []
        for number, piece in enumerate(_regular(data, PIECE_BYTES), 1):
            names.append(f"database-{number:04}.sql.gz")
            self.add(names[-1], piece)
        return names


def write(path: Path, seal: Cipher, fill: Callable[[Draft], Manifest]) -> Manifest:
    """Make the folder `path` of what `fill` writes, for its owner alone. Raises OSError, and what `fill` raises."""
    draft = Draft(path.parent / f".{path.name}.{os.getpid()}", seal)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remove_stale(path.parent)
    draft.path.mkdir(mode=0o700)
    try:
        manifest = fill(draft)
        _write(draft.path / MANIFEST, (json.dumps(asdict(manifest), indent=2) + "\n").encode())
        draft.path.rename(path)
    except BaseException:
        shutil.rmtree(draft.path, ignore_errors=True)
        raise
    return manifest


def _remove_stale(folder: Path) -> None:
    for each in folder.iterdir():
        if DRAFT.fullmatch(each.name) and each.stat().st_mtime < time.time() - STALE_SECONDS:
            shutil.rmtree(each, ignore_errors=True)


@dataclass(frozen=True)
class Backup:
    """A backup that was found whole. unseal: what decrypts a file."""

    path: Path
    manifest: Manifest
    unseal: Cipher

    def plain(self, name: str) -> bytes:
        """Return what a file holds. Raises BackupUnusable for a file that has changed."""
        return self.unseal(_verified(self.path, name, self.manifest.files))

    def objects(self, group: str) -> Objects:
        """Return the objects of a group. Raises BackupUnusable."""
        found: Objects = json.loads(self.plain(f"{group}.json"))
        return found

    def namespaces(self) -> list[dict[str, Any]]:
        """Return the entries of `seldon_model_namespaces`. Raises BackupUnusable."""
        found: list[dict[str, Any]] = json.loads(self.plain(NAMESPACES))["seldon_model_namespaces"]
        return found

    def dump(self) -> Iterator[bytes]:
        """Yield the compressed dump of the database, piece by piece. Raises BackupUnusable."""
        return (self.plain(name) for name in self.manifest.database)


def opened(path: Path, unseal: Cipher) -> Backup:
    """Return the backup in a folder, each file of which is there and unchanged. Raises BackupUnusable."""
    manifest = _manifest(path)
    for name in manifest.files:
        _verified(path, name, manifest.files)
    return Backup(path, manifest, unseal)


def _manifest(path: Path) -> Manifest:
    try:
        content = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        version = content["format"]
    except FileNotFoundError:
        raise BackupUnusable(
            f"{path} is no backup: it has no {MANIFEST}. Give the folder that backup.yml named"
        ) from None
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise BackupUnusable(f"{path / MANIFEST} is damaged ({error}). Take another backup") from None
    if version != FORMAT:
        raise BackupUnusable(
            f"{path} has format {version} of seldon.openshift {content.get('collection')}; this version of the "
            f"collection reads format {FORMAT}. Install that one: ansible-galaxy collection install seldon.openshift"
        )
    try:
        return Manifest(**content)
    except TypeError as error:
        raise BackupUnusable(f"{path / MANIFEST} is damaged ({error}). Take another backup") from None


def _verified(path: Path, name: str, files: dict[str, str]) -> bytes:
    try:
        data = (path / name).read_bytes()
    except OSError as error:
        raise BackupUnusable(
            f"{path} is damaged: {name} cannot be read ({error.strerror}). Take another backup"
        ) from None
    if digest(data) != files.get(name):
        raise BackupUnusable(f"{path} is damaged: {name} is not what was written (SHA-256). Take another backup")
    return data


def _regular(data: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the same bytes in pieces of `size`, the last one shorter."""
    rest = b""
    for block in data:
        rest += block
        while len(rest) >= size:
            yield rest[:size]
            rest = rest[size:]
    if rest:
        yield rest


def _write(path: Path, data: bytes) -> None:
    with whole(path) as handle:
        handle.write(data)
