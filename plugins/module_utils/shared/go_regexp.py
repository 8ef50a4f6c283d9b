# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
r"""Which regular expressions Go compiles: its syntax is RE2's, and Python's differs in both directions.

Only in Python: lookaround, back-references, conditions, comments, atomic groups, possessive repeats, the flags a, L, u
and x, `\Z`, `\u`, `\N`, more than 1000 repeats.
Only in Go: `\z`, `\p`, `\Q…\E`, `\x{…}`, the flag U, flags anywhere, repeated anchors.
Names behind `\p` are not judged; `(?<name>…)` is for Go 1.22 and newer. Source: Go's regexp/syntax/parse.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MOST_REPEATS = _MOST_GROUPS = 1000
_ESCAPE = r"""\\(?:
    x(?:[0-9A-Fa-f]{2} | \{0*(?:10|[0-9A-Fa-f])?[0-9A-Fa-f]{1,4}\})
  | [1-7][0-7]{1,2} | 0[0-7]{0,2}
  | [afnrtv] | [\x00-/:-@\[-`{-\x7f]
)"""
_SET = r"\\(?: [dDsSwW] | [pP](?: [CLMNPSZ] | \{\^?\w+\} ) )"
_POSIX = (
    r"\[:\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit):\] | \[:(?!.*?:\])"
)
_ONE = rf"(?: {_ESCAPE} | [^\\] )"
_MEMBER = re.compile(rf"{_SET} | {_POSIX} | (?!\[:)(?P<low>{_ONE}) (?: -(?!\])(?P<high>{_ONE}) | (?!-[^\]]) )", re.X)
_PERL = re.compile(r"\(\?(?:<?[=!]|P=)|\\[1-9]")
_TOKEN = re.compile(
    rf"""
    (?P<quoted> \\Q (?P<quote>.*?) (?:\\E|\Z) )
  | (?P<flags> \(\?[imsU]*(?:-[imsU]+)?\) )
  | (?P<open> \( (?: \?(?:P<\w+> | [imsU]*(?:-[imsU]+)?:) | (?!\?) ) )
  | (?P<close> \) )
  | (?P<either> \| )
  | (?P<repeat> (?: [*+?] | \{{(?P<least>\d+)(?P<range>,(?P<most>\d*))?\}} ) \?? )
  | (?P<class> \[\^? )
  | (?P<atom> {_SET} | {_ESCAPE} | \\[AbBz] | [^\\(\[] )
    """,
    re.X | re.S | re.ASCII,
)


@dataclass
class _Group:
    """An open group: the repeats of the atom before, None where none is, and the most of those in the group."""

    last: int | None = None
    most: int = 1
    repeated: bool = False

    def add(self, repeats: int) -> None:
        """Note an atom that repeats what it holds so often."""
        self.last, self.most, self.repeated = repeats, max(self.most, repeats), False


def problem(pattern: str) -> str:
    """Return why Go does not compile a regular expression, empty when it does."""
    groups, place = [_Group()], 0
    while place < len(pattern):
        token = _TOKEN.match(pattern, place)
        if not token:
            perl = _PERL.match(pattern, place)
            what = "uses lookaround or a back-reference" if perl else f"holds {pattern[place : place + 4]!r}"
            return f"it {what}, which Go does not know"
        place = token.end()
        if token["class"]:
            place = _class_end(pattern, place)
            if not place:
                return f"the brackets at {pattern[token.start() : token.start() + 8]!r} are no character class"
            groups[-1].add(1)
        elif said := _structure(token, groups):
            return said
    return "a parenthesis is not closed" if len(groups) > 1 else ""


def _structure(token: re.Match[str], groups: list[_Group]) -> str:
    """Take a token into the open groups. Return what is wrong with it."""
    group = groups[-1]
    if token["open"]:
        groups.append(_Group())
        return "it is nested too deeply" if len(groups) > _MOST_GROUPS else ""
    if token["close"]:
        if len(groups) == 1:
            return "a parenthesis is closed that is not open"
        groups.pop()
        groups[-1].add(group.most)
    elif token["repeat"]:
        return _repeat(token, group)
    elif token["either"]:
        group.last = None
    elif token["atom"] or token["quote"]:
        group.add(1)
    group.repeated = False
    return ""


def _repeat(token: re.Match[str], group: _Group) -> str:
    if group.last is None:
        return f"nothing is before {token[0]!r}"
    if group.repeated:
        return f"{token[0]!r} repeats a repeat"
    least = int(token["least"] or 0)
    most = int(token["most"]) if token["most"] else least
    if least > most or most * group.last > _MOST_REPEATS:
        return f"{token[0]!r} repeats more than {_MOST_REPEATS} times, or less than nothing"
    group.add(group.last * max(most, 1))
    group.repeated = True
    return ""


def _class_end(pattern: str, place: int) -> int:
    """Return where a character class ends whose members begin at `place`, 0 when it is none."""
    start = place
    while place < len(pattern) and (place == start or pattern[place] != "]"):
        member = _MEMBER.match(pattern, place)
        if not member or (member["high"] and _code(member["low"]) > _code(member["high"])):
            return 0
        place = member.end()
    return place + 1 if place < len(pattern) else 0


def _code(text: str) -> int:
    """Return the number of a character, which may be escaped."""
    if len(text) == 1:
        return ord(text)
    if text[1] == "x":
        return int(text[2:].strip("{}"), 16)
    if text[1].isdigit():
        return int(text[1:], 8)
    return ord(dict(zip("afnrtv", "\a\f\n\r\t\v")).get(text[1], text[1]))
