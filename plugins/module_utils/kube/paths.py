# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Paths that somebody gives, and the content of a file where its path belongs, which no message may show.

Of what is no path everything counts as a secret: a kubeconfig, a key, a token.
"""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path

from .errors import Misconfigured

# Of Linux, in bytes: of a path, and of a name in it.
_LONGEST_PATH = 4095
_LONGEST_NAME = 255
_FEWEST = 12  # characters in base64 that say by themselves that they are a text
_CONTENT = re.compile(
    r"[\x00-\x1f\x7f\u0085\u2028\u2029]|-----(BEGIN|END)|^\s*[{\[]|sha256~|eyJ[\w-]{8,}\."
    r"|[\"']?\b(apiVersion|kind|clusters|users|contexts|current-context|preferences|token|server)[\"']?:\s"
)
# A token of no known form: long, without a folder or an ending, of all kinds of characters.
_LIKE_TOKEN = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[\w+~=-]{30,}")
KUBECONFIG_INSTEAD = (
    "Write it to a file that only you may read, and name that: export KUBECONFIG=PATH; the option kubeconfig takes "
    "a mapping, too: \"{{ lookup('file', PATH) | from_yaml }}\"."
)
_FILE_INSTEAD = (
    "Write it to a file that only you may read, and name that; the user of a kubeconfig takes a token itself as "
    "`token`, and certificates and keys in base64 as `client-certificate-data`, `client-key-data` (the cluster: "
    "`certificate-authority-data`)."
)


def is_content(given: str) -> bool:
    """Say whether what should be a path, or a list of them as in KUBECONFIG, is the content of a file."""
    return _CONTENT.search(given) is not None or any(map(_is_no_path, given.split(os.pathsep)))


def refuse_content(given: str, what: str, advice: str = _FILE_INSTEAD) -> None:
    """Raise Misconfigured, without it, when what should be a path is content; `what` says who gave it."""
    if is_content(given):
        raise Misconfigured(f"{what} is the content of a file, not its path", advice)


def expanded(path: str) -> str:
    """Return a path with `~` as a home, where there is one."""
    try:
        return str(Path(path).expanduser()) if path.startswith("~") else path
    except RuntimeError:
        return path


def located(given: str, folder: Path) -> str:
    """Return a path from a folder as an absolute one; content stays as it is, so that it is known as such."""
    path = str(folder / given)
    return given if is_content(given) and is_missing(path) else path


def is_missing(path: str) -> bool:
    """Say whether nothing is at a path, or nothing can be; what may not be looked at is there."""
    try:
        Path(path).stat()
    except PermissionError:
        return False
    except (OSError, ValueError):  # too long, or with a NUL
        return True
    return False


def _is_no_path(path: str) -> bool:
    too_long = _bytes(path) > _LONGEST_PATH or any(_bytes(name) > _LONGEST_NAME for name in path.split("/"))
    return too_long or _LIKE_TOKEN.fullmatch(path.strip()) is not None or _is_encoded_text(path.strip())


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _is_encoded_text(path: str) -> bool:
    """Say whether a path is a text in base64, which the letters of no real path are."""
    try:
        text = base64.b64decode(path, validate=True).decode() if len(path) >= _FEWEST else ""
    except ValueError:
        return False
    return bool(text) and all(each.isprintable() or each.isspace() for each in text)
