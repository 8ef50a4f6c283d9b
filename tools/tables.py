"""Tables that are written into pages which people write."""

from __future__ import annotations

import re

Head = tuple[str, str]  # the line with the columns' names, and the one below it


def replaced(page: str, where: str, head: Head, rows: list[str]) -> str:
    """Return a page's text with these rows in the table that has that head; `where` is the page's name.

    Raises LookupError when the page has no such table.
    """
    found = re.search(rf"^{re.escape(head[0])}\n(\|.*\n)*", page, re.MULTILINE)
    if not found:
        raise LookupError(f"{where} has no table that begins with {head[0]}")
    return page[: found.start()] + "\n".join([*head, *rows, ""]) + page[found.end() :]
