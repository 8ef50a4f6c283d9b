# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Files on this machine that are there as a whole or not at all, and what tells whether one has changed."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

PRIVATE, PUBLIC = 0o600, 0o644


@contextmanager
def whole(path: Path, mode: int = PRIVATE) -> Iterator[IO[bytes]]:
    """Yield what takes the place of the file `path` when all is written, and until then is readable for us alone.

    mode: the file's bits, whatever the umask is. Raises OSError; then, as after any other error, `path` is as it was.
    """
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            yield handle
            os.fchmod(handle.fileno(), mode)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def digest(data: bytes) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()
