"""The report in its four shapes: what each says, and that nothing in it is believed."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.html import html
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.junit import junit
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.model import Report
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.table import lines

HOSTILE = "<script>alert(1)</script>\"'&<img src=x onerror=alert(2)>${title} \x1b[31m{{ 7 * 7 }}"


def row(status: str, check: str = "kafka.ready", **values: str) -> dict[str, str]:
    given = {
        "check": check,
        "chapter": check.partition(".")[0],
        "title": f"title of {check}",
        "why": "It matters.",
        "status": status,
        "subject": "Kafka k",
        "seen": "seen",
        "do": "oc get kafka" if status in ("fail", "warn") else "",
    }
    return {**given, **values}


def report(*rows: dict[str, str]) -> Report:
    return Report.of("Seldon Deploy on lab", "2026-11-25 13:00 UTC", rows)


MIXED = report(
    row("pass"),
    row("pass", subject="another"),
    row("skipped", "gitops.repository"),
    row("warn", "gitops.ready"),
    row("fail", seen="2/3 ready"),
)


@pytest.mark.parametrize(
    ("rows", "verdict"),
    [
        (["pass", "pass"], "Nothing is wrong; 2 pass"),
        (["pass", "warn"], "Nothing is wrong; 1 pass, 1 to look at"),
        (["fail", "pass", "skipped"], "1 of 3 checks fail; 1 pass, 1 skipped"),
        (["fail", "fail", "warn"], "2 of 3 checks fail; 0 pass, 1 to look at"),
    ],
)
def test_the_verdict(rows: list[str], verdict: str) -> None:
    assert report(*map(row, rows)).verdict == verdict


def test_the_worst_comes_first() -> None:
    assert [r["status"] for r in MIXED.rows] == ["fail", "warn", "skipped", "pass", "pass"]
    assert list(MIXED.chapters()) == ["kafka", "gitops"]
    assert MIXED.counts == {"fail": 1, "warn": 1, "skipped": 1, "pass": 2}


def test_the_table() -> None:
    assert [line for _, line in lines(MIXED, 200)] == [
        "Seldon Deploy on lab: 1 of 5 checks fail; 2 pass, 1 to look at, 1 skipped",
        "",
        "fail    kafka.ready        Kafka k: 2/3 ready",
        "warn    gitops.ready       Kafka k: seen",
        "skipped gitops.repository  Kafka k: seen",
        "pass    kafka.ready        title of kafka.ready (2)",
        "",
        "What to do:",
        "  oc get kafka  (kafka.ready, gitops.ready)",
    ]


def test_a_narrow_terminal_gets_one_line_each_but_whole_commands() -> None:
    wide = report(row("fail", seen="x" * 200, do="oc " + "y" * 200))
    told = list(lines(wide, 60))
    assert max(len(line) for _, line in told if line.startswith("fail")) == 60
    assert told[-1][1] == f"  oc {'y' * 200}  (kafka.ready)"


def test_junit_counts_what_fails() -> None:
    root = ElementTree.fromstring(junit(MIXED, ("fail",)))
    assert {s.get("name"): (s.get("tests"), s.get("failures"), s.get("skipped")) for s in root} == {
        "kafka": ("3", "1", "0"),
        "gitops": ("2", "0", "1"),
    }
    [failure] = root.iter("failure")
    assert failure.get("message") == "2/3 ready"
    assert failure.text
    assert failure.text.endswith("Do: oc get kafka")
    assert len(list(ElementTree.fromstring(junit(MIXED, ("fail", "warn"))).iter("failure"))) == 2
    assert len(list(ElementTree.fromstring(junit(MIXED, ())).iter("failure"))) == 0


class Tags(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]


def test_nothing_in_a_row_becomes_markup() -> None:
    fields = ("check", "chapter", "title", "why", "subject", "seen", "do")
    hostile = Report.of(HOSTILE, HOSTILE, [row("fail", **dict.fromkeys(fields, HOSTILE))])
    page = html(hostile)
    found = Tags()
    found.feed(page)
    assert not {"script", "img", "iframe", "link", "object"} & set(found.tags)
    assert not {name for name in found.attributes if name.startswith("on")}
    assert found.links == []
    assert "<script" not in page
    assert page.count("&lt;script&gt;") == 3 + len(fields)
    # A value is not read as a template, either.
    assert page.count("${title}") == 3 + len(fields)
    ElementTree.fromstring(junit(hostile, ("fail",)))


def test_the_page_loads_nothing() -> None:
    page = html(MIXED)
    assert not re.search(r"https?://|url\(|@import", page)
    assert "default-src 'none'" in page
