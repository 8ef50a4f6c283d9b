# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Where Alertmanager sends an alert: its routes as Alertmanager 0.24 walks them, over a parsed configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..readiness.state import Object

_MATCHER = re.compile(r'\s*([a-zA-Z_:][\w:]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|(.*?))\s*')


def receivers(config: Object, alert: Mapping[str, str]) -> list[str]:
    """Return the receivers that get an alert with these labels, in the order of the routes, each once."""
    return list(dict.fromkeys(_walk(config["route"], alert, config["route"].get("receiver"))))


def webhooks(config: Object, receiver: str) -> list[str]:
    """Return the addresses to which a receiver sends."""
    found = [each for each in config.get("receivers") or [] if each.get("name") == receiver]
    return [hook.get("url", "") for each in found for hook in each.get("webhook_configs") or []]


def _walk(route: Object, alert: Mapping[str, str], receiver: str) -> Iterator[str]:
    taken = False
    for each in route.get("routes") or []:
        if _takes(each, alert):
            taken = True
            yield from _walk(each, alert, each.get("receiver") or receiver)
            if not each.get("continue"):
                return
    if not taken:
        yield receiver


def _takes(route: Object, alert: Mapping[str, str]) -> bool:
    """Tell whether a route takes an alert; a label that an alert doesn't have is an empty one."""
    equal = all(alert.get(label, "") == str(value) for label, value in (route.get("match") or {}).items())
    alike = all(_fits("=~", str(value), alert.get(label, "")) for label, value in (route.get("match_re") or {}).items())
    return equal and alike and all(_holds(str(matcher), alert) for matcher in route.get("matchers") or [])


def _holds(matcher: str, alert: Mapping[str, Any]) -> bool:
    found = _MATCHER.fullmatch(matcher)
    if not found:
        return False
    label, operator, quoted, plain = found.groups()
    value = plain if quoted is None else re.sub(r"\\(.)", lambda each: "\n" if each[1] == "n" else each[1], quoted)
    return _fits(operator, value, alert.get(label, ""))


def _fits(operator: str, value: str, held: str) -> bool:
    same = re.fullmatch(value, held) is not None if "~" in operator else held == value
    return same != operator.startswith("!")
