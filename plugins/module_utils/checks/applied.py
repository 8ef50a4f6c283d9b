# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether a chapter's objects hold what was applied, whoever has changed them since.

Setting: `objects`, as the role applies them. Fields that the cluster has besides, and values that mean the same in
other words, do not count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..apply.changes import Change, changes
from ..apply.foreseen import completed
from ..apply.meaning import aligned
from ..apply.policy import may_take
from ..apply.zeros import sent, written_back
from ..kube.objects import Kind, Object, Reference
from .model import Check, Finding, failed, passed, skipped, warned
from .observed import Observed

_LONGEST = 60


def applied_check(chapter: str, why: str) -> Check:
    """Return the check of a chapter's objects; why: what breaks when they differ."""

    def judge(cluster: Observed, settings: Mapping[str, Any]) -> Iterator[Finding]:
        if not settings.get("objects"):
            yield skipped(chapter, "nothing of it is applied here")
        for obj in settings.get("objects") or []:
            yield _judged(
                obj, cluster.get(Reference.of(obj)), f"ansible-playbook seldon.openshift.site --tags {chapter}"
            )

    return Check(f"{chapter}.applied", "Objects hold what was applied", why, judge)


def differing(wanted: Object, live: Object) -> list[Change]:
    """Return the fields in which `live` is other than `wanted`, with who holds them."""
    without_omitted = written_back(aligned(wanted, live), live, sent(live), {})
    found = changes(live, completed(without_omitted, live))
    # What is empty says nothing where nothing is.
    return [change for change in found if change.live is not None or change.wanted not in ("", {}, [])]


def is_left(wanted: Object, live: Object) -> bool:
    """Say whether controllers hold all that differs, so that site.yml leaves it to them; false when nothing does."""
    found, kind = differing(wanted, live), Kind.of(wanted)
    return bool(found) and all(each.manager and not may_take(each.manager, kind) for each in found)


def _judged(wanted: Object, live: Object | None, do: str) -> Finding:
    subject = str(Reference.of(wanted))
    if live is None:
        return failed(subject, "is missing", do)
    found = differing(wanted, live)
    if not found:
        return passed(subject, "as it was applied")
    held = {each.manager for each in found if each.manager and not may_take(each.manager, Kind.of(wanted))}
    seen = "; ".join(map(_told, found))
    # A run leaves to controllers what they hold.
    return warned(subject, f"was changed: {seen}", f"{do} -e seldon_conflicts=force" if held else do)


def _told(change: Change) -> str:
    told = change.report(secret=False)
    by = f" ({change.manager})" if change.manager else ""
    values = f" is {told['live'] or 'missing'} instead of {told['wanted']}"
    return f"{change.field}{values if len(values) <= _LONGEST else ' is another one'}{by}"
