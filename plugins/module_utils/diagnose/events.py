# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Which events speak of what is so now: none of an earlier spec or ReplicaSet, none of before an object was well."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from ..kube.objects import Object, condition, section
from ..readiness.written import spec_written

# The clocks of this machine and of the cluster differ by less; and a cause comes before the condition that it ends.
RECENT = timedelta(minutes=2)
# What lost a race is tried again at once, by all controllers.
RACE = "the object has been modified"
REVISION = "deployment.kubernetes.io/revision"


def about(obj: Object, events: Sequence[Object]) -> list[Object]:
    """Return the events on `obj` as it is now, newest first: those without a time as well, those of lost races not."""
    since = _since(obj)
    mine = (event for event in events if section(event, "involvedObject").get("uid") == obj["metadata"].get("uid"))
    current = [
        event
        for event in mine
        if RACE not in event.get("message", "") and (since is None or (said_at(event) or since) >= since)
    ]
    return sorted(current, key=lambda event: event.get("lastTimestamp") or event.get("eventTime") or "", reverse=True)


def said_at(event: Object) -> datetime | None:
    """Return when an event was told last, None when it does not say."""
    return _time(event.get("lastTimestamp") or event.get("eventTime"))


def present(candidates: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return workloads and pods without ReplicaSets that newer ones of their Deployments replace, and their pods."""
    newest: dict[str, int] = {}
    sets = [each for each in candidates if _owner(each) and _revision(each)]
    for each in sets:
        newest[_owner(each)] = max(newest.get(_owner(each), 0), _revision(each))
    old = {each["metadata"].get("uid") for each in sets if _revision(each) < newest[_owner(each)]}
    return [each for each in candidates if each["metadata"].get("uid") not in old and _owner(each) not in old]


def _since(obj: Object) -> datetime | None:
    """Return since when an object is what it is now: its spec was written, or it became well, or ceased to be."""
    times = [None if obj.get("kind") == "Pod" else spec_written(obj)]
    for kind in ("Ready", "Available"):
        told = condition(obj, kind)
        changed = _time(told.get("lastTransitionTime"))
        if changed is not None:
            times.append(changed if told.get("status") == "True" else changed - RECENT)
    return max((time for time in times if time), default=None)


def _time(text: Any) -> datetime | None:
    try:
        # Python before 3.11 takes neither `Z` nor any number of digits behind the second.
        whole, _point, _fraction = str(text or "").rstrip("Z").partition(".")
        return datetime.fromisoformat(f"{whole}+00:00") if whole else None
    except ValueError:
        return None


def _revision(obj: Object) -> int:
    told = section(obj, "metadata", "annotations").get(REVISION, "") if obj.get("kind") == "ReplicaSet" else ""
    return int(told) if told.isdigit() else 0


def _owner(obj: Object) -> str:
    owners = section(obj, "metadata").get("ownerReferences") or [{}]
    return str(owners[0].get("uid") or "")
