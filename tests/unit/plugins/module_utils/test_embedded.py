from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.shared.embedded import Unparsable, parse, rewrite

COMMENTED = """\
# Ours since 2020.
enableUserWorkload: false  # for now

# Keep metrics for audits.
prometheusK8s:
  retention: 15d  # two weeks
  # The disk is small.
  retentionSize: 10GB

# Nothing beyond.
"""


@pytest.mark.parametrize(
    ("text", "wanted", "expected"),
    [
        ("", {}, ""),
        ("# nothing\n", {}, "# nothing\n"),
        ("{a: 1}", {"a": 1}, "{a: 1}"),
        ("a:   1", {"a": 1}, "a:   1"),
        # added
        ("", {"a": {"b": [1]}}, "a:\n  b:\n  - 1\n"),
        ("# nothing", {"a": 1}, "# nothing\na: 1"),
        (COMMENTED, {"enableUserWorkload": False, "prometheusK8s": ..., "x": "yes"}, f"{COMMENTED}x: 'yes'\n"),
        # changed: comments around it stay
        (
            COMMENTED,
            {"enableUserWorkload": True, "prometheusK8s": ...},
            COMMENTED.replace("enableUserWorkload: false", "enableUserWorkload: true"),
        ),
        (
            COMMENTED,
            {"enableUserWorkload": False, "prometheusK8s": {"retention": "1d"}},
            COMMENTED.replace("15d", "1d").replace("  retentionSize: 10GB\n", ""),
        ),
        # removed
        ("# why\na: 1\nb: 2\n", {"b": 2}, "# why\nb: 2\n"),
        ("a: 1\n", {}, ""),
        ("a: 1\nb: 2\nc: 3", {"a": 1}, "a: 1"),
        ("a: 1\r\nb: 2\r\nc: 3", {"a": 1, "d": 4}, "a: 1\r\nd: 4"),
        # 1 is not true, although Python says so
        ("a: 1\n", {"a": True}, "a: true\n"),
        ("{a: 1, b: [2]}", {"a": 3, "b": [2]}, "{a: 3, b: [2]}"),
        ("{a: 1, b: [2]}", {"a": 1, "b": [2], "c": 3}, '{"c": 3, a: 1, b: [2]}'),
        ("1: a\n", {"1": "b"}, "1: b\n"),
        ("a: 1\n...\n", {"a": 1, "b": 2}, "a: 1\nb: 2\n...\n"),
        # Go reads the first document of several, and no more
        ("a: 1\n---\n", {"a": 1, "b": 2}, "a: 1\nb: 2\n---\n"),
        ("---\na: 1\n---\nb: [", {"a": 2}, "---\na: 2\n---\nb: ["),
        # what looks like a comment in a block of text is none
        ("a: |\n  # text\n  b\nc: 1\n", {"a": "# text\nb\n", "c": 2}, "a: |\n  # text\n  b\nc: 2\n"),
        ("a: |\n  # text\nc: 1\n", {"a": "x", "c": 1}, "a: x\nc: 1\n"),
    ],
)
def test_only_what_changes_is_written_anew(text: str, wanted: dict[Any, Any], expected: str) -> None:
    there = parse(text)
    wanted = {key: there[key] if value is ... else value for key, value in wanted.items()}
    assert rewrite(text, wanted) == expected
    assert parse(expected) == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\nb: c: hunter2\n", "line 2, column 5: mapping values are not allowed here"),
        ("a: [hunter2\n", "line 2, column 1: "),
        ("- hunter2\n", "line 1: it is a list, not a mapping"),
        ("hunter2", "line 1: it is a str, not a mapping"),
        ("a: hunter2\x01", "characters"),
    ],
)
def test_text_that_is_no_mapping_is_refused_without_quoting_it(text: str, expected: str) -> None:
    with pytest.raises(Unparsable) as refused:
        rewrite(text, {"a": 1})
    assert expected in str(refused.value)
    assert "hunter2" not in str(refused.value)
