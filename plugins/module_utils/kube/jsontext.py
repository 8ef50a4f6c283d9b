# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""JSON as the API server reads it, every character unharmed: pure functions.

The server takes the body of a server-side apply for YAML (sigs.k8s.io/yaml), which is stricter than JSON: it knows no
surrogate pairs, folds other line breaks than LF into spaces, and refuses control characters that are not escaped.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from .errors import EngineError

# DEL, C1 controls (NEL among them), two line breaks, the byte order mark, and what is no character at all.
_NOT_RAW = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)}


def encode(value: Any) -> bytes:
    """Return `value` as JSON in UTF-8. Raises EngineError naming the field whose text holds half a surrogate pair."""
    text = json.dumps(value, ensure_ascii=False).translate(_NOT_RAW)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise EngineError(no_text(next(_broken(value, ""), "the object"))) from None


def whole(text: str) -> str:
    r"""Return `text` with each surrogate pair as its one character: YAML's `"\ud83d\ude00"` is read as two halves.

    Raises UnicodeError for half a pair.
    """
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def no_text(field: str) -> str:
    """Return what is wrong with a field that holds half a surrogate pair."""
    return (
        f"{field} is no text that UTF-8 can hold (half a surrogate pair, which a file in another encoding or a cut "
        "escape leaves). Save its source as UTF-8, or write the character itself."
    )


def _broken(value: Any, path: str) -> Iterator[str]:
    """Yield the paths of texts that can't be encoded, keys among them."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _broken(key, f"a key of {path}" if path else "a key")
            yield from _broken(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _broken(item, f"{path}[{index}]")
    elif isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError:
            yield path.encode("utf-8", "backslashreplace").decode()
