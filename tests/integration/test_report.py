"""seldon_report in a play, and its page in a browser."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.html import html
from ansible_collections.seldon.openshift.plugins.plugin_utils.report.model import Report

from sandbox.paths import CHECKOUT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


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


def tell(folder: Path, rows: list[dict[str, str]], *options: str, hosts: str = "lab,", **more: str) -> Any:
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


# Shows each filter in turn, as a click does, and tells what is to be seen then.
PROBE = """
<script>
  const seen = selector => [...document.querySelectorAll(selector)].filter(e => e.checkVisibility()).length;
  const told = {tiles: [...document.querySelectorAll('.tile')].map(e => e.innerText.replace(/\\s+/g, ' '))};
  for (const input of document.querySelectorAll('.show')) {
    document.querySelector(`label[for=${input.id}]`).click();
    told[input.id] = {rows: seen('.row'), sections: seen('section'), details: seen('dl'),
      wide: document.documentElement.scrollWidth > innerWidth, width: innerWidth};
  }
  document.querySelector('label[for=show-all]').click();
  document.querySelector('.row').open = true;
  told.opened = seen('dl');
  document.body.append(Object.assign(document.createElement('pre'), {id: 'told', innerText: JSON.stringify(told)}));
</script>
"""


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium (Debian: apt-get install chromium)")
@pytest.mark.parametrize("width", [360, 1200])
def test_a_browser_shows_the_summary_and_each_filter(tmp_path: Path, width: int) -> None:
    page = html(Report.of("Seldon Deploy on lab", "2026-11-25 13:00 UTC", ROWS))
    bare = re.sub(r"<meta http-equiv[^>]*>", "", page)  # the page's own policy forbids scripts
    # A window can't be as narrow as a phone; a frame can.
    (tmp_path / "page.html").write_text(bare.replace("</body>", f"{PROBE}</body>"))
    (tmp_path / "frame.html").write_text(
        f'<iframe src="page.html" width="{width}" height="800"></iframe><script>onload = () => '
        "document.body.append(frames[0].document.getElementById('told'))</script>"
    )
    command = [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
    command += [f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=3000", "--dump-dom"]
    dom = subprocess.run(
        [*command, (tmp_path / "frame.html").as_uri()], capture_output=True, text=True, check=True, timeout=120
    ).stdout
    found = re.search(r'<pre id="told">(.*?)</pre>', dom, re.S)
    assert found, dom
    told = json.loads(unescape(found[1]))
    assert told["tiles"] == ["6 all", "2 fail", "1 to look at", "1 skipped", "2 pass"]
    shown = {name.removeprefix("show-"): told[name]["rows"] for name in told if name.startswith("show-")}
    assert shown == {"all": 6, **COUNTS}
    assert told["show-fail"]["sections"] == 2
    assert told["show-warn"]["sections"] == 1
    assert {told[name]["details"] for name in told if name.startswith("show-")} == {0}
    assert told["opened"] == 1
    assert not any(told[name]["wide"] for name in told if name.startswith("show-"))
    assert told["show-all"]["width"] <= width
