# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A configuration of Alertmanager 0.24 as it reads it, and what makes it refuse one: pure functions.

Looked at is what an edit could bring or meet: receivers, routes, time intervals. Its source: config/config.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .embedded import Settings, parse_texts
from .yaml_values import Plain

_MATCHERS = ("match", "match_re", "matchers")
_INTERVALS = ("mute_time_intervals", "active_time_intervals")


def parsed(text: str) -> Settings:
    """Return a configuration, every scalar without quotes as its text (`Plain`), but `continue` as a boolean.

    Its fields are strings, to which `007` is the text that it is. Raises Unparsable.
    """
    config = parse_texts(text)
    for each in _routes(config.get("route")):
        if isinstance(each, dict) and isinstance(each.get("continue"), Plain):
            each["continue"] = each["continue"].value
    return config


def check(config: Settings) -> None:
    """Raise ValueError for what makes Alertmanager refuse a whole configuration."""
    names = _receivers(config.get("receivers"))
    route = config.get("route")
    if not isinstance(route, dict) or not route.get("receiver"):
        raise ValueError("route has no receiver")
    _check_root(route)
    intervals = _intervals(config)
    for each in _routes(route):
        _check_route(each, names, intervals)


def _routes(route: Any) -> Iterator[Any]:
    yield route
    nested = route.get("routes") if isinstance(route, dict) else None
    for each in nested if isinstance(nested, list) else []:
        yield from _routes(each)


def _receivers(receivers: Any) -> list[str]:
    if not isinstance(receivers, list) or not all(isinstance(each, dict) and _is_name(each) for each in receivers):
        raise ValueError("receivers is not a list of receivers with names")
    return _once("receiver", [each["name"] for each in receivers])


def _intervals(config: Settings) -> list[str]:
    names = []
    for field in ("mute_time_intervals", "time_intervals"):
        listed = config.get(field) or []
        if not isinstance(listed, list) or not all(each is None or isinstance(each, dict) for each in listed):
            raise ValueError(f"{field} is not a list of time intervals")
        named = [each for each in listed if each is not None]
        if not all(_is_name(each) for each in named):
            raise ValueError(f"{field} holds a time interval without a name")
        names += [each["name"] for each in named]
    return _once("time interval", names)


def _check_root(route: Settings) -> None:
    given = [field for field in (*_MATCHERS, *_INTERVALS, "continue") if route.get(field)]
    if given:
        raise ValueError(f"the default route has {', '.join(given)}, which only the routes below it may have")


def _check_route(route: Any, names: list[str], intervals: list[str]) -> None:
    if not isinstance(route, dict) or not isinstance(route.get("routes") or [], list):
        raise ValueError("routes is not a list of routes")
    if not isinstance(route.get("continue"), (bool, type(None))):
        raise ValueError("continue of a route is neither true nor false")
    receiver = route.get("receiver")
    if receiver and receiver not in names:
        raise ValueError(f"a route sends to receiver {receiver}, which is not defined")
    for field in _INTERVALS:
        listed = route.get(field) or []
        if not isinstance(listed, list):
            raise ValueError(f"{field} of a route is not a list")
        if unknown := [str(each) for each in listed if each not in intervals]:
            raise ValueError(f"a route has {field} {', '.join(unknown)}, which is not defined")


def _is_name(named: Settings) -> bool:
    return isinstance(named.get("name"), str) and bool(named["name"])


def _once(what: str, names: list[str]) -> list[str]:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{what} {', '.join(twice)} is defined more than once")
    return names
