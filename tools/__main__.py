"""`make texts`: write every text that has its source elsewhere, and name the files that changed."""

from __future__ import annotations

import sys
from pathlib import Path

from tools import causes_table, checks_table, guide_map, role_readmes, role_summaries, variable_comments, variables_page

CHECKOUT = Path(__file__).parents[1]
SOURCES = (
    role_readmes.texts,
    role_summaries.texts,
    variable_comments.texts,
    checks_table.texts,
    causes_table.texts,
    variables_page.texts,
    guide_map.texts,
)


def texts(checkout: Path) -> dict[Path, str]:
    """Return what every generated file should hold.

    Raises ValueError or LookupError, which say where a text is missing or cannot be read.
    """
    return {path: text for source in SOURCES for path, text in source(checkout).items()}


def main() -> None:
    """Write what is not current; end with a message, before anything is written, when a text is missing."""
    try:
        wanted = texts(CHECKOUT)
    except (ValueError, LookupError) as error:
        sys.exit(f"error: {error}")
    for path, text in wanted.items():
        if not path.exists() or path.read_text() != text:
            path.write_text(text)
            print(path.relative_to(CHECKOUT))


if __name__ == "__main__":
    main()
