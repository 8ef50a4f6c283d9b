"""The report in its four shapes: what each says, and that nothing in it is believed."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS as REGISTRY
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.collection import collection_version
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.comparison import Baseline, compare
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.html import html
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.junit import junit
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.model import Report
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.names import CHAPTERS, product
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.picture import BOXES, NEEDS, State, arrows, state
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.platform import Platform, duration
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.table import lines

CHECKOUT = Path(__file__).parents[4]
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
        "pass    kafka              ready",
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


def tags(page: str) -> Tags:
    found = Tags()
    found.feed(page)
    return found


def hostile_platform(url: str) -> Platform:
    """A platform with hostile words wherever it has words."""
    return Platform.of(
        {
            **dict.fromkeys(("cluster", "openshift", "api"), HOSTILE),
            "versions": [dict.fromkeys(("kind", "name", "namespace", "version", "wanted"), HOSTILE)],
            "addresses": [{"product": HOSTILE, "url": url}],
            "model_namespaces": [{"name": HOSTILE, **dict.fromkeys(COLUMNS)}],
            "unread": [HOSTILE],
        },
        HOSTILE,
        1,
    )


COLUMNS = ("gitops", "member", "policies", "monitors", "rules", "models", "running")


def test_nothing_in_a_row_becomes_markup() -> None:
    fields = ("check", "chapter", "title", "why", "subject", "seen", "do")
    hostile = Report.of(HOSTILE, HOSTILE, [row("fail", **dict.fromkeys(fields, HOSTILE))])
    plain = html(MIXED)
    page = html(hostile)
    found = tags(page)
    assert not {"img", "iframe", "link", "object"} & set(found.tags)
    assert not {name for name in found.attributes if name.startswith("on")}
    assert [each for each in found.links if not each.startswith("#")] == []
    assert found.tags.count("script") == page.count("<script") == plain.count("<script") == 1
    told = page.count("&lt;script&gt;")
    assert told >= 3 + len(fields) - 1  # in chapter's place stands its title
    # A value is not read as a template, either.
    assert page.count("${title}") == told
    ElementTree.fromstring(junit(hostile, ("fail",)))


def test_nothing_that_a_platform_or_an_earlier_report_says_becomes_markup() -> None:
    platform = hostile_platform('https://example.com/"><script>')
    rows = [row("fail", **dict.fromkeys(("check", "subject", "seen"), HOSTILE))]
    earlier = Baseline(HOSTILE, "", "", {}, frozenset({"kafka", HOSTILE}), {(HOSTILE, HOSTILE, ""): "1"}, True)
    hostile = Report.of("t", "m", rows)
    page = html(hostile, platform, compare(earlier, hostile, platform))
    found = tags(page)
    assert page.count("<script") == found.tags.count("script") == 1
    assert not {"img", "iframe", "link", "object"} & set(found.tags)
    assert not {name for name in found.attributes if name.startswith("on")}
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//example.com", "file:///etc/passwd", HOSTILE]
)
def test_links_lead_to_the_web_only(url: str) -> None:
    assert [each for each in tags(html(MIXED, hostile_platform(url))).links if not each.startswith("#")] == []


def test_the_page_loads_nothing_and_runs_no_script_but_its_own() -> None:
    page = html(MIXED, Platform())
    assert not re.search(r"https?://|url\(|@import", page)
    assert "default-src 'none'" in page
    (script,) = re.findall("<script>(.*?)</script>", page, re.S)
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page


GROUPED = report(
    *(row("pass", "kafka.workloads", subject=f"Deployment a/{name}") for name in "abcd"),
    row("fail", "kafka.workloads", subject="Deployment a/e", do="oc describe"),
    row("fail", "kafka.workloads", subject="Deployment a/f", do="oc describe"),
    row("pass", "kafka.applied", subject="Kafka a/b"),
    row("pass", "kafka.applied", subject="NetworkPolicy a/b"),
    row("pass", "elasticsearch.policies", subject="NetworkPolicy a/b"),
    row("pass", "elasticsearch.policies", subject="NetworkPolicy a/c"),
    row("pass", "elasticsearch.ready", subject="Elasticsearch a/b"),
    row("pass", "elasticsearch.rules", subject="PrometheusRules of a"),
    row("pass", "validate.x", subject="your rights"),
    row("pass", "namespaces.present", subject="namespace a"),
    row("pass", "namespaces.present", subject="namespace b"),
)


def test_rows_are_grouped_by_check_and_counted_by_kind() -> None:
    assert {group.check: group.count for group in GROUPED.groups("pass")} == {
        "namespaces.present": "2 of 2 namespaces",
        "elasticsearch.policies": "2 of 2 NetworkPolicies",
        "elasticsearch.ready": "1 of 1 Elasticsearch",
        "elasticsearch.rules": "1 of 1",
        "kafka.workloads": "4 of 6 Deployments",
        "kafka.applied": "2 of 2",
        "validate.x": "1 of 1",
    }
    (failing,) = GROUPED.groups("fail")
    assert failing.count == "2 of 6 Deployments"
    assert {command: len(rows) for command, rows in failing.commands().items()} == {"oc describe": 2}


def test_groups_come_in_the_order_of_the_guide() -> None:
    chapters = dict.fromkeys(group.chapter for group in GROUPED.groups("pass"))
    assert list(chapters) == ["namespaces", "elasticsearch", "kafka", "validate"]


def test_a_command_that_heals_all_of_a_check_stands_once() -> None:
    assert html(GROUPED).count("<code>oc describe</code>") == 1


def test_products_have_their_names() -> None:
    page = html(report(row("pass", "gitops.ready"), row("warn", "postgresql.x"), row("skipped", "logging.x")))
    for name in ("Argo CD (OpenShift GitOps)", "PostgreSQL", "OpenShift Logging"):
        assert name in page
    assert not re.search("Gitops|Postgresql", page)


def test_every_chapter_has_a_name_and_a_place_in_the_picture() -> None:
    assert CHAPTERS.keys() - {"validate"} == REGISTRY.keys() == BOXES.keys()


def test_every_operator_has_a_name() -> None:
    files = (CHECKOUT / "roles").glob("*/defaults/main.yml")
    found = {key: value for file in files for key, value in (yaml.safe_load(file.read_text()) or {}).items()}
    operators = [each for key, value in found.items() if key.endswith("_operators") for each in value]
    packages = [name for each in operators for name in (each["name"], *each.get("alternatives", ()))]
    assert len(packages) > 9
    assert [name for name in packages if product("operator", name) == f"{name} operator"] == []


def test_the_picture_shows_what_uninstall_keeps_for_others() -> None:
    """The graph has one more reader: what a chapter needs goes after it."""
    needs = yaml.safe_load((CHECKOUT / "roles/uninstall/vars/main.yml").read_text())["uninstall_needs"]
    for name, told in needs.items():
        named = [each for each in CHAPTERS if re.search(rf"\b{each}\b", str(told))]
        if "uninstall_own_kafka" in str(told):
            named.append("kafka")
        assert {*CHAPTERS[name].needs} == {*named}, name


def test_an_arrow_leads_to_what_is_needed_at_first_hand() -> None:
    drawn = set(arrows(NEEDS))
    assert ("seldon_core_v2", "model_namespace") in drawn
    assert ("seldon_core_v2", "service_mesh") not in drawn  # by way of the model namespaces
    assert len([1 for name, _ in drawn if name == "seldon_deploy"]) == 7
    assert {needed for _, needed in drawn} <= {*NEEDS}


@pytest.mark.parametrize(
    ("statuses", "status", "text", "target"),
    [
        (["pass", "pass"], "pass", "2 pass", "pass-kafka"),
        (["pass", "skipped"], "pass", "passes", "pass-kafka"),
        (["skipped"], "skipped", "skipped", "skipped-kafka"),
        (["pass", "warn", "skipped"], "warn", "1 to look at", "warn-kafka"),
        (["pass", "warn", "fail"], "fail", "1 of 3 fails", "fail-kafka"),
        (["fail", "fail"], "fail", "2 of 2 fail", "fail-kafka"),
        ([], "unseen", "not checked", ""),
    ],
)
def test_the_state_of_a_chapter(statuses: list[str], status: str, text: str, target: str) -> None:
    seen = report(*map(row, statuses))
    assert state(seen, "kafka") == State(status, text, target)
    assert not target or f'id="{target}"' in html(seen)


def test_the_picture_tells_each_state_in_words_and_leads_to_rows_that_there_are() -> None:
    page = html(MIXED, Platform())
    drawn = page[page.index("<svg") : page.index("</svg>")]
    assert 'href="#fail-kafka"' in drawn
    assert 'aria-label="Kafka (AMQ Streams): 1 of 3 fails"' in drawn
    assert 'aria-label="PostgreSQL: not checked"' in drawn
    targets = re.findall('href="#([^"]+)"', page)
    assert [each for each in targets if f'id="{each}"' not in page] == []


def version(number: str, wanted: str = "", name: str = "seldon", namespace: str = "a") -> dict[str, str]:
    return {"kind": "Kafka", "name": name, "namespace": namespace, "version": number, "wanted": wanted}


@pytest.mark.parametrize(
    ("runs", "wanted", "differs"),
    [
        ("3.2.3", "3.2.3", False),
        ("5.5.5", "5.5", False),
        ("5.50", "5.5", True),
        ("3.3", "3.2.3", True),
        ("1", "", False),
    ],
)
def test_a_version_differs_when_it_is_another_than_wanted(runs: str, wanted: str, differs: bool) -> None:
    (found,) = Platform.of({"versions": [version(runs, wanted)]}, "", None).versions
    assert found.differs == differs
    assert ("1 of 1 differs" in html(MIXED, Platform(versions=(found,)))) == differs


def test_what_runs_in_many_namespaces_in_one_version_is_one_row() -> None:
    found = Platform.of({"versions": [version("1", namespace=name) for name in "abc"]}, "", None)
    assert [each.namespaces for each in found.versions] == [("a", "b", "c")]


def test_a_platform_of_which_little_may_be_read_says_so() -> None:
    page = html(MIXED, Platform.of({"api": "https://api:6443", "unread": ["you may not list secrets"]}, "1.0.0", None))
    assert "you may not list secrets" in page
    assert "Not told here" in page
    assert "<dt>OpenShift</dt>" not in page


def test_a_hundred_model_namespaces_begin_folded() -> None:
    names = [{"name": f"n{number}", **dict.fromkeys(COLUMNS, 0)} for number in range(100)]
    page = html(MIXED, Platform.of({"model_namespaces": names}, "", None))
    assert "100, no models yet" in page
    assert 'class="table" open' not in page
    assert "not readable" not in page


def test_what_may_not_be_read_of_a_model_namespace_is_no_zero() -> None:
    unread = {"name": "n", **dict.fromkeys(COLUMNS)}
    page = html(MIXED, Platform.of({"model_namespaces": [unread]}, "", None))
    assert page.count("<td>not readable</td>") == 6
    assert "1, models not readable" in page


@pytest.mark.parametrize(("seconds", "told"), [(0.2, "1 s"), (48.4, "48 s"), (125, "2 min 5 s")])
def test_durations(seconds: float, told: str) -> None:
    assert duration(seconds) == told


@pytest.mark.parametrize(
    ("name", "content", "version"),
    [
        ("MANIFEST.json", '{"collection_info": {"version": "1.2.3"}}', "1.2.3"),
        ("galaxy.yml", "version: 1.0.0", "1.0.0"),
        ("galaxy.yml", "no: version", ""),
        ("MANIFEST.json", "no JSON", ""),
    ],
)
def test_the_version_of_the_collection(tmp_path: Path, name: str, content: str, version: str) -> None:
    (tmp_path / name).write_text(content)
    assert collection_version(tmp_path) == version
