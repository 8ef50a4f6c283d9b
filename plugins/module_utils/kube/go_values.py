# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Values as Go prints them (`%#v`), which admission quotes whole: left out of messages, as nobody can read them."""

from __future__ import annotations

import re

# `[]v1.PersistentVolumeClaim{`, `v1.LabelSelector{`, `map[string]string{`, `&core.PodSpec{`.
_BEGIN = re.compile(r"[&*]?(?:\[\]\*?(?:[a-z]\w*\.)?\w+|map\[\w+\][\[\]*\w.]+|[a-z]\w*\.[A-Z]\w*)(?: \{\})?\{")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"?|`[^`]*`?')
# What is shorter can be read all the same.
_SHORT = 60


def without_go_values(text: str) -> str:
    """Return a message with the long values that Go printed into it as `…`."""
    kept, here = "", 0
    while found := _BEGIN.search(text, here):
        end = _end(text, found.end())
        value = text[found.start() : end]
        kept += text[here : found.start()] + ("…" if len(value) > _SHORT else value)
        here = end
    return kept + text[here:]


def _end(text: str, here: int) -> int:
    """Return where the braces close that are open at `here`; the text's end when it was cut off before."""
    depth = 1
    while depth and here < len(text):
        if string := _STRING.match(text, here):
            here = string.end()
            continue
        depth += {"{": 1, "}": -1}.get(text[here], 0)
        here += 1
    return here
