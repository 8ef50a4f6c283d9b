"""Texts of others under edits, judged by the programs that read them: Alertmanager's amtool, and Helm for Go's YAML."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.kube.go_scalars import go_value
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import dump, flow, load
from ansible_collections.seldon.openshift.plugins.module_utils.shared import alertmanager
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alertmanager_check import check, parsed
from ansible_collections.seldon.openshift.plugins.module_utils.shared.embedded import rewrite
from hypothesis import HealthCheck, given, settings

from sandbox.build import binaries
from tests.integration.configurations import configurations
from tests.unit.plugins.module_utils.alertmanager_texts import ACCEPTED, REFUSED
from tests.unit.plugins.module_utils.go_texts import DURATIONS, EXPRESSIONS, GROUPS, LOGINS, URLS
from tests.unit.plugins.module_utils.test_go_scalars import READ, STRINGS
from tests.unit.plugins.module_utils.test_go_texts import as_matcher

# Lines that an edit may change, because what is added belongs into them.
OURS_TOO = re.compile(r"\ufeff?\s*(route|routes|receivers):")
RECEIVER = {"name": "deploy-webhook", "webhook_configs": [{"url": "http://seldon-deploy.seldon-system/webhook"}]}
ROUTE = {
    "receiver": "deploy-webhook",
    "matchers": ['severity =~ "warning|critical"'],
    "continue": True,
    "group_by": ["alertname"],
    "group_wait": "10s",
}


def present(text: str) -> str:
    return rewrite(text, alertmanager.with_receiver(parsed(text), RECEIVER, ROUTE), parsed)


def absent(text: str) -> str:
    return rewrite(text, alertmanager.without_receiver(parsed(text), "deploy-webhook"), parsed)


def refused_by_amtool(folder: Path, texts: Iterable[str]) -> list[str]:
    """Return what amtool says against the texts, in one run of it for all."""
    files = []
    for number, text in enumerate(texts):
        files.append(folder / f"{number}.yaml")
        files[-1].write_bytes(text.encode())
    done = subprocess.run(
        [binaries()["amtool"], "check-config", *map(str, files)], capture_output=True, text=True, check=False
    )
    assert done.stdout.count("Checking '") == len(files), done.stderr
    return [line for line in (done.stdout + done.stderr).splitlines() if "FAILED" in line or "error" in line]


@pytest.mark.parametrize("what", REFUSED)
def test_what_amtool_refuses_is_not_edited(tmp_path: Path, what: str) -> None:
    file = tmp_path / "alertmanager.yaml"
    file.write_bytes(REFUSED[what].encode())
    done = subprocess.run([binaries()["amtool"], "check-config", str(file)], capture_output=True, check=False)
    assert done.returncode != 0
    with pytest.raises(ValueError):  # noqa: PT011 (any reason)
        check(parsed(REFUSED[what]))


def test_what_amtool_accepts_is_edited(tmp_path: Path) -> None:
    assert refused_by_amtool(tmp_path, ACCEPTED.values()) == []
    for text in ACCEPTED.values():
        check(parsed(text))
    assert refused_by_amtool(tmp_path, map(present, ACCEPTED.values())) == []


def with_parts(url: str = "http://x", oauth2: Any = None, **route: Any) -> str:
    hook = {"url": url, **({"http_config": {"oauth2": oauth2}} if oauth2 else {})}
    receivers = [{"name": "a", "webhook_configs": [hook]}]
    return json.dumps({"route": {"receiver": "a", "routes": [route]}, "receivers": receivers})


@pytest.mark.parametrize("taken", [True, False])
def test_amtool_judges_what_we_write_as_we_do(tmp_path: Path, taken: bool) -> None:
    texts = [
        *(with_parts(matchers=[as_matcher(each)]) for each in EXPRESSIONS[taken]),
        *(with_parts(url=each) for each in URLS[taken]),
        *(with_parts(repeat_interval=each) for each in DURATIONS[taken] if each),
        *(with_parts(group_by=each) for each in GROUPS[taken]),
        *(with_parts(oauth2=each) for each in LOGINS[taken]),
    ]
    for number, text in enumerate(texts):
        (tmp_path / f"{number}.yaml").write_text(text)
        refused = subprocess.run(
            [binaries()["amtool"], "check-config", str(tmp_path / f"{number}.yaml")], capture_output=True, check=False
        )
        assert (refused.returncode == 0) == taken, text


def test_whatever_others_write_stays(tmp_path: Path) -> None:
    texts: list[str] = []

    @settings(max_examples=500, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(configurations())
    def edit(before: str) -> None:
        after = present(before)
        lines = iter(after.splitlines())
        assert all(line in lines for line in before.splitlines() if not OURS_TOO.match(line))
        assert present(after) == after
        assert absent(after) == before
        assert absent(before) == before
        texts.extend((before, after))

    edit()
    assert len(texts) >= 1000
    assert refused_by_amtool(tmp_path, texts) == []


def as_go_reads(folder: Path, values: str) -> Any:
    """Return the values that Helm gets from a file with this text."""
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True, exist_ok=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: read\nversion: 1.0.0\n")
    (chart / "templates" / "read.yaml").write_text("read: {{ .Values | toJson | quote }}\n")
    (folder / "values.yaml").write_bytes(values.encode())
    command = [binaries()["helm"], "template", "read", str(chart), "--values", str(folder / "values.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(yaml.safe_load(done.stdout)["read"])


def test_go_reads_scalars_as_we_do(tmp_path: Path) -> None:
    texts = [*READ, *STRINGS]
    read = as_go_reads(tmp_path, "".join(f"k{number}: {text}\n" for number, text in enumerate(texts)))
    for number, text in enumerate(texts):
        found, expected = read.get(f"k{number}"), go_value(text)  # Helm drops a null
        if isinstance(expected, int) and not isinstance(expected, bool):
            found, expected = float(found), float(expected)  # JSON's numbers
        assert (type(found), found) == (type(expected), expected) or float(found) == expected, text


@pytest.mark.parametrize("write", [dump, flow])
def test_strings_stay_strings_on_the_way_to_go(tmp_path: Path, write: Any) -> None:
    odd = [
        "a\nb",
        "\t",
        "\x7f",
        "\x85",
        "\u2028",
        "\ufeff",
        "😀",
        " a ",
        "# a",
        "a: b",
        "- a",
        "",
        "\\",
        '"',
        "'",
        "{{ x }}",
    ]
    values = {"list": [*READ, *STRINGS, *odd], "env": {text: text for text in (*READ, *STRINGS, *odd)}}
    assert as_go_reads(tmp_path, write(values)) == values
    assert load(write(values)) == [values]
    assert yaml.safe_load(write(values)) == values
