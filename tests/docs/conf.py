"""Settings of Sphinx for `make docs`: the pages in docs and those of antsibull-docs as one site, built offline.

Its sources are laid out as the checkout is, so that the links between pages lead to the same places as on GitHub.
"""

from __future__ import annotations

import re
from typing import Any

from pygments.lexers.special import TextLexer

project = "seldon.openshift"
extensions = ["myst_parser", "sphinx_antsibull_ext"]
root_doc = "docs/index"
include_patterns = ["README.md", "CONTRIBUTING.md", "docs/**", "modules/**"]
html_theme = "furo"
html_title = "seldon.openshift"
html_copy_source = False
# Anchors as GitHub makes them; no page has deeper headings.
myst_heading_anchors = 4

MODULES = "- [Modules, roles, filters and lookups](../modules/index.rst): every option and every return value.\n"
_PLACE = re.compile(r"^<!-- The site .*? -->\n", re.MULTILINE)
_SECTION = re.compile(r"^## (.+)\n((?:(?!## ).*\n)*)", re.MULTILINE)
_ENTRY = re.compile(r"^- \[(.+?)\]\((.+?)\.(?:md|rst)\)", re.MULTILINE)
_README = re.compile(r"\]\((?:\.\./)*roles/(\w+)/README\.md(#\w+)?\)")


def setup(app: Any) -> None:
    """Connect what this build answers itself."""
    app.connect("missing-reference", elsewhere)
    app.connect("source-read", adapted)
    app.add_lexer("crontab", TextLexer)  # GitHub knows it, Pygments does not


def elsewhere(_app: Any, _env: Any, node: Any, text: Any) -> Any:
    """Keep a reference to the pages of Ansible and of other collections as text; they are on a server."""
    ours = node["reftype"] == "myst" or node["reftarget"].startswith("ansible_collections.seldon.openshift.")
    return None if ours else text


def adapted(_app: Any, page: str, source: list[str]) -> None:
    """Lead links to READMEs of roles to pages of the site; make a table of contents of the list in docs/index.md."""
    source[0] = _README.sub(of_site, source[0])
    if page == root_doc:
        source[0] = with_contents(_PLACE.sub(MODULES, source[0]))


def of_site(link: re.Match[str]) -> str:
    """Return where a link to a role's README, or to a variable in it, leads in the site."""
    role, variable = link.groups()
    return f"](variables.md{variable})" if variable else f"](../modules/{role}_role.rst)"


def with_contents(page: str) -> str:
    """Return the page with a hidden table of contents for each of its sections, in their order."""
    contents = [
        f"```{{toctree}}\n:hidden:\n:caption: {caption}\n\n" + "".join(f"{t} <{p}>\n" for t, p in entries) + "```\n"
        for caption, section in _SECTION.findall(page)
        if (entries := _ENTRY.findall(section))
    ]
    return "\n".join([page, *contents])
