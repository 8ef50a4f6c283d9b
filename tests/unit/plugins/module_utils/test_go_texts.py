"""What is written is what Go takes, and only that is refused that it does not; amtool: test_foreign_yaml.py."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared import go_url, matchers
from ansible_collections.seldon.openshift.plugins.module_utils.shared.alertmanager import check_ours

from tests.unit.plugins.module_utils.go_texts import DURATIONS, EXPRESSIONS, GROUPS, LOGIN, LOGINS, URLS

ROUTE = {
    "matchers": [],
    "group_by": ["a"],
    "group_wait": "10s",
    "group_interval": "5m",
    "repeat_interval": "3h",
}


def as_matcher(expression: str) -> str:
    value = expression.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'a =~ "{value}"'


def accepts(url: str = "http://x", oauth2: Any = None, **route: Any) -> bool:
    try:
        check_ours(url, {**ROUTE, **route}, oauth2)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("taken", [True, False])
def test_what_go_takes_is_taken_and_nothing_else(taken: bool) -> None:
    assert [each for each in EXPRESSIONS[taken] if (matchers.problems([as_matcher(each)]) == []) != taken] == []
    assert [each for each in URLS[taken] if accepts(url=each) != taken] == []
    assert [each for each in DURATIONS[taken] if accepts(repeat_interval=each) != taken] == []
    assert [each for each in GROUPS[taken] if accepts(group_by=each) != taken] == []
    assert [each for each in LOGINS[taken] if accepts(oauth2=each) != taken] == []


def test_only_the_first_wait_may_be_nothing() -> None:
    for zero in ("0", "0s", "0h0m"):
        assert accepts(group_wait=zero)
        assert not accepts(group_interval=zero)
        assert not accepts(repeat_interval=zero)


@pytest.mark.parametrize("address", ["t", "http://", "ftp://t", "http://t/%zz", " http://t"])
def test_tokens_come_from_an_address(address: str) -> None:
    assert not accepts(oauth2={**LOGIN, "token_url": address})  # Alertmanager would take it, and get no token


def test_an_address_is_never_quoted() -> None:
    assert "port is no number" in go_url.problem("http://user:hunter2/x@host/")
    assert "hunter2" not in go_url.problem("http://user:hunter2/x@host/")


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ("x*+", "'+' repeats a repeat"),
        ("x{1001}", "repeats more than 1000 times"),
        ("|*", "nothing is before '*'"),
        ("(?<=x)", "uses lookaround or a back-reference"),
        (r"\Z", "Go does not know"),
        ("(x", "a parenthesis is not closed"),
        ("[z-a]", "no character class"),
        ("(?P<name", "Go does not know"),
    ],
)
def test_it_is_told_what_is_wrong_with_an_expression(expression: str, told: str) -> None:
    assert told in matchers.problems([as_matcher(expression)])[0]
