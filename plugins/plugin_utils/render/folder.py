# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A tree on disk, beside files of others: what differs, and writing it, whatever interrupts it or runs beside it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ansible_collections.seldon.openshift.plugins.module_utils.kube.files import PUBLIC, digest, whole

LIST = ".seldon-render.json"
_SCHEMA = 1


class Refused(Exception):
    """The folder cannot be written to; the text says why, and what to do."""


@dataclass(frozen=True)
class Changes:
    """What becomes of files, by their paths in the folder. left: not wanted any more, but somebody has edited them."""

    written: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.written or self.removed)


class Folder:
    """The folder of a tree, and the list of the files that we wrote there, with the hash of each."""

    def __init__(self, path: Path) -> None:
        """Read the list. Raises Refused for a folder that holds something else and no list."""
        self.path = path
        self.listed = self._read()

    def changes(self, files: Mapping[str, str], kept: Iterable[str]) -> Changes:
        """Return what has to be done for `files`, while `kept` stay as they are. Raises Refused."""
        written = tuple(path for path, text in sorted(files.items()) if self.text(path) != text)
        if foreign := [path for path in written if path not in self.listed and self._is_there(path)]:
            raise Refused(
                f"{self.path}: not written by this playbook, and in the way: {', '.join(foreign)}. "
                "Nothing was written. Move what is yours elsewhere, or name another folder (-e out=DIR)"
            )
        unwanted = [path for path in sorted(self.listed) if path not in files and path not in set(kept)]
        there = [path for path in unwanted if self._is_there(path)]
        removed = tuple(path for path in there if self._hash_of(path) == self.listed[path])
        return Changes(written, removed, tuple(path for path in there if path not in removed))

    def apply(self, files: Mapping[str, str], kept: Iterable[str], changes: Changes) -> None:
        """Make the changes. A run that ends in between leaves a list that names all it wrote. Raises OSError."""
        wanted = {path: _hash(text) for path, text in files.items()}
        stays = {path: self.listed[path] for path in kept if path in self.listed}
        self.path.mkdir(parents=True, exist_ok=True)
        with self._alone():
            self._write_list({**self.listed, **wanted})
            for path in changes.written:
                _write(self.path / path, files[path])
            for path in changes.removed:
                self._remove(path)
            self._write_list({**stays, **wanted})

    def text(self, path: str) -> str | None:
        """Return a file's text; None where there is no file, or a link that may lead anywhere."""
        place = self.path / path
        if place.is_symlink() or not place.is_file():
            return None
        return place.read_bytes().decode("utf-8", "surrogateescape")

    def _read(self) -> dict[str, str]:
        if self.path.exists() and not self.path.is_dir():
            raise Refused(f"{self.path} is no folder: name another one (-e out=DIR)")
        there = self.text(LIST)
        if there is None:
            if others := self._others():
                raise Refused(
                    f"{self.path} holds files that this playbook did not write ({', '.join(others[:3])}"
                    f"{', …' if len(others) > 3 else ''}). Nothing was written. "
                    "Name a new or an empty folder (-e out=DIR)"
                )
            return {}
        return self._listed(there)

    def _others(self) -> list[str]:
        """Return the names in the folder, but for those of Git."""
        names = [each.name for each in self.path.iterdir()] if self.path.exists() else []
        return sorted(name for name in names if not name.startswith(".git"))

    def _listed(self, text: str) -> dict[str, str]:
        try:
            content = json.loads(text)
            files = {str(path): str(each) for path, each in content["files"].items()}
        except (ValueError, LookupError, TypeError, AttributeError):
            raise Refused(
                f"{self.path / LIST} is not as this playbook writes it. Restore it (git checkout), or remove the tree"
            ) from None
        if outside := [path for path in files if not _is_inside(path)]:
            raise Refused(
                f"{self.path / LIST} names files outside of the tree: {', '.join(outside)}. Restore it (git checkout)"
            )
        return files

    def _is_there(self, path: str) -> bool:
        return os.path.lexists(self.path / path)

    def _hash_of(self, path: str) -> str:
        return _hash(self.text(path) or "")

    def _write_list(self, files: Mapping[str, str]) -> None:
        text = json.dumps({"schema": _SCHEMA, "files": dict(sorted(files.items()))}, indent=2) + "\n"
        if self.text(LIST) != text:
            _write(self.path / LIST, text)

    def _remove(self, path: str) -> None:
        place = self.path / path
        place.unlink(missing_ok=True)
        if place.parent != self.path and not any(place.parent.iterdir()):
            place.parent.rmdir()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let another run into the same folder wait."""
        handle = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return bool(parts) and not PurePosixPath(path).is_absolute() and ".." not in parts and len(parts) <= 2


def _hash(text: str) -> str:
    return digest(_encoded(text))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _write(place: Path, text: str) -> None:
    """Write a file as a whole, for everybody to read."""
    if place.parent.is_symlink():
        raise OSError(f"{place.parent} is a link")
    place.parent.mkdir(exist_ok=True)
    with whole(place, PUBLIC) as handle:
        handle.write(_encoded(text))
