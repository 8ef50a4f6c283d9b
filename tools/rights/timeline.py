"""Which chapter a moment of a run belongs to, from the output of the callback `ansible.posix.json`."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

_CHECKOUT = Path(__file__).parents[2]
# It runs whatever the tags are.
_ALWAYS = frozenset({"namespaces"})
_ROLE = re.compile(r"/roles/(\w+)/")


def chapters() -> frozenset[str]:
    """Return the roles whose rights are needed with their tag alone."""
    found = yaml.safe_load((_CHECKOUT / "roles/preflight/vars/main.yml").read_text(encoding="utf-8"))
    return frozenset(found["preflight_chapters"]) - _ALWAYS


def chapter_at(output: Mapping[str, Any], chapters: Collection[str]) -> Callable[[float], str | None]:
    """Return what tells the chapter at a moment (seconds since 1970).

    The chapter is that of the role whose task ran; `` for a role that is none of `chapters`, None for a task of a
    playbook, which serves several.
    """
    tasks = sorted(
        (_seconds(task["task"]["duration"]["start"]), _chapter(task["task"].get("path") or "", chapters))
        for play in output["plays"]
        for task in play["tasks"]
    )
    starts = [start for start, _chapter in tasks]

    def at(moment: float) -> str | None:
        position = bisect_right(starts, moment) - 1
        return tasks[position][1] if position >= 0 else ""

    return at


def _chapter(path: str, chapters: Collection[str]) -> str | None:
    found = _ROLE.search(path)
    if not found:
        return None
    return found[1] if found[1] in chapters else ""


def _seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
