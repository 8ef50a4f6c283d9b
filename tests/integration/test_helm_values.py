"""Values on their way to Helm: what is a string here is one there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.cluster import SHIPPED, Cluster, recap
from tests.unit.plugins.module_utils.test_go_scalars import READ, STRINGS

CHART = {
    "Chart.yaml": "apiVersion: v2\nname: shown\nversion: 1.0.0\n",
    "values.yaml": "kept: 'no'\ndropped: 1\n",
    "templates/shown.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\n"
        "data:\n  values: {{ .Values | toJson | quote }}\n"
    ),
}
# In what Helm prints of a release, kubernetes.core reads these otherwise, and finds a change each time.
TEXTS = {*READ, *STRINGS, "😀", "a\nb", "{{ .Token }}"} - {"=", "._5", "0xFFFFFFFFFFFFFFFFFF"}
VALUES: dict[str, Any] = {
    "env": {text: text for text in sorted(TEXTS)},
    "numbers": [7, 1.5, True, None],
    "dropped": None,
}


def chart(folder: Path) -> Path:
    for name, text in CHART.items():
        path = folder / "chart" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder / "chart"


@pytest.mark.parametrize("way", [[], SHIPPED], ids=["here", "shipped"])
def test_strings_are_strings_to_the_chart(shared_cluster: Cluster, tmp_path: Path, way: list[str]) -> None:
    name = f"shown-{len(way)}"
    task = {
        "seldon.openshift.seldon_helm": {
            "name": name,
            "namespace": "default",
            "chart_ref": str(chart(tmp_path)),
            "values": "{{ lookup('ansible.builtin.file', values) | from_json }}",
        }
    }
    (tmp_path / "values.json").write_text(json.dumps(VALUES))
    play = tmp_path / "play.json"
    given = {"values": f"{tmp_path}/values.json"}
    play.write_text(json.dumps([{"hosts": "seldon_clusters", "gather_facts": False, "vars": given, "tasks": [task]}]))
    changed = [recap(shared_cluster.playbook(str(play), *options, *way))["changed"] for options in (["-vvv"], [])]
    assert changed == [1, 0]
    shown = shared_cluster.kube.get("v1", "ConfigMap", name, "default") or {}
    expected = {key: value for key, value in VALUES.items() if key != "dropped"}
    assert json.loads(shown["data"]["values"]) == {**expected, "kept": "no"}
