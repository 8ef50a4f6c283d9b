# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a scalar without quotes is to Go's gopkg.in/yaml.v2, by which kubectl, Helm, Alertmanager and operators read.

Its source: resolve.go of v2.4.0. Times and numbers of base 60 are strings where no field wants a time.
"""

from __future__ import annotations

import re
from typing import Union

Scalar = Union[str, int, float, bool, None]

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))", re.ASCII)
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_BASES = (16, 2, 8, 10)


def go_value(text: str) -> Scalar:
    """Return what the plain scalar `text` is to Go."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == ".":
        return _float(text)
    if text[0] not in "+-0123456789":
        return text
    plain = text.replace("_", "")
    whole = _integer(plain)
    if whole is not None:
        return whole
    number = _float(plain)
    return text if isinstance(number, str) else number


def _integer(plain: str) -> int | None:
    found = _INTEGER.fullmatch(plain)
    if not found:
        return None
    sign, *digits = found.groups()
    number = next(int(each, base) for each, base in zip(digits, _BASES) if each)
    number = -number if sign == "-" else number
    # Go reads a number with a sign as int64, one without as uint64, too.
    return number if -(2**63) <= number < (2**63 if sign else 2**64) else None


def _float(text: str) -> str | float:
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    return text if number in (float("inf"), float("-inf")) else number
