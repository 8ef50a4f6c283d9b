"""The tables in docs/troubleshooting.md whose messages and advice are data: what is refused, and what Argo CD says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.seldon.openshift.plugins.module_utils.readiness import comparison, refusals

from tools.markup import code, escaped
from tools.tables import replaced

PAGE = "docs/troubleshooting.md"
REFUSALS = ("| the API server says | what to do |", "|---|---|")
REPOSITORIES = ("| message | what to type |", "|---|---|")
_EXAMPLE = {
    "host": "HOST",
    "keyscan": "ssh-keyscan HOST",
    "namespace": "seldon-argocd",
    "repository": "URL",
    "application": "NAME",
}


def texts(checkout: Path) -> dict[Path, str]:
    """Return what the page should hold.

    Raises LookupError when the page lacks one of the tables.
    """
    page = (checkout / PAGE).read_text()
    page = replaced(page, PAGE, REFUSALS, list(refused()))
    return {checkout / PAGE: replaced(page, PAGE, REPOSITORIES, list(repositories()))}


def refused() -> Iterator[str]:
    """Yield a row for each refusal of the API server that no waiting ends."""
    for each in refusals.FINAL:
        yield f"| {code(spoken(each.words.pattern))} | {_cell(each.advice.format(n=' -n NAMESPACE'))} |"


def repositories() -> Iterator[str]:
    """Yield a row for each reason for which Argo CD cannot read a repository, and which does not heal."""
    for each in comparison.CAUSES:
        if each.verdict == comparison.REFUSED:
            meaning = _cell(each.meaning.format(**_EXAMPLE))
            yield f"| {meaning} | {code(each.do.format(**_EXAMPLE))} |"


def spoken(pattern: str) -> str:
    r"""Return the words that a pattern of `refusals` finds, `…` for what differs, the first of alternatives.

    >>> spoken(r"failed quota: .*must specify|other")
    'failed quota: …must specify'
    """
    first = re.sub(r"\((\w+)(\|\w+)+\)", r"\1", pattern).partition("|")[0]
    return re.sub(r"\.\*|\\S\+|\\d\+", "…", first)


def _cell(text: str) -> str:
    return escaped(text).replace("|", r"\|")
