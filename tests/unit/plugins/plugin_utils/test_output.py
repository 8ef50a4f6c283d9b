"""Text from a cluster in a terminal: shown, never obeyed."""

from __future__ import annotations

import pytest
from ansible_collections.seldon.openshift.plugins.plugin_utils.output import shown, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31mred\x1b]0;title\x07", "\\x1b[31mred\\x1b]0;title\\x07"),
        ("over\rwritten, \x08 erased, \x7f \x9b31m", "over\\rwritten, \\x08 erased, \\x7f \\x9b31m"),
        ("\u202egnp.exe \u2066 \u2028", "\\u202egnp.exe \\u2066 \\u2028"),
        ("two\nlines\tand a tab, ünï, 日本, 🎉, {{ 7 * 7 }}",) * 2,
        ("C:\\x1b",) * 2,
    ],
)
def test_what_a_terminal_obeys_is_shown(text: str, seen: str) -> None:
    assert visible(text) == seen
    assert visible(seen) == seen


def test_of_a_result_only_what_is_printed_changes() -> None:
    result = {"msg": "\x1b[1m", "warnings": ["\x1b"], "progress": ["a\rb"], "objects": ["\x1b"], "changed": True}
    result["diff"] = [{"before": "# \u202e", "after": "# \x1b"}]
    assert shown(result) == {
        "msg": "\\x1b[1m",
        "warnings": ["\\x1b"],
        "progress": ["a\\rb"],
        "objects": ["\x1b"],
        "changed": True,
        "diff": [{"before": "# \\u202e", "after": "# \\x1b"}],
    }
