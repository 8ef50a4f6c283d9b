"""Links between the project's pages lead to files and headings that exist, in a checkout and in the artifact."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml

CHECKOUT = Path(__file__).parents[3]
FOLDERS = ("", "docs", "roles/*", "inventories/*")
PAGES = sorted(path for folder in FOLDERS for path in CHECKOUT.glob(f"{folder}/*.md".removeprefix("/")))
# Servers that the pages send their readers to. None is asked here; a new one is looked at by a person first.
SERVERS = {"deploy.seldon.io", "docs.openshift.com"}
_LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$", re.MULTILINE)
_FENCED = re.compile(r"^ *```.*?^ *```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)


def links(page: Path) -> list[str]:
    """Return the addresses of a page's links and pictures."""
    text = _CODE.sub("", _FENCED.sub("", page.read_text()))
    return [plain or named for plain, named in _LINK.findall(text)]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def local(page: Path) -> list[tuple[Path, str]]:
    """Return where the links of a page to other files lead, with their anchors."""
    parts = [link.partition("#") for link in links(page) if "://" not in link]
    return [((page.parent / file).resolve() if file else page, anchor) for file, _hash, anchor in parts]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(CHECKOUT)))
def test_links_lead_to_files_and_headings(page: Path) -> None:
    assert [str(file) for file, _anchor in local(page) if not file.exists()] == []
    assert [f"{file.name}#{anchor}" for file, anchor in local(page) if anchor and anchor not in anchors(file)] == []


def test_what_the_artifact_holds_leads_to_nothing_that_it_lacks() -> None:
    ignored = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["build_ignore"]

    def held(file: Path) -> bool:
        name = str(file.relative_to(CHECKOUT))
        folders = [name, *map(str, Path(name).parents)]
        return not any(fnmatch.fnmatch(folder, pattern) for folder in folders[:-1] for pattern in ignored)

    broken = [(page.name, str(file)) for page in PAGES if held(page) for file, _anchor in local(page) if not held(file)]
    assert broken == []


def test_every_page_is_in_the_table_of_contents() -> None:
    index = CHECKOUT / "docs/index.md"
    pages = {*(CHECKOUT / "docs").glob("*.md"), CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md"} - {index}
    assert sorted(file for file, _anchor in local(index)) == sorted(pages)


def test_the_servers_of_links_are_known() -> None:
    found = {urlsplit(link).hostname for page in PAGES for link in links(page) if "://" in link}
    assert found <= SERVERS
