"""docs/troubleshooting.md quotes messages as the collection prints them, and names checks that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.registry import CHAPTERS

from tools.tables import Head

CHECKOUT = Path(__file__).parents[3]
PAGE = (CHECKOUT / "docs/troubleshooting.md").read_text()
MESSAGES: Head = ("| message | cause | what to do |", "|---|---|---|")
CHECKS: Head = ("| what you see | the checks that tell why |", "|---|---|")
# Words of the kubelet, which the messages hand on.
KUBELET = ("ImagePullBackOff", "CrashLoopBackOff", "ErrImagePull")


def rows(head: Head) -> list[list[str]]:
    """Return the cells of all rows of the tables with this head."""
    tables = re.findall(rf"^{re.escape(head[0])}\n{re.escape(head[1])}\n((?:\|.*\n)*)", PAGE, re.MULTILINE)
    return [re.split(r"(?<!\\) \| ", line[2:-2]) for table in tables for line in table.splitlines()]


def texts() -> Iterator[str]:
    """Yield every text that the collection may print: literals of Python with `…` for what differs, and YAML."""
    for file in (CHECKOUT / "plugins").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                yield "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
    for folder in ("roles", "playbooks"):
        for file in (CHECKOUT / folder).rglob("*.yml"):
            yield " ".join(file.read_text().split())


TEXTS = list(texts())
QUOTED = [message for row in rows(MESSAGES) for message in re.findall(r"`([^`]+)`", row[0])]


def test_the_page_quotes_the_frequent_ones() -> None:
    assert len(QUOTED) >= 40
    assert {len(row) for row in rows(MESSAGES)} == {3}


@pytest.mark.parametrize("message", QUOTED)
def test_a_message_is_one_that_is_printed(message: str) -> None:
    fragments = [part for word in message.split("…") if (part := word.strip(" (),;:")) and part not in KUBELET]
    assert any(len(part) >= 7 for part in fragments) or message in KUBELET, "too little to be found by"
    assert [part for part in fragments if not any(part in text for text in TEXTS)] == []


def test_the_checks_that_are_named_exist() -> None:
    known = {check.name for checks in CHAPTERS.values() for check in checks}
    named = [name for row in rows(CHECKS) for name in re.findall(r"`(\w+\.\w+)`", row[1]) if not name.endswith(".yml")]
    assert len(named) > 20
    assert [name for name in named if name not in known] == []
