# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What is or may be a secret, and hiding it in text: the one list of words for diffs, errors, advice and archives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

HIDDEN = "(hidden)"
HIDDEN_CHANGED = "(hidden, changed)"

# Each is a part of a regular expression.
WORDS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credentials?",
    "id_rsa",
    "api[-_.]?key",
    "access[-_.]?key",
    "private[-_.]?key",
)
WORD = rf"(?:{'|'.join(WORDS)})"
_NAME = re.compile(rf"{WORD}$", re.IGNORECASE)
_ANYWHERE = re.compile(WORD, re.IGNORECASE)


def names_secret(name: str) -> bool:
    """Say whether what a field, variable or option of this name holds is a secret: `dbPassword`, `DB_PASSWORD`.

    `secretName` and `jwtSecretKey` only lead to one.
    """
    return _NAME.search(name) is not None


def mentions_secret(text: str) -> bool:
    """Say whether one of the words stands anywhere in a text, for those who would rather hide too much."""
    return _ANYWHERE.search(text) is not None


def hiding(values: Iterable[str], mark: str = HIDDEN) -> Callable[[str], str]:
    """Return the function that puts `mark` in place of each of `values`, the longest first, as one may hold another."""
    ordered = sorted(filter(None, values), key=len, reverse=True)

    def hide(text: str) -> str:
        for value in ordered:
            if value in text:
                text = text.replace(value, mark)
        return text

    return hide
