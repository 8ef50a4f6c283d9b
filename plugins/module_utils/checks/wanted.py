# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether objects on the cluster hold what was applied, and whether rules mean the same after PromQL's printer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..kube.objects import Kind, Object, Objects
from .model import Finding, failed, passed
from .observed import Observed

# What names an item of a list in a message.
_NAMES = ("name", "alert", "record", "port")
_LONGEST = 60
_TEXT = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
# What is a matcher of the namespace, and the tokens of PromQL: texts, durations, numbers, names, operators.
_CONFINED = re.compile(rf"\bnamespace\s*(?:=~|!~|!=|=)\s*(?:{_TEXT})")
_TOKEN = re.compile(
    rf"{_TEXT}|(?:\d+(?:ms|[smhdwy]))+|\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|[a-zA-Z_:][\w:]*|[=!<>]=|[=!]~|[-+*/%^<>=@]"
)
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_DURATION = re.compile(r"(\d+)(ms|[smhdwy])")


def of_kind(objects: Iterable[Object], kind: Kind) -> Objects:
    """Return those of `objects` that are of a kind."""
    return [obj for obj in objects if Kind.of(obj) == kind]


def compared(cluster: Observed, subject: str, wanted: Objects, namespace: str, do: str) -> Finding:
    """Return whether `namespace` holds each of `wanted`, which are of one kind, as it was applied.

    Fields that the cluster has besides do not count. do: the command that applies them.
    """
    live = {each["metadata"]["name"]: each for each in cluster.list(Kind.of(wanted[0]), namespace)} if wanted else {}
    missing = [name for obj in wanted if (name := obj["metadata"]["name"]) not in live]
    changed = {
        name: found
        for obj in wanted
        if (name := obj["metadata"]["name"]) in live and (found := differences(obj["spec"], live[name].get("spec")))
    }
    told = [f"missing: {', '.join(missing)}"] if missing else []
    told += [f"{name} was changed: {'; '.join(found)}" for name, found in changed.items()]
    if told:
        return failed(subject, ". ".join(told), do)
    return passed(subject, ", ".join(obj["metadata"]["name"] for obj in wanted))


def differences(wanted: Any, live: Any, path: str = "spec") -> list[str]:
    """Return what of `wanted` is other in `live`, a line for each field.

    What `live` holds besides is no difference, but in a selector, which it narrows down, and where nothing is wanted.
    """
    if isinstance(wanted, Mapping) and isinstance(live, Mapping) and wanted and not path.endswith("elector"):
        missing = [f"{path}.{key} is missing" for key in wanted if key not in live]
        shared = [(f"{path}.{key}", value, live[key]) for key, value in wanted.items() if key in live]
    elif isinstance(wanted, list) and isinstance(live, list):
        missing = [] if len(wanted) == len(live) else [f"{path} has {len(live)} items instead of {len(wanted)}"]
        items = [] if missing else enumerate(zip(wanted, live))
        shared = [(f"{path}[{_title(one, index)}]", one, other) for index, (one, other) in items]
    else:
        return [] if wanted == live else [_told(path, wanted, live)]
    return missing + [line for where, one, other in shared for line in differences(one, other, where)]


def meaning(expression: str) -> Counter[str]:
    """Return what stays of an expression of PromQL when Prometheus Operator confines it to its namespace.

    It puts a matcher of the namespace into each selector, in place of those that are there, and prints all anew (0.57):
    by() moves, 100.0 becomes 100, 60s becomes 1m. So the other tokens count, in whatever order.
    """
    return Counter(_normal(token) for token in _TOKEN.findall(_CONFINED.sub("", expression)))


def _normal(token: str) -> str:
    if parts := _DURATION.findall(token) if token[0].isdigit() else []:
        return f"{sum(int(number) * _UNITS[unit] for number, unit in parts):g}s"
    if token[0].isdigit():
        return f"{float(token):g}"
    return f'"{token[1:-1]}"' if token[0] == "'" else token


def _title(item: Any, index: int) -> str:
    named: Iterator[Any] = (item[key] for key in _NAMES if key in item) if isinstance(item, Mapping) else iter(())
    return str(next(named, index))


def _told(path: str, wanted: Any, live: Any) -> str:
    one, other = str(wanted), str(live)
    if max(len(one), len(other)) > _LONGEST or "\n" in one + other:
        return f"{path} is another one"
    return f"{path} is {other} instead of {one}"
