# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a page tells of the platform beside the rows: facts, links, versions and model namespaces."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .markup import Markup, element, joined, link
from .model import Report
from .picture import SYMBOLS, WORDS
from .platform import ModelNamespace, Platform, Version, duration

# Beyond that many rows a table begins folded.
MANY = 25
_UNKNOWN = "not readable"


def facts(report: Report, platform: Platform | None) -> Markup:
    """Return what is known of the moment and the cluster."""
    return element(
        "dl",
        *(element("div", element("dt", name), element("dd", value)) for name, value in _facts(report, platform)),
        class_="facts",
    )


def _facts(report: Report, platform: Platform | None) -> Iterator[tuple[str, str]]:
    yield "As seen on", report.moment
    if platform is None:
        return
    if platform.seconds is not None:
        yield "Validation took", duration(platform.seconds)
    if platform.openshift:
        yield "OpenShift", platform.openshift
    if platform.api:
        yield "API server", platform.api
    if platform.collection:
        yield "seldon.openshift", platform.collection
    if platform.unread:
        yield "Not told here", "; ".join(platform.unread)


def links(platform: Platform) -> Markup:
    """Return where the products open."""
    if not platform.addresses:
        return Markup()
    found = [
        element("li", link(each.url, element("b", each.product), element("span", _short(each.url))))
        for each in platform.addresses
    ]
    return element("nav", element("ul", *found), class_="links", aria_label="Open")


def _short(url: str) -> Markup:
    """Return an address without what each has, which may end a line after each of its dots."""
    first, *others = url.partition("://")[2].rstrip("/").split(".")
    return joined([first, *(joined([".", element("wbr"), each]) for each in others)])


def versions_table(platform: Platform) -> Markup:
    """Return what runs in which version beside the one that is wanted, open when any differs."""
    if not platform.versions:
        return Markup()
    judged = [each for each in platform.versions if each.wanted]
    differing = [each for each in judged if each.differs]
    word = "differs" if len(differing) == 1 else "differ"
    told = f"{len(differing)} of {len(judged)} {word}" if differing else f"all {len(judged)} as wanted"
    head = ("Product", "Runs", "Wanted", "")
    rows = [_version(each) for each in sorted(platform.versions, key=lambda each: not each.differs)]
    note = element("p", "Wanted are the guide's versions, unless your variables say otherwise.", class_="hint")
    return _table("Versions", told, head, rows, note, is_open=bool(differing))


def _version(each: Version) -> Markup:
    where = each.namespaces[0] if len(each.namespaces) == 1 else f"{len(each.namespaces)} namespaces"
    name = element("th", each.title, " ", element("small", f"{each.name}, {where}"), scope="row")
    status = "warn" if each.differs else "pass" if each.wanted else "skipped"
    word = {"warn": "differs", "pass": "as wanted", "skipped": "not compared"}[status]
    return element(
        "tr",
        name,
        element("td", each.version, class_="number"),
        element("td", each.wanted or "any", class_="number"),
        _state(status, word),
    )


def namespaces_table(report: Report, platform: Platform) -> Markup:
    """Return one row for each model namespace, with what the checks say of it."""
    found = platform.model_namespaces
    if not found:
        return Markup()
    told = f"{len(found)}, {_models(found)}"
    head = (
        "Namespace",
        "Models that run",
        "Deployed by",
        "Member of the mesh",
        "Network policies",
        "Monitors",
        "Rules",
        "Checks",
    )
    states = _states(report)
    rows = [_namespace(each, states.get(each.name, {})) for each in found]
    return _table("Model namespaces", told, head, rows, Markup(), is_open=len(found) <= MANY)


def _models(found: tuple[ModelNamespace, ...]) -> str:
    if any(each.models is None for each in found):
        return "models not readable"
    models = sum(each.models or 0 for each in found)
    return f"{sum(each.running or 0 for each in found)} of {models} models run" if models else "no models yet"


def _namespace(each: ModelNamespace, states: dict[str, int]) -> Markup:
    run = _UNKNOWN if each.models is None else f"{each.running} of {each.models}" if each.models else "none"
    cells = (
        run,
        _either(each.gitops, "Argo CD", "Seldon Deploy"),
        _either(each.member, "yes", "no"),
        *map(_number, (each.policies, each.monitors, each.rules)),
    )
    worst = next((status for status in ("fail", "warn", "pass") if states.get(status)), "skipped")
    told = f"{states[worst]} {WORDS[worst]}" if states.get(worst) else "not checked"
    name = element("th", each.name, scope="row", class_="number")
    return element("tr", name, *(element("td", cell) for cell in cells), _state(worst, told))


def _either(value: bool | None, yes: str, no: str) -> str:
    return _UNKNOWN if value is None else yes if value else no


def _number(value: int | None) -> str:
    return _UNKNOWN if value is None else str(value)


def _state(status: str, word: str) -> Markup:
    symbol = element("span", SYMBOLS[status], class_="symbol", aria_hidden="true")
    return element("td", symbol, word, class_=f"told {status}")


def _states(report: Report) -> dict[str, dict[str, int]]:
    """Return how many rows of each status name a namespace, among those about model namespaces."""
    found: dict[str, dict[str, int]] = {}
    for row in report.rows:
        if row["chapter"] == "model_namespace":
            for word in set(re.findall(r"[a-z0-9][a-z0-9.-]*", row["subject"])):
                counts = found.setdefault(word, {})
                counts[row["status"]] = counts.get(row["status"], 0) + 1
    return found


def _table(title: str, told: str, head: tuple[str, ...], rows: list[Markup], note: Markup, is_open: bool) -> Markup:
    cells = [element("th", name, scope="col") if name else element("td") for name in head]
    table = element("table", element("thead", element("tr", *cells)), element("tbody", *rows))
    scroll = element("div", table, class_="scroll", tabindex="0", role="region", aria_label=title)
    summary = element("summary", element("h2", title), element("span", told, class_="count"))
    return element("details", summary, joined([scroll, note]), class_="table", open=is_open)
