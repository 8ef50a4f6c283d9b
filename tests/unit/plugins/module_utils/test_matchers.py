"""The grammar of Alertmanager's matchers; that the real amtool agrees: tests/integration/test_edits.py."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared.matchers import Matcher, problems, read

READ = {
    "severity=critical": [Matcher("severity", "=", "critical")],
    '  severity =~ "warning|critical" ': [Matcher("severity", "=~", "warning|critical")],
    "type =~ user|infra": [Matcher("type", "=~", "user|infra")],
    'team !~ "a\\"b\\n\\\\."': [Matcher("team", "!~", 'a"b\n\\.')],
    'team!=""': [Matcher("team", "!=", "")],
    'team = "a, {b}"': [Matcher("team", "=", "a, {b}")],
}
# What Alertmanager reads, but we don't write.
LENIENT = {
    "": [],
    '{a="b",c!=d}': [Matcher("a", "=", "b"), Matcher("c", "!=", "d")],
    "team = {b}": [Matcher("team", "=", "{b")],
    "team ==x": [Matcher("team", "=", "=x")],
    "team = ~x": [Matcher("team", "=", "~x")],
    'team = "odd\\d"': [Matcher("team", "=", "odd\\d")],
}
UNREADABLE = ("severity", "9=x", "team ~ x", 'team = "open', 'team = "a" b', 'team = a"b', "team = a, b")
NO_EXPRESSIONS = {'team =~ "("': "is not a valid regular expression", 'team !~ "(?!x)"': "uses lookaround"}


@pytest.mark.parametrize("text", [*READ, *LENIENT])
def test_a_matcher_is_read_as_alertmanager_reads_it(text: str) -> None:
    assert read(text) == {**READ, **LENIENT}[text]


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_alertmanager_refuses_is_no_matcher(text: str) -> None:
    with pytest.raises(ValueError, match="is not a matcher"):
        read(text)
    assert len(problems([text])) == 1


def test_what_is_written_can_be_read_in_one_way_only() -> None:
    assert problems(READ) == []
    # It keeps the backslash that we would have to double.
    written = {text: said for text in LENIENT if (said := problems([text]))}
    assert LENIENT.keys() - written.keys() == {'team = "odd\\d"'}


def test_a_matcher_without_value_crashes_alertmanager() -> None:
    assert len(problems(["team ="])) == 1


@pytest.mark.parametrize(("text", "told"), NO_EXPRESSIONS.items())
def test_an_expression_is_one_of_go_s(text: str, told: str) -> None:
    assert [told in said for said in problems(["a = b", text])] == [True]


@pytest.mark.parametrize(
    ("alert", "held"), [({"type": "user"}, True), ({"type": "userland"}, False), ({"type": "infra"}, True), ({}, False)]
)
def test_an_expression_has_to_fit_the_whole_label(alert: dict[str, str], held: bool) -> None:
    assert Matcher("type", "=~", "user|infra").holds(alert) == held
    assert Matcher("type", "!~", "user|infra").holds(alert) != held
