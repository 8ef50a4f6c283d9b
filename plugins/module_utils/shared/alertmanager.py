# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""A receiver of ours in the configuration of an Alertmanager: pure functions (Alertmanager 0.24).

Routes are tried in order, and the first that matches takes an alert unless it says `continue`. So ours comes before
every route that does not, and continues itself: it misses nothing, and neither do the other routes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..kube.redaction import HIDDEN, HIDDEN_CHANGED
from . import go_url
from .embedded import Settings
from .matchers import problems

_ALL_LABELS = "..."
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_UNITS = {"y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_DURATION = re.compile(r"(?=\d)" + "".join(f"(?:(?P<{unit}>[0-9]+){unit})?" for unit in _UNITS))
_LONGEST = (2**63 - 1) // 1_000_000  # milliseconds; Go counts nanoseconds
TIMES = ("group_wait", "group_interval", "repeat_interval")
# Routes of before matchers; beside matchers, they would narrow the route down.
_OUTDATED = ("match", "match_re")
# Their values are addresses and credentials.
_SECRET_PARTS = ("global", "receivers")


def check_ours(url: str | None, route: Settings, oauth2: Mapping[str, Any] | None = None) -> None:
    """Raise ValueError for an address of a webhook, its login, or a part of a route that Alertmanager would refuse."""
    if wrong := go_url.problem(url or ""):
        raise ValueError(f"url has to be the address that alerts are sent to, http(s)://<host>/<path>: {wrong}")
    _check_login(oauth2 or {})
    for field in TIMES:
        length = _milliseconds(route[field])
        if length is None or length > _LONGEST or (not length and field != "group_wait"):
            raise ValueError(f"{field} {route[field]!r} is not a time such as 30s, 5m or 1h30m, of at most 292y")
    labels = route["group_by"]
    if labels != [_ALL_LABELS] and (len(set(labels)) < len(labels) or not all(map(_LABEL.fullmatch, labels))):
        raise ValueError(f"group_by {labels} is not a list of different labels, nor {_ALL_LABELS} alone")
    if wrongs := problems(route["matchers"]):
        raise ValueError("; ".join(wrongs))


def _check_login(oauth2: Mapping[str, Any]) -> None:
    for field in ("client_id", "client_secret"):
        if oauth2 and not oauth2[field]:
            raise ValueError(f"oauth2.{field} is empty")
    if oauth2 and (wrong := go_url.problem(oauth2["token_url"])):
        raise ValueError(f"oauth2.token_url is not the address that tokens come from, http(s)://<host>/<path>: {wrong}")


def _milliseconds(text: str) -> int | None:
    """Return the length of a duration, None for what is none."""
    if text == "0":
        return 0
    found = _DURATION.fullmatch(text)
    return found and sum(int(count) * _UNITS[unit] for unit, count in found.groupdict().items() if count)


def receiver_names(config: Settings) -> list[str]:
    """Return the names of the receivers in a configuration that `check` accepts."""
    return [str(each["name"]) for each in config["receivers"]]  # Ansible takes no subclasses in results


def with_receiver(config: Settings, receiver: Settings, route: Settings) -> Settings:
    """Return `config` with `receiver` and the route to it.

    What is there by that name is brought up to date: of the receiver, and of the first route to it, what is given here;
    what others added to them stays. The route moves only when one before it could keep alerts from it.
    """
    name = receiver["name"]
    receivers = [{**each, **receiver} if each["name"] == name else each for each in config["receivers"]]
    if name not in receiver_names(config):
        receivers.append(receiver)
    routes = list(config["route"].get("routes") or [])
    place = next((index for index, each in enumerate(routes) if each.get("receiver") == name), None)
    older = {} if place is None else routes.pop(place)
    if place is None or not all(each.get("continue") for each in routes[:place]):
        place = 0
    routes.insert(place, {**{key: value for key, value in older.items() if key not in _OUTDATED}, **route})
    return {**config, "receivers": receivers, "route": {**config["route"], "routes": routes}}


def without_receiver(config: Settings, name: str) -> Settings:
    """Return `config` without the receiver and all routes to it. Raises ValueError when it is that of last resort."""
    if config["route"]["receiver"] == name:
        raise ValueError(f"receiver {name} is that of the default route. Set another receiver there first")
    if name not in receiver_names(config):
        return config
    receivers = [each for each in config["receivers"] if each["name"] != name]
    return {**config, "receivers": receivers, "route": _without_routes(config["route"], name)}


def shown(config: Settings | None, other: Settings | None) -> Settings | None:
    """Return `config` for a diff with `other`: addresses and credentials hidden, and marked where they differ."""
    if config is None:
        return None
    parts = dict(config)
    for part in _SECRET_PARTS:
        if part in parts:
            parts[part] = _hidden(_by_name(parts[part]), _by_name((other or {}).get(part)))
    return parts


def _without_routes(route: Settings, name: str) -> Settings:
    if not route.get("routes"):
        return route
    return {
        **route,
        "routes": [_without_routes(each, name) for each in route["routes"] if each.get("receiver") != name],
    }


def _by_name(part: Any) -> Any:
    return {each["name"]: each for each in part} if isinstance(part, list) else part


def _hidden(value: Any, other: Any) -> Any:
    if isinstance(value, dict):
        named = other if isinstance(other, dict) else {}
        return {key: each if key == "name" else _hidden(each, named.get(key)) for key, each in value.items()}
    if isinstance(value, list):
        listed = other if isinstance(other, list) else []
        return [_hidden(each, listed[index] if index < len(listed) else None) for index, each in enumerate(value)]
    return HIDDEN if other is None or value == other else HIDDEN_CHANGED
