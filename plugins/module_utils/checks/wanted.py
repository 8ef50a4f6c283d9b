# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether objects on the cluster hold what was applied, and whether rules mean the same after PromQL's printer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..apply.meaning import aligned
from ..kube.objects import Kind, Object, Objects
from .applied import is_left
from .model import Finding, failed, passed, warned
from .observed import Observed

# What names an item of a list in a message.
_NAMES = ("name", "alert", "record", "port")
_LONGEST = 60
# Fields that the API server adds to the items of lists.
_DEFAULTS = {"protocol": "TCP"}
_TEXT = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`[^`]*`"
_CONFINED = re.compile(rf"\bnamespace\s*(?:=~|!~|!=|=)\s*(?:{_TEXT})")
_TOKEN = re.compile(
    rf"""(?P<comment>\#[^\n]*) | (?P<text>{_TEXT})
    | (?P<duration>(?:\d+(?:ms|[smhdwy]))+(?!\w)) | (?P<endless>(?i:\+?inf|nan)(?![\w:]))
    | (?P<number>0[xX][\da-fA-F]+|(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)
    | (?P<name>[a-zA-Z_:][\w:]*) | (?P<sign>[=!<>]=|[=!]~|[-+*/%^<>=@()\[\]:])""",
    re.VERBOSE,
)
# What PromQL reads in any case.
_OPERATORS = ("and", "bool", "by", "group_left", "group_right", "ignoring", "offset", "on", "or", "unless", "without")
_AGGREGATIONS = ("avg", "bottomk", "count", "count_values", "group", "max", "min", "quantile", "stddev", "stdvar")
_WORDS = frozenset([*_OPERATORS, *_AGGREGATIONS, "sum", "topk"])
_GROUPING = ("by", "without")
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
        if (name := obj["metadata"]["name"]) in live and (found := _changes(obj, live[name]))
    }
    told = [f"missing: {', '.join(missing)}"] if missing else []
    told += [f"{name} was changed: {'; '.join(found)}" for name, found in changed.items()]
    differing = [obj for obj in wanted if obj["metadata"]["name"] in changed]
    if told and not missing and all(is_left(obj, live[obj["metadata"]["name"]]) for obj in differing):
        return warned(subject, f"{'. '.join(told)}. Controllers hold it", f"{do} -e seldon_conflicts=force")
    if told:
        return failed(subject, ". ".join(told), do)
    return passed(subject, ", ".join(obj["metadata"]["name"] for obj in wanted))


def _changes(wanted: Object, live: Object) -> list[str]:
    spec = live.get("spec")
    return differences(aligned(wanted["spec"], spec), spec)


def differences(wanted: Any, live: Any, path: str = "spec", listed: bool = False) -> list[str]:
    """Return what of `wanted` is other in `live`, a line for each field.

    What `live` holds besides is no difference, but in a selector, which it narrows down, where nothing is wanted, and
    in the items of a list (`listed`), which have one owner.
    """
    if isinstance(wanted, Mapping) and isinstance(live, Mapping) and wanted and not path.endswith("elector"):
        lines = [f"{path}.{key} is missing" for key in wanted if key not in live]
        added = [key for key in live if key not in wanted and live[key] != _DEFAULTS.get(key)] if listed else []
        lines += [f"{path}.{key} was added" for key in added]
        shared = [(f"{path}.{key}", value, live[key]) for key, value in wanted.items() if key in live]
    elif isinstance(wanted, list) and isinstance(live, list):
        lines = [] if len(wanted) == len(live) else [f"{path} has {len(live)} items instead of {len(wanted)}"]
        items, listed = [] if lines else enumerate(zip(wanted, live)), True
        shared = [(f"{path}[{_title(one, index)}]", one, other) for index, (one, other) in items]
    else:
        return [] if wanted == live else [_told(path, wanted, live)]
    return lines + [line for where, one, other in shared for line in differences(one, other, where, listed)]


def meaning(expression: str) -> list[str]:
    """Return an expression of PromQL as tokens that stay when Prometheus Operator confines it to its namespace.

    It puts a matcher of the namespace into each selector, in place of those that are there, and prints all anew (0.57):
    by() moves before what is aggregated, 100.0 becomes 100, 60s becomes 1m, and comments go.
    """
    found = _TOKEN.finditer(_CONFINED.sub("", expression))
    return _grouped([_normal(token) for token in found if token.lastgroup != "comment"])


def _normal(token: re.Match[str]) -> str:
    kind, text = token.lastgroup, token[0]
    if kind == "text":
        body = text[1:-1] if text[0] == "`" else re.sub(r"\\([\\\"'])", r"\1", text[1:-1])
        return f'"{body}"'
    if kind == "duration":
        return f"{sum(int(number) * _UNITS[unit] for number, unit in _DURATION.findall(text)):g}s"
    if kind == "number":
        return repr(float(int(text, 16) if text[:2] in ("0x", "0X") else text))
    if kind == "endless":
        return text.lower().lstrip("+")
    return text.lower() if text.lower() in _WORDS else text


def _grouped(tokens: list[str]) -> list[str]:
    """Return the tokens with each by() and without() before what is aggregated."""
    for place, token in enumerate(tokens):
        if token in _GROUPING and place and tokens[place - 1] == ")":
            opened, closed = _opening(tokens, place - 1), tokens.index(")", place) + 1
            return _grouped([*tokens[:opened], *tokens[place:closed], *tokens[opened:place], *tokens[closed:]])
    return tokens


def _opening(tokens: list[str], closing: int) -> int:
    """Return the place of the bracket that the one at `closing` closes; 0 when there is none."""
    depth = 0
    for place in range(closing, -1, -1):
        depth += {")": 1, "(": -1}.get(tokens[place], 0)
        if depth == 0:
            return place
    return 0


def _title(item: Any, index: int) -> str:
    named: Iterator[Any] = (item[key] for key in _NAMES if key in item) if isinstance(item, Mapping) else iter(())
    return str(next(named, index))


def _told(path: str, wanted: Any, live: Any) -> str:
    one, other = str(wanted), str(live)
    if max(len(one), len(other)) > _LONGEST or "\n" in one + other:
        return f"{path} is another one"
    return f"{path} is {other} instead of {one}"
