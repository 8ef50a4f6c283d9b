# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The report as JUnit XML, for pipelines."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from .model import Report, Row

# XML has no way to write most control characters.
UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Report, failing: tuple[str, ...]) -> str:
    """Return one test suite a chapter and one test case a row; rows with a status in `failing` are failures."""
    root = Element("testsuites", name=_text(report.title))
    for chapter, rows in report.chapters().items():
        suite = SubElement(root, "testsuite", name=_text(chapter), tests=str(len(rows)))
        failures, skips = (sum(row["status"] in kinds for row in rows) for kinds in (failing, ("skipped",)))
        suite.attrib.update(failures=str(failures), errors="0", skipped=str(skips))
        for row in rows:
            _case(suite, row, failing)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, "unicode")}\n'


def _case(suite: Element, row: Row, failing: tuple[str, ...]) -> None:
    name = _text(f"{row['check']}: {row['subject']}")
    case = SubElement(suite, "testcase", classname=_text(f"seldon.{row['chapter']}"), name=name)
    if row["status"] in failing:
        failure = SubElement(case, "failure", type=row["status"], message=_text(row["seen"]))
        failure.text = _text(f"Not met: {row['title']}. {row['why']}\nDo: {row['do']}")
    elif row["status"] == "skipped":
        SubElement(case, "skipped", message=_text(row["seen"]))
    else:
        SubElement(case, "system-out").text = _text(f"{row['status']}: {row['seen']}")


def _text(value: str) -> str:
    return UNWRITABLE.sub("?", value)
