# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The configuration of OpenShift's monitoring: pure functions over its ConfigMaps (cluster monitoring operator 4.11).

The operator reads the YAML text under the key `config.yaml`. It takes a missing ConfigMap for defaults, but is degraded
by one of the platform without that key, or with text that it can't parse.
"""

from __future__ import annotations

from collections.abc import Callable

from ..kube.errors import EngineError
from ..kube.kinds import CONFIG_MAP
from ..kube.objects import MANAGED_BY, Object, Reference, is_ours, section
from .alignment import same
from .embedded import Settings, Uneditable, Unparsable, parse, rewrite
from .merging import merged

KEY = "config.yaml"
NAMESPACES = {
    "cluster-monitoring-config": "openshift-monitoring",
    "user-workload-monitoring-config": "openshift-user-workload-monitoring",
}


def config_map(name: str) -> Object:
    """Return the ConfigMap without content; `name` is one of `NAMESPACES`."""
    return CONFIG_MAP.named(name, NAMESPACES[name]).bare()


def text_of(obj: Object) -> str:
    """Return the text under the key, empty when there is none."""
    return str(section(obj, "data").get(KEY) or "")


def settings_of(obj: Object) -> Settings:
    """Return the settings in a ConfigMap. Raises EngineError when they can't be read."""
    try:
        return parse(text_of(obj))
    except Unparsable as error:
        where = obj["metadata"]
        raise EngineError(
            f"{Reference.of(obj)}: its {KEY} can't be parsed: {error}. It is unchanged, because an edit would lose "
            f"what it says. Repair it: oc -n {where['namespace']} edit configmap {where['name']}"
        ) from None


def text_diff(before: Object, after: Object) -> dict[str, str]:
    """Return the entry for `--diff`: the text itself, as a quoted string of YAML could not be read."""
    name = f"{Reference.of(after)} {KEY}"
    return {"before_header": name, "after_header": name, "before": text_of(before), "after": text_of(after)}


def setting(settings: Settings) -> Callable[[Object], Object]:
    """Return the function that merges `settings` into a ConfigMap, key by key; lists are replaced as a whole."""

    def mutate(obj: Object) -> Object:
        if "uid" not in obj["metadata"]:
            obj = {**obj, "metadata": {**obj["metadata"], "labels": dict(MANAGED_BY)}}
        return _with_text(obj, _rewritten(obj, merged(settings_of(obj), settings)))

    return mutate


def unsetting(
    settings: Settings, kept: Callable[[], Object | None] = lambda: None
) -> Callable[[Object], Object | None]:
    """Return the function that takes `settings` out of a ConfigMap; keys that hold other values by now stay.

    `kept` returns the ConfigMap as it was before: it is restored, when nothing but `settings` has changed. One that we
    made goes when it is empty.
    """

    def mutate(obj: Object) -> Object | None:
        text = _rewritten(obj, taken_out(settings_of(obj), settings))
        if text != text_of(obj):
            before = kept()
            if before and text_of(setting(settings)(before)) == text_of(obj):
                text = text_of(before)
        if is_ours(obj) and not text:
            return None
        return obj if text == text_of(obj) else _with_text(obj, text)

    return mutate


def taken_out(there: Settings, ours: Settings) -> Settings:
    """Return `there` without those keys of `ours` that hold the same values.

    Mappings that lose all their keys stay, empty: whether they go with their keys, the layout of the text says.
    """
    left: Settings = {}
    for key, value in there.items():
        if key not in ours:
            left[key] = value
        elif isinstance(value, dict) and isinstance(ours[key], dict) and (value or ours[key]):
            left[key] = taken_out(value, ours[key])
        elif not same(value, ours[key]):
            left[key] = value
    return left


def _rewritten(obj: Object, wanted: Settings) -> str:
    try:
        return rewrite(text_of(obj), wanted)
    except Uneditable as error:
        where = obj["metadata"]
        raise EngineError(
            f"{Reference.of(obj)}: its {KEY} can't be edited: {error}. It is unchanged. Write it out in full there, or "
            f"make the change by hand: oc -n {where['namespace']} edit configmap {where['name']}"
        ) from None


def _with_text(obj: Object, text: str) -> Object:
    return {**obj, "data": {**section(obj, "data"), KEY: text}}
