# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Where Alertmanager sends an alert: its routes as Alertmanager 0.24 walks them, over a parsed configuration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..kube.objects import Object
from ..shared.matchers import Matcher, read


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
    try:
        return all(matcher.holds(alert) for matcher in _matchers(route))
    except (ValueError, re.error):  # Alertmanager refuses the first; the second is an expression that only Go knows
        return False


def _matchers(route: Object) -> Iterator[Matcher]:
    """Yield what a route asks for, in the words of before matchers, too. Raises ValueError."""
    for operator, part in (("=", "match"), ("=~", "match_re")):
        for label, value in (route.get(part) or {}).items():
            yield Matcher(label, operator, str(value))
    for text in route.get("matchers") or []:
        yield from read(str(text))
