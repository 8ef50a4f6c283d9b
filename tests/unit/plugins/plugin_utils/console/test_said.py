"""Messages and errors as lines."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.console.said import (
    debug_lines,
    deprecation_line,
    error_lines,
    may_be_wrapped,
)


def test_a_message_is_lines_whatever_it_is_made_of() -> None:
    msg = {"kafka": ["amqstreams.v2.2.0-4", "Kafka at x:9092"], "gitops": "Argo CD\nWARNING: none"}
    assert debug_lines({"msg": msg, "changed": False}) == [
        "kafka:",
        "  amqstreams.v2.2.0-4",
        "  Kafka at x:9092",
        "gitops:",
        "  Argo CD",
        "  WARNING: none",
    ]
    assert debug_lines({"x.rc": 5, "changed": False, "_ansible_verbose_always": True}) == ["x.rc: 5"]


def test_an_error_keeps_its_lines_and_what_a_module_of_others_adds() -> None:
    assert error_lines({"msg": "no\n  look: oc get x"}) == ["no", "  look: oc get x"]
    assert error_lines({"msg": "non-zero return code", "stderr": "a\nb", "stdout": ""}) == [
        "non-zero return code",
        "stderr:",
        "  a",
        "  b",
    ]
    assert error_lines({"msg": "it said: a", "stderr": "a"}) == ["it said: a"]
    assert error_lines({}) == ["it gives no reason"]


def test_an_error_says_what_ran_what_was_untrue_and_why_it_says_nothing() -> None:
    ran = {"msg": "non-zero return code", "cmd": ["sh", "-c", "exit 3"], "rc": 3, "stderr": ""}
    assert error_lines(ran) == ["non-zero return code", "cmd: sh -c 'exit 3'", "rc: 3"]
    untrue = {"msg": "Assertion failed", "assertion": "1 == 2", "evaluated_to": False}
    assert error_lines(untrue) == ["Assertion failed", "assertion: 1 == 2"]
    assert error_lines({"censored": "hidden by no_log"}) == ["hidden by no_log"]
    assert error_lines({"reason": "no such file"}) == ["no such file"]
    assert error_lines({"msg": "", "failed_when_result": True, "rc": 0}) == ["what failed_when names", "rc: 0"]


def test_a_variable_is_shown_with_its_shape_and_without_what_a_loop_adds() -> None:
    result = {"x": [{"a": 1, "b": []}, {"a": 2}, {}], "item": "i", "ansible_loop_var": "item"}
    assert debug_lines(result) == ["x:", "  - a: 1", "    b:", "      []", "  - a: 2", "  - {}"]
    assert debug_lines({"item": [], "ansible_loop_var": "item"}) == ["item:", "  []"]


def test_what_is_deprecated_says_until_when_it_works() -> None:
    told = {"msg": "old", "version": "2.0", "collection_name": "a.b"}
    assert deprecation_line(told) == "deprecated, until a.b 2.0: old"
    assert deprecation_line({"msg": "old"}) == "deprecated: old"


@pytest.mark.parametrize(
    ("line", "prose"),
    [
        ("everybody who reaches its address may delete every model", True),
        ("  look further: oc describe kafka seldon", False),
        ("give it by -e kafka_replicas=3", False),
        ("(type ansible-vault create git.yml)", False),
        ("oc get pods", False),
        ("the docs say so", True),
    ],
)
def test_a_command_is_never_wrapped(line: str, prose: bool) -> None:
    assert may_be_wrapped(line) is prose
