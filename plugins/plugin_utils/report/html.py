# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The report as one HTML page: nothing to load, to be read without scripts, on a phone, on paper, in light and dark."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from pathlib import Path
from string import Template

from .comparison import Comparison
from .html_platform import facts, links, namespaces_table, versions_table
from .html_rows import OPEN, changes, folded, sections, tiles
from .markup import Markup, element, joined
from .model import Report
from .picture import SYMBOLS, picture
from .platform import Platform

HERE = Path(__file__).parent


def html(report: Report, platform: Platform | None = None, comparison: Comparison | None = None) -> str:
    """Return the page; every value in it is escaped. Without `platform`, it tells of the rows alone."""
    script = _file("page.js")
    return Template(_file("page.html")).substitute(
        title=joined([report.title]),
        style=_file("page.css"),
        script=script,
        digest=b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        verdict=_verdict(report),
        facts=facts(report, platform),
        links=links(platform) if platform else "",
        picture=_picture(report) if platform else "",
        changes=changes(comparison) if comparison else "",
        tiles=tiles(report),
        sections=sections(report),
        folded=folded(report),
        platform=joined([versions_table(platform), namespaces_table(report, platform)]) if platform else "",
    )


def _file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8").strip()


def _verdict(report: Report) -> Markup:
    counts = report.counts
    worst = "fail" if counts["fail"] else "warn" if counts["warn"] else "pass"
    symbol = element("span", SYMBOLS[worst], class_="symbol", aria_hidden="true")
    jump = element("a", OPEN[worst], href=f"#{worst}-title") if worst in OPEN else ""
    return element("p", symbol, element("span", report.verdict), jump, class_=f"verdict {worst}")


def _picture(report: Report) -> Markup:
    drawn = element(
        "div", picture(report), class_="scroll", tabindex="0", role="region", aria_label="The picture of the platform"
    )
    hint = "An arrow leads to what a product needs. All of them need their namespaces. A box leads to its checks."
    figure = element("figure", drawn, element("figcaption", hint))
    return element("section", element("h2", "The platform", id="platform"), figure, aria_labelledby="platform")
