"""Ways to break a finished cluster, each with the check that must see it; one file a chapter, each with BREAKAGES.

`tests/integration/test_validate.py` breaks, waits until the check says so, heals, and waits until nothing is wrong.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sandbox.kube import ApiError, Kube, Object
from tests.integration.helpers import set_pods


@dataclass(frozen=True)
class Breakage:
    """One fault.

    check: the name of the check that must find it. what: what is done, in words (the test's name). break_: does it, and
    returns what `heal` needs. heal: undoes it; None when nothing can, and then it comes last. status: what the check
    then says, fail or warn. subject: a part of the subject of that row, where the check has several.
    """

    check: str
    what: str
    break_: Callable[[Kube], Any]
    heal: Callable[[Kube, Any], Any] | None
    status: str = "fail"
    subject: str = ""


def removed(check: str, api_version: str, kind: str, name: str, namespace: str | None = None, **more: str) -> Breakage:
    """Delete an object; healing creates it again."""

    def break_(kube: Kube) -> Object:
        obj = _existing(kube, api_version, kind, name, namespace)
        kube.delete(obj)
        return obj

    def heal(kube: Kube, obj: Object) -> None:
        metadata = {
            k: obj["metadata"][k] for k in ("name", "namespace", "labels", "annotations") if k in obj["metadata"]
        }
        with suppress(ApiError):  # its operator was faster
            kube.create({**{k: v for k, v in obj.items() if k != "status"}, "metadata": metadata})

    return Breakage(check, f"{kind} {name} deleted", break_, heal, **more)


def patched(
    check: str, api_version: str, kind: str, name: str, namespace: str | None, body: Object, **more: str
) -> Breakage:
    """Merge `body` over an object; healing brings back what the object held."""

    def break_(kube: Kube) -> Object:
        obj = _existing(kube, api_version, kind, name, namespace)
        kube.patch(obj, body, manager="kubectl-patch")
        return obj

    def heal(kube: Kube, obj: Object) -> None:
        now = _existing(kube, api_version, kind, name, namespace)
        kube.patch(now, _difference(now, obj))

    return Breakage(check, f"{kind} {name} changed", break_, heal, **more)


def unready_pods(check: str, namespace: str, labels: str, state: str = "NotReady", **more: str) -> Breakage:
    """Put pods into a state of sandbox/kwok/pods.yaml (NotReady, CrashLoopBackOff ...); healing makes them ready."""
    return Breakage(
        check,
        f"pods {labels} {state}",
        lambda kube: set_pods(kube, namespace, labels, state),
        lambda kube, _: set_pods(kube, namespace, labels, "Ready"),
        **more,
    )


def _existing(kube: Kube, api_version: str, kind: str, name: str, namespace: str | None) -> Object:
    obj = kube.get(api_version, kind, name, namespace)
    assert obj, f"there is no {kind} {name} to break"
    return copy.deepcopy(obj)


def _difference(now: Object, before: Object) -> Object:
    """Return the merge patch from `now` to `before`, without what the server keeps for itself."""
    return _merge_patch(_content(now), _content(before))


def _content(obj: Object) -> Object:
    metadata = {key: obj["metadata"].get(key) or {} for key in ("labels", "annotations")}
    return {**{key: value for key, value in obj.items() if key not in ("metadata", "status")}, "metadata": metadata}


def _merge_patch(now: Object, before: Object) -> Object:
    patch: Object = {key: None for key in now if key not in before}
    for key, value in before.items():
        if isinstance(value, dict) and isinstance(now.get(key), dict):
            nested = _merge_patch(now[key], value)
            if nested:
                patch[key] = nested
        elif now.get(key) != value:
            patch[key] = value
    return patch
