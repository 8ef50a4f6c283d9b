"""The configuration that prometheus-operator 0.57 gives an Alertmanager: pure functions."""

from __future__ import annotations

import base64
import re
from typing import Any

import yaml

from sandbox.kube import Object

KEY = "alertmanager.yaml"
# Without any configuration all alerts are dropped, silently.
NOBODY = yaml.safe_dump({"route": {"receiver": "null"}, "receivers": [{"name": "null"}]}).encode()


def generated(secret: Object | None, configs: list[Object] | None) -> bytes:
    """Return what Alertmanager reads: the Secret's content unchecked or, when AlertmanagerConfigs are selected, merged.

    `configs` None means that none are selected. Raises ValueError for content that cannot be merged with them.
    """
    content = base64.b64decode((secret or {}).get("data", {}).get(KEY, "")) or NOBODY
    if configs is None:
        return content
    base = _parsed(content)
    ordered = sorted(configs, key=lambda obj: (obj["metadata"]["namespace"], obj["metadata"]["name"]))
    own = [_route(config) for config in ordered if config["spec"].get("route")]
    merged = base | {"route": base["route"] | {"routes": own + base["route"].get("routes", [])}}
    merged["receivers"] = base["receivers"] + [entry for config in ordered for entry in _receivers(config)]
    merged["inhibit_rules"] = base.get("inhibit_rules", []) + [rule for config in ordered for rule in _inhibit(config)]
    return yaml.safe_dump(merged, sort_keys=False).encode()


def _parsed(content: bytes) -> Object:
    try:
        base = yaml.safe_load(content)
        names = {receiver["name"] for receiver in base["receivers"]}
        wanted = {
            route["receiver"] for route in (base["route"], *base["route"].get("routes", [])) if "receiver" in route
        }
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise ValueError(f"failed to initialize from secret: {error}") from error
    for name in sorted(wanted - names):
        raise ValueError(f'failed to initialize from secret: undefined receiver "{name}" used in route')
    return dict(base)


def undefined_receiver(spec: Object) -> bool:
    """Tell whether the route of an AlertmanagerConfig names a receiver that it does not have."""
    name = spec.get("route", {}).get("receiver")
    return bool(name) and name not in {receiver["name"] for receiver in spec.get("receivers", [])}


def _route(config: Object) -> Object:
    """Return the route, which sees the alerts of its own namespace only and lets the platform's routes see them too."""
    route = config["spec"]["route"]
    found: Object = {"receiver": _full_name(config, route["receiver"])}
    old = {entry["name"]: entry["value"] for entry in route.get("matchers", []) if "matchType" not in entry}
    found |= {"match": old} if old else {}
    found |= {"matchers": [*_matchers(route.get("matchers", [])), _own(config)], "continue": True}
    return found | _snake(
        {key: value for key, value in route.items() if key not in {"receiver", "matchers", "continue"}}
    )


def _receivers(config: Object) -> list[Object]:
    return [
        _snake(receiver) | {"name": _full_name(config, receiver["name"])}
        for receiver in config["spec"].get("receivers", [])
    ]


def _inhibit(config: Object) -> list[Object]:
    return [
        {
            "target_matchers": [*_matchers(rule.get("targetMatch", [])), _own(config)],
            "source_matchers": [*_matchers(rule.get("sourceMatch", [])), _own(config)],
            "equal": rule.get("equal", []),
        }
        for rule in config["spec"].get("inhibitRules", [])
    ]


def _matchers(entries: list[Object]) -> list[str]:
    return [f'{entry["name"]}{entry["matchType"]}"{entry["value"]}"' for entry in entries if "matchType" in entry]


def _own(config: Object) -> str:
    return f'namespace="{config["metadata"]["namespace"]}"'


def _full_name(config: Object, name: str) -> str:
    return f"{config['metadata']['namespace']}/{config['metadata']['name']}/{name}"


def _snake(value: Any) -> Any:
    if isinstance(value, list):
        return [_snake(item) for item in value]
    if isinstance(value, dict):
        return {re.sub(r"(?<!^)([A-Z])", r"_\1", key).lower(): _snake(item) for key, item in value.items()}
    return value
