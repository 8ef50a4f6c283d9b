# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""How a run ends: how long each stage took, what was waited for longest, and what became of it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..stages import Stage, awaited_by
from ..widths import cut
from .board import duration

_BAR = 20
# Stages shorter than that, in seconds, are one row of the table.
_SHORT = 1.0
# Nobody minds a wait that is shorter.
_LONG = 10.0


def table(stages: Sequence[Stage], told: Mapping[str, str], seconds: float, columns: int) -> list[str]:
    """Return the stages, the longest first, each with a bar and what is `told` of it; those under a second together.

    `seconds` is what the run took, `columns` how wide a line may be.
    """
    rows = sorted((stage for stage in stages if stage.seconds >= _SHORT), key=lambda stage: -stage.seconds)
    short = [stage for stage in stages if stage.tasks and stage.seconds < _SHORT]
    if not rows:
        return []
    rest = f"{len(short)} more"
    width = max(min(max(len(stage.title) for stage in rows), max(columns // 2 - _BAR // 2, 20)), len(rest))
    lines = [cut(_row(stage, told.get(stage.title, ""), width, rows[0].seconds), columns) for stage in rows]
    if short:
        lines.append(f"{rest:{width}}  {duration(sum(stage.seconds for stage in short)):>7}  under a second each")
    return [*lines, f"{'all':{width}}  {duration(seconds):>7}"]


def longest_wait(stages: Sequence[Stage]) -> str:
    """Return which stage waited longest, and for what; empty when none took ten seconds."""
    waits = [stage for stage in stages if stage.awaited and stage.seconds >= _LONG]
    if not waits:
        return ""
    stage = max(waits, key=lambda stage: stage.seconds)
    return f"The longest wait: {stage.title}, {duration(stage.seconds)}, for {awaited_by(stage)}"


def _row(stage: Stage, told: str, width: int, longest: float) -> str:
    drawn = "█" * max(1, round(_BAR * stage.seconds / longest))
    return f"{cut(stage.title, width):{width}}  {duration(stage.seconds):>7}  {drawn:{_BAR}}  {told}".rstrip()
