# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What is written in two ways and means the same: quantities, and the order of sets. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

# Where the API has quantities (Kubernetes API reference, ResourceRequirements, ResourceQuota, LimitRange, PVC); a text
# of the same look may stand in an environment variable or an annotation, where it is a text.
_QUANTITIES = ("requests", "limits", "hard", "capacity", "min", "max", "defaultRequest", "maxLimitRequestRatio")
_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|(m|u|n|k|[MGTPE]|[KMGTPE]i)?)")
_STORAGE = ("storage", "sizeLimit")
_POWERS = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
# Lists whose order says nothing. Those of built-in kinds have keys; custom resources keep them as they were written.
_SETS = (
    *("accessModes", "apiGroups", "destinations", "members", "namespaces", "policyTypes", "resourceNames"),
    *("resources", "sourceNamespaces", "sourceRepos", "verbs"),
)


def aligned(desired: Any, live: Any, field: str = "", within: str = "") -> Any:
    """Return `desired` with what means the same as in `live` written as it is there.

    field: the name of the field that holds it; within: that of the one above.
    """
    if isinstance(desired, Mapping) and isinstance(live, Mapping):
        return {key: aligned(value, live.get(key), str(key), field) for key, value in desired.items()}
    if isinstance(desired, list) and isinstance(live, list):
        return _ordered(desired, live, field)
    if (within in _QUANTITIES or field in _STORAGE) and _same_quantity(desired, live):
        return live
    return desired


def quantity(text: Any) -> Decimal | None:
    """Return the value of a quantity such as `1500m` or `4Gi`, None for what is none (Kubernetes, Quantity)."""
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        return None
    found = _QUANTITY.fullmatch(str(text))
    if not found:
        return None
    number, exponent, suffix = found.groups()
    if exponent:
        return Decimal(number + exponent)
    if suffix and suffix.endswith("i"):
        return Decimal(number) * 1024 ** ("KMGTPE".index(suffix[0]) + 1)
    return Decimal(number).scaleb(_POWERS.get(suffix or "", 0))


def _same_quantity(one: Any, other: Any) -> bool:
    value = quantity(one)
    return value is not None and value == quantity(other)


def _ordered(desired: list[Any], live: list[Any], field: str) -> list[Any]:
    if len(desired) != len(live):
        return desired
    if field in _SETS and all(item in live for item in desired) and all(item in desired for item in live):
        return live
    by_name = {_name(item): item for item in desired}
    if field == "env" and {*by_name} == {*map(_name, live)} and len(by_name) == len(live) and not _refers(desired):
        desired = [by_name[_name(item)] for item in live]
    return [aligned(one, other) for one, other in zip(desired, live)]


def _name(item: Any) -> str | None:
    return item.get("name") if isinstance(item, Mapping) else None


def _refers(env: list[Any]) -> bool:
    """Say whether a variable refers to another one, which has to come before it."""
    return any("$(" in str(item.get("value", "")) for item in env)
