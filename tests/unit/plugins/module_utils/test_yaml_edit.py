"""Edits in every layout: what is added stands where it belongs, and taking it out gives back the text of before."""

# ruff: noqa: E501 (a text is a line)

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared import alertmanager
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alertmanager_check import parsed
from ansible_collections.seldon.openshift.plugins.module_utils.shared.embedded import Uneditable, parse, rewrite

from tests.unit.plugins.module_utils.alertmanager_texts import ACCEPTED

RECEIVER = {"name": "ours", "webhook_configs": [{"url": "http://x"}]}
ROUTE = {"receiver": "ours", "matchers": ["a = b"], "continue": True}
LINES = "- receiver: ours\n{0}  matchers:\n{0}  - a = b\n{0}  continue: true\n"
FLOW = '{"receiver": "ours", "matchers": ["a = b"], "continue": true}'
ROUTES = {
    "route:\n  receiver: D\n": f"route:\n  receiver: D\n  routes:\n  {LINES.format('  ')}",
    "route:\n  routes:  # none\n  receiver: D\n": f"route:\n  routes:  # none\n    {LINES.format('    ')}  receiver: D\n",
    "route:\n  receiver: D\n  routes: ~  # none\n": f"route:\n  receiver: D\n  routes: # ~  # none\n    {LINES.format('    ')}",
    "route:\n  receiver: D\n  routes: []  # none\n": f"route:\n  receiver: D\n  routes: [{FLOW}]  # none\n",
    "route:\n  receiver: D\n  routes: [ ]\n": f"route:\n  receiver: D\n  routes: [{FLOW} ]\n",
    "route:\n  receiver: D\n  routes: [\n    # none\n  ]\n": f"route:\n  receiver: D\n  routes: [{FLOW}\n    # none\n  ]\n",
    "route: {receiver: D}\n": f'route: {{"routes": [ {FLOW}], receiver: D}}\n',
    "route: { receiver: D, routes: [], }\n": f"route: {{ receiver: D, routes: [{FLOW}], }}\n",
    "route: {receiver: D, routes: }\n": f"route: {{receiver: D, routes: [  {FLOW}]}}\n".replace("]}", "] }"),
    "route: {receiver: D, routes: null}\n": f"route: {{receiver: D, routes: [    {FLOW}]}}\n",
    "route: {receiver: D, routes: [ {receiver: D} , ]}\n": f"route: {{receiver: D, routes: [ {FLOW}, {{receiver: D}} , ]}}\n",
    "route:\n  receiver: D\n  routes:  # c\n\n  # d\n  - receiver: D\n": (
        f"route:\n  receiver: D\n  routes:  # c\n  {LINES.format('  ')}\n  # d\n  - receiver: D\n"
    ),
    "route:\n  receiver: D\n  routes:\n      -\n        receiver: D\n": (
        f"route:\n  receiver: D\n  routes:\n      {LINES.format('      ')}      -\n        receiver: D\n"
    ),
}
RECEIVERS = (
    "receivers:\n- name: D\n",
    "receivers:\n  - name: D  # c\n    # its own\n\n  # of what comes next\n",
    "receivers: [{name: D}]\n",
    "receivers: [ {name: D, } , ]\n",
    "receivers:\n- name: D\n  slack_configs:\n  - api_url: http://x\n    text: |+\n      # no comment\n      x\n\n",
    "receivers:\n- name: D\n  slack_configs:\n  - api_url: http://x\n    text: a\n      b # c\n",
)
ENDS = ("", "---\n", "...\n", "# end\n", "inhibit_rules: []\n")


def present(text: str) -> str:
    return rewrite(text, alertmanager.with_receiver(parsed(text), RECEIVER, ROUTE), parsed)


def absent(text: str) -> str:
    return rewrite(text, alertmanager.without_receiver(parsed(text), "ours"), parsed)


@pytest.mark.parametrize("route", ROUTES)
def test_a_route_comes_first_in_the_layout_that_is_there(route: str) -> None:
    made = present(f"receivers: [{{name: D}}]\n{route}")
    assert made.split("\n", 1)[1] == ROUTES[route]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("receivers", RECEIVERS)
def test_what_is_taken_out_leaves_nothing_behind(receivers: str, newline: str) -> None:
    for route in ROUTES:
        for body in (route + receivers, receivers + route):
            for text in (*(body + end for end in ENDS), *([] if body.endswith("\n\n") else [body[:-1]])):
                before = text.replace("\n", newline)
                after = present(before)
                assert present(after) == after
                assert absent(after) == before
                assert "\n" not in after.replace("\r\n", "") or newline == "\n"


@pytest.mark.parametrize("what", ACCEPTED)
def test_what_alertmanager_accepts_comes_back(what: str) -> None:
    assert absent(present(ACCEPTED[what])) == ACCEPTED[what]


def test_a_route_of_ours_is_moved_and_changed_with_all_that_others_wrote_in_it() -> None:
    text = (
        "receivers:\n- name: D\n- name: ours  # by hand\n  webhook_configs:\n  - url: 'http://old'\n"
        "    max_alerts: 010 # eight\nroute:\n  receiver: D\n  routes:\n  - receiver: D\n    match: {v: 1.10}\n"
        "  - match: {a: b}\n    match_re:\n      c: d\n    # their own\n    routes:\n    - match: {v: 0x1F}  # hex\n"
        "    receiver: ours\n"
    )
    assert present(text) == (
        "receivers:\n- name: D\n- name: ours  # by hand\n  webhook_configs:\n  - url: http://x\n"
        "route:\n  receiver: D\n  routes:\n"
        "  -\n    # their own\n    routes:\n    - match: {v: 0x1F}  # hex\n    receiver: ours\n    matchers:\n    - a = b\n    continue: true\n"
        "  - receiver: D\n    match: {v: 1.10}\n"
    )


@pytest.mark.parametrize("yes", ["yes", "y", "On", "true"])
def test_a_boolean_is_what_go_takes_for_one(yes: str) -> None:
    text = (
        f"receivers: [{{name: D}}]\nroute:\n  receiver: D\n  routes:\n  - receiver: D\n    continue: {yes}\n"
        f"  - receiver: ours\n    matchers: [a = b]\n    continue: {yes}\n"
    )
    assert present(text).split("route:\n")[1] == text.split("route:\n")[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("receivers: &r [{name: D}]\nroute: {receiver: D}\ntemplates: *r\n", "anchors, merges"),
        ("x: &r [{name: D}]\nreceivers: *r\nroute: {receiver: D}\n", "line 2: an alias stands where the change"),
        ("x: &r {routes: []}\nreceivers: [{name: D}]\nroute:\n  <<: *r\n  receiver: D\n", "line 4: routes, .*<<"),
        ("route: {receiver: D}\nreceivers:\n- name: D\n  text: |\n    x", "a last line without an end"),
    ],
)
def test_a_place_that_stands_for_several_is_not_touched(text: str, told: str) -> None:
    with pytest.raises(Uneditable, match=told):
        present(text)


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("a: [1, 2, 3]  # c\n", [1, 3], "a: [1, 3]  # c\n"),
        ("a: [1, 2, 3,]\n", [1], "a: [1,]\n"),
        ("a:\n- 1 # one\n- 2\n- 3 # three\n", [0, 1, 3], "a:\n- 0\n- 1 # one\n- 3 # three\n"),
        ("a:\n- 1 # one\n- 2 # two\n", [1, 7], "a:\n- 1 # one\n- 7 # two\n"),
        ("a: |\n  text\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("a: &x 1\nb: 1\n", "y", "a: 'y'\nb: 1\n"),
        ("a:\n  b: 1\n  # c\nb: 1\n", "0011", "a: '0011'\n  # c\nb: 1\n"),
        ("a:\n- 1\nb: 1\n", {"y": "1e5"}, 'a: {"y": "1e5"}\nb: 1\n'),
        ("a: 1\nb: 1\n", ["12:30"], 'a: ["12:30"]\nb: 1\n'),
        ("a:\nb: 1\n", "x", "a: x\nb: 1\n"),
        ("{b: 1, a: }\n", 2, "{b: 1, a: 2 }\n"),
        ("? a\n: 1\n", 2, "? a\n: 2\n"),
        ("a: !!int '1' # c\n", 2, "a: 2 # c\n"),
    ],
)
def test_one_value_changes(text: str, wanted: object, expected: str) -> None:
    assert rewrite(text, {**parse(text), "a": wanted}) == expected
    assert parse(expected) == {**parse(text), "a": wanted}


RECEIVED = "receivers:\n- name: D\n- name: ours\n  webhook_configs:\n  - url: http://x\n    scopes:\n    - a\nroute:\n"
OWN_ROUTES = (
    "  receiver: D\n",
    "  receiver: D\n  routes:\n  - receiver: ours\n    matchers:\n    - a = c\n    group_by:\n    - b\n",
    "  receiver: D\n  routes:\n  - receiver: ours\n    matchers: [a = c]\n    group_by: [ b ]\n",
    "  receiver: D\n  routes: [{receiver: ours, matchers: [ a = c], group_by: []}]\n",
    "  receiver: D\n  routes:\n  - receiver: ours\n    matchers:\n    group_by: ~\n",
    "  receiver: D\n  routes:\n  - receiver: ours\n    matchers: # ~\n      - a = b\n    group_by: # c\n      - b\n",
)


@pytest.mark.parametrize("text", OWN_ROUTES)
@pytest.mark.parametrize("empty", [{"group_by": []}, {"matchers": []}, {"group_by": [], "matchers": []}])
def test_an_empty_list_is_the_same_as_none(text: str, empty: dict[str, list[str]]) -> None:
    route = {**ROUTE, "group_by": ["b"], **empty}
    receiver = {"name": "ours", "webhook_configs": [{"url": "http://x", "scopes": []}]}

    def again(text: str) -> str:
        return rewrite(text, alertmanager.with_receiver(parsed(text), receiver, route), parsed)

    made = again(RECEIVED + text)
    assert again(made) == made
    ours = parsed(made)["route"]["routes"][0]
    assert {field: ours.get(field) or [] for field in empty} == empty
