"""The commands that the project's pages print, as a reader would copy them."""

from __future__ import annotations

import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
PAGES = (CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted((CHECKOUT / "docs").glob("*.md")))
PROGRAMS = (
    *("ansible-builder", "ansible-doc", "ansible-galaxy", "ansible-navigator", "ansible-playbook", "ansible-runner"),
    *("bash", "docker", "export", "git", "helm", "kubectl", "make", "oc", "pip", "podman", "python", "python3"),
    *("source", "tar"),
)
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^    .*\n)+", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")
_COMMENT = re.compile(r"\s{2,}#.*| # .*")


def commands(page: str) -> list[str]:
    """Return the commands of a page's text, from its blocks and from its sentences, in their order, each once."""
    return list(dict.fromkeys(command for text in _candidates(page) if (command := _command(text))))


def blocks(page: str, language: str) -> list[str]:
    """Return the fenced blocks of a language, in their order."""
    return [block for name, block in _FENCED.findall(page) if name == language]


def section(page: str, heading: str) -> str:
    """Return what stands below a heading of the second level. Raises ValueError when there is none."""
    start = page.index(f"\n## {heading}\n")
    return page[start:].split("\n## ", 2)[1]


def _candidates(page: str) -> list[str]:
    lines: list[tuple[int, str]] = []
    for found in [*_FENCED.finditer(page), *_INDENTED.finditer(page)]:
        if found.re is _FENCED and found[1] not in ("", "bash", "console"):
            continue
        lines += [(found.start() + place, line) for place, line in enumerate(found[0].replace("\\\n", "").splitlines())]
    lines += [(found.start(), found[1]) for found in _INLINE.finditer(_FENCED.sub("", page))]
    return [line for _place, line in sorted(lines)]


def _command(line: str) -> str:
    if line.rstrip().endswith("# container"):  # needs an engine for containers, as the page says
        return ""
    words = _COMMENT.sub("", line).strip().removeprefix("$ ")
    name, _blank, rest = words.partition(" ")
    # A program's name alone is a word of a sentence.
    return " ".join(words.split()) if name in PROGRAMS and rest else ""
