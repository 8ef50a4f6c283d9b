# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The platform as a picture: a box for each chapter with its state, and an arrow to each that it needs.

An arrow that others lead to anyway is left out: what something needs is needed by all that needs it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .markup import Markup, element, joined
from .model import Report
from .names import CHAPTERS

WIDTH, HEIGHT = 1060, 336
GAP, BOX, EDGE = 150, 136, 12
LONG = 14  # letters, for which a box has room
TOP, MIDDLE, BOTTOM, GROUND = 8, 100, 206, 290
SYMBOLS = {"fail": "✕", "warn": "!", "skipped": "\N{EN DASH}", "pass": "✓", "unseen": "·"}
WORDS = {"fail": "fail", "warn": "to look at", "skipped": "skipped", "pass": "pass"}


@dataclass(frozen=True)
class Box:
    """Where a chapter stands, in units of the picture. x, y: its upper left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        """The middle from left to right."""
        return self.x + self.width / 2


def _row(names: Iterable[str], start: float, y: float) -> dict[str, Box]:
    return {name: Box(start + number * GAP, y, BOX, 52) for number, name in enumerate(names) if name}


# What much needs stands below; what needs several of them stands between them, so that no arrow crosses a box.
BOXES: Mapping[str, Box] = {
    "seldon_deploy": Box(EDGE, TOP, WIDTH - 2 * EDGE, 52),
    **_row(("", "logging", "", "seldon_core_v1", "model_namespace", "seldon_core_v2"), EDGE + GAP / 2, MIDDLE),
    **_row(
        ("monitoring", "postgresql", "elasticsearch", "serverless", "service_mesh", "gitops", "kafka"), EDGE, BOTTOM
    ),
    "namespaces": Box(EDGE, GROUND, WIDTH - 2 * EDGE, 38),
}


@dataclass(frozen=True)
class State:
    """What a report says of a chapter. status: the worst of its rows, `unseen` without any. text: in words."""

    status: str
    text: str
    target: str = ""


def state(report: Report, chapter: str) -> State:
    """Return the state of a chapter, and the id of the rows that show it."""
    rows = report.chapters().get(chapter)
    if not rows:
        return State("unseen", "not checked")
    worst = next(status for status in report.counts if any(row["status"] == status for row in rows))
    # What could not be checked from here does not outweigh what was.
    if worst == "skipped" and any(row["status"] == "pass" for row in rows):
        worst = "pass"
    number = sum(row["status"] == worst for row in rows)
    told = {
        "fail": f"{number} of {len(rows)} fail{'s' if number == 1 else ''}",
        "warn": f"{number} to look at",
        "skipped": "skipped",
        "pass": f"{number} pass" if number > 1 else "passes",
    }
    return State(worst, told[worst], f"{worst}-{chapter}")


def arrows(needs: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Yield each chapter with each one that it needs, but for those that another arrow of it leads to."""
    for name, wanted in needs.items():
        reached = {further for each in wanted for further in _all(needs, each)}
        yield from ((name, each) for each in wanted if each not in reached)


def _all(needs: Mapping[str, tuple[str, ...]], name: str) -> set[str]:
    found = set(needs.get(name, ()))
    return found.union(*(_all(needs, each) for each in found))


def picture(report: Report) -> Markup:
    """Return the picture as SVG; each box leads to the rows of its chapter."""
    lines = [_arrow(BOXES[name], BOXES[needed]) for name, needed in arrows(NEEDS)]
    boxes = [_box(name, box, state(report, name)) for name, box in BOXES.items()]
    return element(
        "svg",
        element("g", *lines, class_="arrows", aria_hidden="true"),
        *boxes,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="group",
        aria_label="The chapters and their states. " + " ".join(map(_sentence, NEEDS)),
    )


def _sentence(name: str) -> str:
    needed = [CHAPTERS[each].title for each in NEEDS[name]]
    return f"{CHAPTERS[name].title} needs {', '.join(needed)}." if needed else ""


def _arrow(start: Box, end: Box) -> Markup:
    """Return the way from what needs to what is needed: sideways between neighbours, else down."""
    if start.y == end.y:
        y, left = start.y + start.height / 2, start.x > end.x
        x, aim, back = (start.x, end.x + end.width, 7) if left else (start.x + start.width, end.x, -7)
        return _line(f"M{x:g} {y:g}H{aim + back:g}", f"M{aim:g} {y:g}l{back} -4v8z")
    straight = start.x <= end.middle <= start.x + start.width
    x = end.middle if straight else start.middle
    # Those that come from the sides end beside the one from above.
    aim = end.middle + max(-32, min(32, (x - end.middle) / 2))
    top, bottom = start.y + start.height, end.y
    bend = (bottom - top) / 2
    way = f"M{x:g} {top:g}C{x:g} {top + bend:g} {aim:g} {bottom - bend:g} {aim:g} {bottom - 7:g}"
    return _line(way, f"M{aim:g} {bottom:g}l-4 -7h8z")


def _line(way: str, tip: str) -> Markup:
    return joined([element("path", d=way), element("path", d=tip, class_="tip")])


def _box(name: str, box: Box, seen: State) -> Markup:
    x, middle = box.middle, box.y + box.height / 2
    flat = box.height < 50
    title, status = (
        element("tspan", CHAPTERS[name].short, class_="name long" if len(CHAPTERS[name].short) > LONG else "name"),
        f"{SYMBOLS[seen.status]} {seen.text}",
    )
    if flat:
        texts = [
            element("text", title, element("tspan", f"  {status}", class_="state"), x=f"{x:g}", y=f"{middle + 4:g}")
        ]
    else:
        texts = [
            element("text", title, x=f"{x:g}", y=f"{middle - 5:g}"),
            element("text", element("tspan", status, class_="state"), x=f"{x:g}", y=f"{middle + 14:g}"),
        ]
    shape = element("rect", x=f"{box.x:g}", y=f"{box.y:g}", width=f"{box.width:g}", height=f"{box.height:g}", rx="9")
    inner = joined([shape, *texts])
    label = f"{CHAPTERS[name].title}: {seen.text}"
    if not seen.target:
        return element("g", inner, class_=f"box {seen.status}", role="img", aria_label=label)
    return element("a", inner, class_=f"box {seen.status}", href=f"#{seen.target}", aria_label=label)


NEEDS: Mapping[str, tuple[str, ...]] = {name: CHAPTERS[name].needs for name in BOXES}
