# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The matchers of Alertmanager: the one grammar by which they are read, judged and compared with alerts.

Alertmanager 0.24 takes braces off a text, cuts it at commas outside of quotes, and reads each part by one regular
expression (its source: pkg/labels/parse.go). What we write is judged more strictly: a text is one matcher, and a value
that could be read in two ways has to be in double quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from . import go_regexp

_MATCHER = re.compile(r"\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!~|!=|=)\s*(.*?)\s*", re.DOTALL)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PARTS = re.compile(r'((?:"(?:[^"\\]|\\.)*"?|[^,"])+)(?:,|$)', re.DOTALL)
_ESCAPE = re.compile(r'\\(["\\n])')
# Without any value, Alertmanager 0.24 crashes.
_PLAIN = re.compile(r'(?![=~])[^"{},]+')


class Matcher(NamedTuple):
    """A label's name, one of `= != =~ !~`, and a value without its quotes."""

    label: str
    operator: str
    value: str

    def holds(self, alert: Mapping[str, str]) -> bool:
        """Tell whether an alert with these labels is meant; a label that it lacks is an empty one."""
        held = alert.get(self.label, "")
        same = held == self.value if "~" not in self.operator else re.fullmatch(self.value, held) is not None
        return same != self.operator.startswith("!")


def read(text: str) -> list[Matcher]:
    """Return the matchers in a text as Alertmanager reads them. Raises ValueError for what it refuses."""
    return [_read(part) for part in _PARTS.findall(text.removeprefix("{").removesuffix("}"))]


def problems(texts: Iterable[str]) -> list[str]:
    """Return what is wrong with matchers that we are to write, one sentence for each; none when all is well."""
    return [said for said in map(_problem, texts) if said]


def _read(text: str) -> Matcher:
    found = _MATCHER.fullmatch(text)
    if not found or ('"' in found[3] and not _QUOTED.fullmatch(found[3])):
        raise ValueError(f"{text!r} is not a matcher: a label, one of = != =~ !~, and a value")
    label, operator, value = found.groups()
    if value.startswith('"'):
        value = _ESCAPE.sub(lambda each: "\n" if each[1] == "n" else each[1], value[1:-1])
    return Matcher(label, operator, value)


def _problem(text: str) -> str:
    found = _MATCHER.fullmatch(text)
    if not found or not (_QUOTED.fullmatch(found[3]) or _PLAIN.fullmatch(found[3])):
        return (
            f"matcher {text!r} is not <label> <operator> <value>, the operator one of = != =~ !~, and a value with "
            'quotes, commas or braces in double quotes, such as severity =~ "warning|critical"'
        )
    matcher = _read(text)
    if "~" not in matcher.operator:
        return ""
    if wrong := go_regexp.problem(f"^(?:{matcher.value})$"):
        return f"matcher {text!r} is not a valid regular expression (RE2 syntax, as Go has it): {wrong}"
    return ""
