"""Markup of Ansible's documentation as Markdown for a role's README, and as plain text for comments in YAML."""

from __future__ import annotations

import re

from antsibull_docs_parser import dom, parser
from antsibull_docs_parser.format import Formatter, LinkProvider
from antsibull_docs_parser.md import to_md

COLLECTION = "seldon.openshift"


class Markdown(Formatter):
    """Markup of Ansible's documentation as plain Markdown, without HTML."""

    def format_text(self, part: dom.TextPart) -> str:
        return escaped(part.text)

    def format_code(self, part: dom.CodePart) -> str:
        return code(part.text)

    def format_option_value(self, part: dom.OptionValuePart) -> str:
        return code(part.value)

    def format_env_variable(self, part: dom.EnvVariablePart) -> str:
        return code(part.name)

    def format_option_name(self, part: dom.OptionNamePart, url: str | None) -> str:
        return self._named(part, url)

    def format_return_value(self, part: dom.ReturnValuePart, url: str | None) -> str:
        return self._named(part, url)

    def format_plugin(self, part: dom.PluginPart, url: str | None) -> str:
        return linked(code(part.plugin.fqcn.removeprefix(f"{COLLECTION}.") if url else part.plugin.fqcn), url)

    def format_module(self, part: dom.ModulePart, url: str | None) -> str:
        return linked(code(part.fqcn), url)

    def format_url(self, part: dom.URLPart) -> str:
        return f"<{part.url}>"

    def format_link(self, part: dom.LinkPart) -> str:
        return linked(part.text, part.url)

    def format_rst_ref(self, part: dom.RSTRefPart) -> str:
        return part.text

    def format_bold(self, part: dom.BoldPart) -> str:
        return f"**{part.text}**"

    def format_italic(self, part: dom.ItalicPart) -> str:
        return f"*{part.text}*"

    def format_horizontal_line(self, part: dom.HorizontalLinePart) -> str:
        return "---"

    def format_error(self, part: dom.ErrorPart) -> str:
        raise ValueError(part.message)

    def _named(self, part: dom.OptionNamePart | dom.ReturnValuePart, url: str | None) -> str:
        text = code(part.name if part.value is None else f"{part.name}={part.value}")
        if part.plugin is None or part.plugin.type == "role":
            return linked(text, url)
        return f"{text} of {code(part.plugin.fqcn)}"


class Plain(Markdown):
    """Markup of Ansible's documentation as text that is read as it stands: names and values in backquotes, no links."""

    def format_text(self, part: dom.TextPart) -> str:
        return part.text

    def format_url(self, part: dom.URLPart) -> str:
        return part.url

    def format_link(self, part: dom.LinkPart) -> str:
        return f"{part.text} ({part.url})"

    def format_plugin(self, part: dom.PluginPart, url: str | None) -> str:
        return code(part.plugin.fqcn.removeprefix(f"{COLLECTION}."))

    def format_bold(self, part: dom.BoldPart) -> str:
        return part.text

    def format_italic(self, part: dom.ItalicPart) -> str:
        return part.text


class Links(LinkProvider):
    """Addresses of roles and their variables, as seen from the README of one role."""

    def plugin_link(self, plugin: dom.PluginIdentifier) -> str | None:
        """Return the README of a role of this collection; modules have none."""
        if plugin.type != "role" or not plugin.fqcn.startswith(f"{COLLECTION}."):
            return None
        return f"../{plugin.fqcn.removeprefix(f'{COLLECTION}.')}/README.md"

    def plugin_option_like_link(
        self, plugin: dom.PluginIdentifier, entrypoint: str | None, what: str, name: list[str], current_plugin: bool
    ) -> str | None:
        """Return the heading of a role's variable, also for what is inside its value."""
        readme = "" if current_plugin else self.plugin_link(plugin)
        return None if readme is None else f"{readme}#{name[0]}"


class OnePage(Links):
    """Addresses of roles and their variables on a page that describes all of them, a heading each."""

    def plugin_link(self, plugin: dom.PluginIdentifier) -> str | None:
        """Return the heading of a role of this collection; modules have none."""
        known = plugin.type == "role" and plugin.fqcn.startswith(f"{COLLECTION}.")
        return f"#{plugin.fqcn.removeprefix(f'{COLLECTION}.')}" if known else None

    def plugin_option_like_link(
        self, plugin: dom.PluginIdentifier, entrypoint: str | None, what: str, name: list[str], current_plugin: bool
    ) -> str | None:
        """Return the heading of a role's variable, also for what is inside its value."""
        return f"#{name[0]}" if self.plugin_link(plugin) else None


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it stands."""
    return re.sub(r"([\\`*_\[\]<>])", r"\\\1", text)


def code(text: str) -> str:
    """Return a code span, whatever backquotes are in it."""
    if "`" in text:
        return f"`` {text} ``"
    return f"`{text}`"


def linked(text: str, url: str | None) -> str:
    """Return a link, or the text alone without an address."""
    return f"[{text}]({url})" if url else text


def markdown(role: str, text: str | list[str], links: LinkProvider | None = None) -> list[str]:
    """Return the paragraphs of a description in a role's argument spec as Markdown, linked as its README links.

    Raises ValueError when its markup cannot be read.
    """
    return _formatted(role, text, Markdown(), links or Links())


def plain(role: str, text: str | list[str]) -> list[str]:
    """Return the paragraphs of a description in a role's argument spec as plain text, a line each.

    Raises ValueError when its markup cannot be read.
    """
    return _formatted(role, text, Plain(), LinkProvider())


def _formatted(role: str, text: str | list[str], formatter: Formatter, links: LinkProvider) -> list[str]:
    plugin = dom.PluginIdentifier(fqcn=f"{COLLECTION}.{role}", type="role")
    context = parser.Context(current_plugin=plugin, role_entrypoint="main")
    paragraphs = parser.parse([text] if isinstance(text, str) else text, context)
    return [
        to_md([paragraph], formatter=formatter, link_provider=links, current_plugin=plugin) for paragraph in paragraphs
    ]
