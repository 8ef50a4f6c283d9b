"""axe-core, which tells where a page shuts people out (https://github.com/dequelabs/axe-core), from npm, once."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory

from sandbox.paths import cache_dir

VERSION = "4.11.0"
SHA512 = (
    "8a561a9c453cbf1c417b1a4977c716338125490ab841cb422ca8a1d1349f8c87"
    "c24137b21ffeb356b98825f2cfaca4ca2516e21be71f9d96d02230252661758d"
)
# The success criteria of levels A and AA, and what axe-core holds for good practice: headings, landmarks, tables.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


def script() -> str:
    """Return axe-core's source. Raises OSError or SubprocessError without npm, ValueError for another one."""
    path = _path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not path.exists():
            content = _packed()
            partial = path.with_suffix(".partial")
            partial.write_bytes(content)
            partial.rename(path)
    return path.read_text(encoding="utf-8")


def _path() -> Path:
    return cache_dir() / f"axe-core-{VERSION}" / "axe.min.js"


def _packed() -> bytes:
    with TemporaryDirectory() as folder:
        command = ["npm", "pack", f"axe-core@{VERSION}", "--silent"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
        (archive,) = Path(folder).glob("*.tgz")
        if hashlib.sha512(archive.read_bytes()).hexdigest() != SHA512:
            raise ValueError(f"npm's axe-core {VERSION} is another one than was pinned")
        with tarfile.open(archive) as opened:
            member = opened.extractfile("package/axe.min.js")
            assert member
            return member.read()
