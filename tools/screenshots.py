"""`make screenshots`: the page of a report in Chromium, light, dark and on a phone, as docs/validation.md shows it."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from ansible_collections.seldon.openshift.plugins.plugin_utils.report import comparison
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.html import html
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.model import Report
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.platform import Platform

from tools import browser

CHECKOUT = Path(__file__).parents[1]
IMAGES = CHECKOUT / "docs/images"


@dataclass(frozen=True)
class Shot:
    """A picture of the page's top; width and height are those of the window, in pixels."""

    name: str
    width: int
    height: int
    options: tuple[str, ...] = ()


SHOTS = (
    Shot("report-light", 1100, 1240),
    Shot("report-dark", 1100, 1240, (browser.DARK,)),
    Shot("report-phone", 390, 844),
)


def page(path: Path, baseline: Path | None) -> str:
    """Return the page that a report.json is of, compared with another one. Raises NoBaseline."""
    found = json.loads(path.read_text(encoding="utf-8"))
    platform = Platform.of(found["platform"], found["platform"]["collection"], found.get("seconds"))
    moment = f"{found['moment'][:16].replace('T', ' ')} UTC"
    report = Report.of(found["title"], moment, found["checks"])
    compared = comparison.compare(comparison.read(baseline), report, platform) if baseline else None
    return html(report, platform, compared)


def main() -> None:
    """Write the pictures, and name them."""
    parser = argparse.ArgumentParser(prog="python -m tools.screenshots", description=__doc__)
    parser.add_argument("report", type=Path, nargs="?", default=CHECKOUT / "seldon-report/report.json")
    parser.add_argument("--baseline", type=Path, help="an earlier report.json to compare with")
    options = parser.parse_args()
    if browser.chromium() is None:
        sys.exit("error: there is no Chromium; type, as root: apt-get install chromium")
    IMAGES.mkdir(exist_ok=True)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "report.html"
        file.write_text(page(options.report, options.baseline), encoding="utf-8")
        for shot in SHOTS:
            target = IMAGES / f"{shot.name}.png"
            browser.screenshot(file, target, shot.width, shot.height, *shot.options)
            print(target.relative_to(CHECKOUT))


if __name__ == "__main__":
    main()
