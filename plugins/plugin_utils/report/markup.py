# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""HTML and SVG whose every text is escaped, because only `element` makes markup."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from urllib.parse import urlsplit

_VOID = ("input", "wbr")
_SHAPES = ("path", "rect")


class Markup(str):
    """Text that is markup already."""

    __slots__ = ()


def element(tag: str, /, *children: str, **attributes: str | bool) -> Markup:
    """Return an element; what is not Markup is escaped. An attribute `class_` is `class`, `aria_label` is `aria-label`.

    An attribute that is True stands without a value, one that is False or empty is left out.
    """
    told = "".join(_attribute(key, value) for key, value in attributes.items() if value not in (False, ""))
    if tag in _VOID:
        return Markup(f"<{tag}{told}>")
    if tag in _SHAPES:
        return Markup(f"<{tag}{told}/>")
    return Markup(f"<{tag}{told}>{joined(children)}</{tag}>")


def joined(parts: Iterable[str]) -> Markup:
    """Return the parts one after the other; what is not Markup is escaped."""
    return Markup("".join(part if isinstance(part, Markup) else escape(part) for part in parts))


def link(url: str, *children: str) -> Markup:
    """Return a link to a web address; another kind of address is told, and leads nowhere."""
    if urlsplit(url).scheme not in ("http", "https"):
        return joined([*children, " ", url])
    return element("a", *children, href=url, rel="noreferrer")


def _attribute(key: str, value: str | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(str(value))}"'
