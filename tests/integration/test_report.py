"""seldon_report in a play, and its page in a browser."""

from __future__ import annotations

import json
import os
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.comparison import Baseline, compare
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.html import html
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.model import Report
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.platform import Platform

from sandbox.paths import CHECKOUT
from tests import axe
from tools import browser

needs_chromium = pytest.mark.skipif(
    browser.chromium() is None, reason="needs Chromium (Debian: apt-get install chromium)"
)


def row(status: str, check: str) -> dict[str, str]:
    return {
        "check": check,
        "chapter": check.partition(".")[0],
        "title": f"title of {check}",
        "why": "It matters.",
        "status": status,
        "subject": "Kafka seldon-kafka/seldon",
        "seen": "a-name-that-is-long-and-has-no-place-to-break-it-" * 4,
        "do": "oc describe kafka.kafka.strimzi.io seldon -n seldon-kafka" if status in ("fail", "warn") else "",
    }


ROWS = [
    row("pass", "kafka.operators"),
    row("fail", "kafka.ready"),
    row("warn", "kafka.replicas"),
    row("skipped", "gitops.repository"),
    row("pass", "gitops.ready"),
    row("fail", "gitops.project"),
]
COUNTS = {"fail": 2, "warn": 1, "skipped": 1, "pass": 2}


def tell(folder: Path, rows: list[dict[str, str]], *options: str, hosts: str = "lab,", **more: Any) -> Any:
    """Run a play that reports `rows` into folder/report."""
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "tasks": [
                {
                    "name": "Tell",
                    "seldon.openshift.seldon_report": {"checks": rows, "directory": str(folder / "report"), **more},
                    "register": "told",
                },
                {"name": "Keep", "ansible.builtin.debug": {"msg": "kept {{ told.counts }}"}},
            ],
        }
    ]
    (folder / "play.yml").write_text(json.dumps(play))
    return subprocess.run(
        ["ansible-playbook", "-i", hosts, str(folder / "play.yml"), *options],
        cwd=CHECKOUT,
        env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "report").glob("*"))


def test_it_prints_writes_and_then_fails(tmp_path: Path) -> None:
    result = tell(tmp_path, ROWS, title="Seldon Deploy on lab")
    assert result.returncode == 2, result.stdout + result.stderr
    assert "\nSeldon Deploy on lab: 2 of 6 checks fail; 2 pass, 1 to look at, 1 skipped\n" in result.stdout
    assert "Seldon Deploy on lab: 2 fail: kafka.ready, gitops.project" in result.stdout + result.stderr
    lines = [line.split()[:2] for line in result.stdout.splitlines()]
    order = [words for words in lines if words and words[0] in COUNTS]
    assert [status for status, _ in order] == ["fail", "fail", "warn", "skipped", "pass", "pass"]
    assert files(tmp_path) == ["junit.xml", "report.html", "report.json"]
    assert oct((tmp_path / "report").stat().st_mode)[-3:] == "755"
    written = json.loads((tmp_path / "report/report.json").read_text())
    assert written["counts"] == COUNTS
    assert sorted(r["check"] for r in written["checks"]) == sorted(r["check"] for r in ROWS)
    assert len(list(ElementTree.parse(tmp_path / "report/junit.xml").iter("failure"))) == 2


@pytest.mark.parametrize(("fail_on", "status", "code"), [("warn", "warn", 2), ("never", "fail", 0)])
def test_what_ends_the_play(tmp_path: Path, fail_on: str, status: str, code: int) -> None:
    assert tell(tmp_path, [row(status, "kafka.ready")], fail_on=fail_on).returncode == code


def test_check_mode_prints_only(tmp_path: Path) -> None:
    result = tell(tmp_path, ROWS, "--check")
    assert result.returncode == 0
    assert "2 of 6 checks fail" in result.stdout
    assert files(tmp_path) == []


def test_no_rows_no_report(tmp_path: Path) -> None:
    result = tell(tmp_path, [])
    assert result.returncode == 0
    assert files(tmp_path) == []


def test_several_clusters_have_files_of_their_own(tmp_path: Path) -> None:
    assert tell(tmp_path, ROWS[:1], hosts="east,west,").returncode == 0
    assert [name for name in files(tmp_path) if "html" in name] == ["east-report.html", "west-report.html"]


def test_an_earlier_report_is_compared_with(tmp_path: Path) -> None:
    platform = {"cluster": "lab", "api": "https://api.lab:6443", "versions": [version("3.2.3")]}
    assert tell(tmp_path, ROWS, platform=platform, fail_on="never").returncode == 0
    earlier = tmp_path / "earlier.json"
    (tmp_path / "report/report.json").rename(earlier)
    rows = [{**r, "status": "pass" if r["check"] == "kafka.ready" else "fail"} for r in ROWS]
    now = {**platform, "versions": [version("3.3.1")]}
    result = tell(tmp_path, rows, platform=now, baseline=str(earlier), fail_on="never")
    assert result.returncode == 0, result.stdout + result.stderr
    head = result.stdout.index("Since ")
    assert "UTC: 4 new failures, 1 healed, 1 version changed\n" in result.stdout[head:]
    assert "\n  healed   kafka.ready  " in result.stdout[head:]
    assert "\n  version  Kafka: 3.2.3 → 3.3.1\n" in result.stdout[head:]
    told = json.loads((tmp_path / "report/report.json").read_text())["comparison"]
    assert [row["check"] for row in told["healed"]] == ["kafka.ready"]
    assert "1 version changed" in (tmp_path / "report/report.html").read_text()


def test_an_earlier_report_that_cannot_be_compared_with_is_refused_before_anything_runs(tmp_path: Path) -> None:
    result = tell(tmp_path, [], baseline=str(tmp_path / "nowhere.json"))
    assert result.returncode == 2
    said = " ".join((result.stdout + result.stderr).split())
    assert f"the earlier report {tmp_path}/nowhere.json cannot be read: No such file or directory. Next: " in said


def version(number: str) -> dict[str, str]:
    return {"kind": "Kafka", "name": "seldon", "namespace": "seldon-kafka", "version": number, "wanted": "3.2.3"}


@pytest.fixture(scope="module")
def page() -> str:
    """A page with all that one can have, in words that are hard to place."""
    platform = Platform.of(
        {
            "cluster": "lab",
            "openshift": "4.11.20",
            "api": "https://api.lab.example.com:6443",
            "versions": [version("3.3.1"), {**version("1.0"), "kind": "chart", "name": "x" * 60, "wanted": ""}],
            "addresses": [{"product": "Argo CD", "url": f"https://{'argocd-' * 20}.example.com/"}],
            "model_namespaces": [namespace(f"team-{number}") for number in range(100)],
            "unread": ["you may not list secrets in seldon-system"],
        },
        "1.0.0",
        72.4,
    )
    report = Report.of("Seldon Deploy on lab", "2026-11-25 13:00 UTC", ROWS)
    earlier = Baseline("2026-11-20 13:00 UTC", "lab", "", {}, frozenset({"kafka", "gitops", "logging"}), {}, True)
    return html(report, platform, compare(earlier, report, platform))


def namespace(name: str) -> dict[str, Any]:
    counts = {"policies": 4, "monitors": 2, "rules": None, "models": 3, "running": 2}
    return {"name": name, "gitops": True, "member": False, **counts}


def probed(folder: Path, page: str, script: str, *options: str, width: int = 1200) -> Any:
    """Return what a script tells of a page by `tell(value)`. A window can't be as narrow as a phone; a frame can."""
    bare = re.sub(r"<meta http-equiv[^>]*>", "", page)  # the page's own policy forbids scripts of others
    telling = """<script>function tell(value) {
      const told = Object.assign(document.createElement('pre'), {id: 'told', innerText: JSON.stringify(value)});
      document.body.append(told);
    }</script>"""
    (folder / "page.html").write_text(bare.replace("</body>", f"{telling}<script>{{{script}}}</script></body>"))
    waiting = """<script>onload = function look() {
      const told = frames[0].document.getElementById('told');
      told ? document.body.append(told) : setTimeout(look, 50);
    }</script>"""
    (folder / "frame.html").write_text(f'<iframe src="page.html" width="{width}" height="800"></iframe>{waiting}')
    found = re.search(r'<pre id="told">(.*?)</pre>', browser.dom(folder / "frame.html", *options), re.S)
    assert found
    return json.loads(unescape(found[1]))


# Chooses each status in turn, as a click does, and tells what is to be seen then.
CHOOSE = """
  const visible = selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility());
  const seen = selector => visible(selector).length;
  const told = {tiles: [...document.querySelectorAll('.tile')].map(e => e.innerText.replace(/\\s+/g, ' ').trim())};
  for (const input of document.querySelectorAll('.tile input')) {
    input.closest('label').click();
    told[input.id] = {sections: visible('.rows').map(e => e.className),
      items: seen('.item'), commands: seen('.command'),
      wide: document.documentElement.scrollWidth > innerWidth, width: innerWidth};
  }
  told.buttons = document.querySelectorAll('.command button').length;
  told.filter = seen('#filter');
  tell(told);
"""


@needs_chromium
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_browser_shows_what_fails_and_chooses_by_status(tmp_path: Path, page: str, width: int, scripts: bool) -> None:
    given = page if scripts else re.sub(r"<script>.*?</script>", "", page, flags=re.S)
    told = probed(tmp_path, given, CHOOSE, width=width)
    assert [re.sub(r"[^\w ]", "", tile).strip() for tile in told["tiles"]] == [
        *("6 all", "2 fail", "1 to look at", "1 skipped", "2 pass")
    ]
    chosen = {name.removeprefix("show-"): told[name] for name in told if name.startswith("show-")}
    sections = {name: [each.split()[1] for each in found["sections"]] for name, found in chosen.items()}
    assert sections == {"all": ["fail", "warn", "skipped", "pass"], **{name: [name] for name in COUNTS}}
    # What passes is folded.
    items = {name: found["items"] for name, found in chosen.items()}
    assert items == {"all": 3, "fail": 2, "warn": 1, "skipped": 0, "pass": 0}
    assert chosen["fail"]["commands"] == 2
    assert not any(found["wide"] for found in chosen.values())
    assert chosen["all"]["width"] <= width
    assert (told["buttons"], told["filter"]) == ((3, 1) if scripts else (0, 0))


@needs_chromium
def test_words_choose_among_the_checks_and_open_what_is_folded(tmp_path: Path, page: str) -> None:
    script = """
      const filter = document.getElementById('filter');
      const choose = words => {
        filter.value = words;
        filter.dispatchEvent(new Event('input'));
        return {left: [...document.querySelectorAll('.group')].filter(e => e.checkVisibility()).map(e => e.textContent),
          said: document.getElementById('found').textContent};
      };
      tell([choose('kafka.operators'), choose('GITOPS title repository'), choose('nowhere'), choose('')]);
    """
    one, two, none, all_ = probed(tmp_path, page, script)
    assert [len(each["left"]) for each in (one, two, none)] == [1, 1, 0]
    assert "title of kafka.operators" in one["left"][0]
    assert (one["said"], none["said"], all_["said"]) == ("1 check with these words", "0 checks with these words", "")
    assert len(all_["left"]) == 3  # what asks for action; the rest is folded again


@needs_chromium
def test_a_box_of_the_picture_leads_to_its_rows_and_opens_them(tmp_path: Path) -> None:
    ready = html(Report.of("t", "m", [row("pass", "kafka.ready"), row("pass", "kafka.ready")]), Platform())
    script = """
      document.querySelector('a.box').dispatchEvent(new MouseEvent('click', {bubbles: true, cancelable: true}));
      setTimeout(() => tell({hash: location.hash, open: document.querySelector('.chapter').open}), 500);
    """
    assert probed(tmp_path, ready, script) == {"hash": "#pass-kafka", "open": True}


@needs_chromium
def test_the_page_s_own_policy_lets_its_script_run(tmp_path: Path, page: str) -> None:
    (tmp_path / "page.html").write_text(page)
    assert browser.dom(tmp_path / "page.html").count('<button type="button">Copy</button>') == 3


@pytest.fixture(scope="module")
def axe_core() -> str:
    """axe-core's source; without npm, or a registry that it reaches, there is none."""
    try:
        return axe.script()
    except (OSError, subprocess.SubprocessError) as error:
        return str(pytest.skip(f"npm has no axe-core here (Debian: apt-get install npm): {error}"))


@needs_chromium
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nobody_is_shut_out(tmp_path: Path, page: str, axe_core: str, width: int, dark: bool) -> None:
    script = f"""{axe_core}
      document.querySelectorAll('details').forEach(each => {{ each.open = true; }});
      axe.run(document, {{runOnly: {json.dumps(axe.TAGS)}}}).then(found => tell({{
        dark: matchMedia('(prefers-color-scheme: dark)').matches,
        passed: found.passes.map(each => each.id),
        violations: found.violations.map(each => [each.id, each.nodes.map(node => node.html + node.failureSummary)]),
      }}));
    """
    told = probed(tmp_path, page, script, *([browser.DARK] if dark else []), width=width)
    assert told["violations"] == []
    assert told["dark"] == dark
    assert {"color-contrast", "heading-order", "label", "link-name"} <= {*told["passed"]}
