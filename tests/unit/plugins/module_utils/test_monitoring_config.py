from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.shared import monitoring_config as monitoring

Settings = dict[str, Any]
THERE = {"a": True, "b": {"c": 1, "d": {"e": [1, 2]}}, "f": None}


def holding(text: str | None) -> dict[str, Any]:
    obj = monitoring.config_map("cluster-monitoring-config")
    return obj if text is None else {**obj, "data": {"other": "x", monitoring.KEY: text}}


@pytest.mark.parametrize(
    ("ours", "merged", "taken_out"),
    [
        ({}, THERE, THERE),
        ({"a": True}, THERE, {"b": THERE["b"], "f": None}),
        ({"a": 1}, {**THERE, "a": 1}, THERE),
        ({"b": {"c": 1}}, THERE, {**THERE, "b": {"d": {"e": [1, 2]}}}),
        ({"b": {"c": 2, "g": 3}}, {**THERE, "b": {**THERE["b"], "c": 2, "g": 3}}, THERE),
        ({"b": {"d": {"e": [1, 2]}}}, THERE, {**THERE, "b": {"c": 1, "d": {}}}),
        ({"b": {"d": {"e": [1]}}}, {**THERE, "b": {"c": 1, "d": {"e": [1]}}}, THERE),
        ({"f": {"g": 1}}, {**THERE, "f": {"g": 1}}, THERE),
        ({"b": "x"}, {**THERE, "b": "x"}, THERE),
        ({"new": {"n": {}}}, {**THERE, "new": {"n": {}}}, THERE),
        (THERE, THERE, {"b": {"d": {}}}),
    ],
)
def test_settings_come_and_only_ours_go(ours: Settings, merged: Settings, taken_out: Settings) -> None:
    assert monitoring.merged(THERE, ours) == merged
    assert monitoring.taken_out(THERE, ours) == taken_out


@pytest.mark.parametrize(
    ("text", "present", "absent"),
    [
        (None, "enableUserWorkload: true\n", None),
        ("", "enableUserWorkload: true\n", ""),
        ("enableUserWorkload: true", "enableUserWorkload: true", ""),
        (
            "# mine\nenableUserWorkload: false\n",
            "# mine\nenableUserWorkload: true\n",
            "# mine\nenableUserWorkload: false\n",
        ),
    ],
)
def test_the_text_in_the_config_map_follows(text: str | None, present: str, absent: str | None) -> None:
    settings = {"enableUserWorkload": True}
    assert monitoring.text_of(monitoring.setting(settings)(holding(text))) == present
    assert monitoring.unsetting(settings)(holding(text)) == holding(absent)


def test_a_config_map_without_the_key_gets_it() -> None:
    without_key = {**holding(None), "data": {"other": "x"}}
    assert monitoring.setting({})(without_key)["data"] == {"other": "x", monitoring.KEY: ""}


@pytest.mark.parametrize("change", [monitoring.setting, monitoring.unsetting])
def test_what_can_t_be_parsed_is_not_written_over(change: Any) -> None:
    with pytest.raises(EngineError) as refused:
        change({"a": 1})(holding("a: 1\n b: 2\n"))
    for part in (
        "ConfigMap openshift-monitoring/cluster-monitoring-config",
        "line 2",
        "oc -n openshift-monitoring edit",
    ):
        assert part in str(refused.value)


DEEP = (
    {"prometheus": {"nodeSelector": {"a": "b"}}},
    {"prometheus": {"nodeSelector": {"a": "b"}, "tolerations": [{"key": "c"}]}, "grafana": {"x": {"y": {"z": 1}}}},
    {"p": {"q": {"r": {"s": {}}}}},
    {"p": {}},
)
BEFORE = (
    *("", "# c\n", "x: {}\n", "x:\n", "x: # c\n  y:\n", "prometheus:\n", "prometheus: ~ # c\n", "prometheus: {}\n"),
    *("prometheus:\n  nodeSelector:\n  # c\n", "prometheus:\n  nodeSelector: {}\n", "prometheus: {nodeSelector: {}}\n"),
    *(
        "{}\n",
        "{ }\n",
        "{x: 1}\n",
        "{prometheus: , x: 1}\n",
        "prometheus: {nodeSelector: null}\n",
    ),
)


@pytest.mark.parametrize("settings", DEEP)
@pytest.mark.parametrize("text", BEFORE)
def test_what_we_added_goes_at_every_depth(text: str, settings: Settings) -> None:
    there = holding(text)
    after = monitoring.setting(settings)(there)
    assert monitoring.text_of(monitoring.unsetting(settings)(after) or {}) == text
    others = monitoring.setting({"others": {"a": {"b": 1}}})
    left = monitoring.unsetting(settings)(others(after))
    assert monitoring.text_of(left or {}) == monitoring.text_of(others(there))


@pytest.mark.parametrize("settings", DEEP)
def test_a_config_map_of_ours_goes_with_its_last_setting(settings: Settings) -> None:
    assert monitoring.unsetting(settings)(monitoring.setting(settings)(holding(None))) is None


@pytest.mark.parametrize("text", ["", "x: {l: [ 1]}\n", "x:\n  l:\n  - 1\n", "x:\n  l: ~\n", "x:\n  l: []\n"])
def test_an_empty_list_is_set_once(text: str) -> None:
    empty = monitoring.setting({"x": {"l": []}})
    made = empty(holding(text))
    assert empty(made) == made
