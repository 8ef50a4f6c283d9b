# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""YAML as Go reads it (kubectl, Helm, Alertmanager, operators), and text that Go and YAML 1.1 read alike."""

from __future__ import annotations

import json
import re
from typing import Any

from .go_scalars import go_value

_TAG = "tag:yaml.org,2002:"
_TAGS = {bool: "bool", int: "int", float: "float", type(None): "null", str: "str"}
# YAML would refuse them, or take them for ends of lines, unless they are escaped.
_ESCAPED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")

# Text that libyaml and Go scan alike: it has no tab, escape (a backslash in double quotes) or directive, and is ASCII.
_ALIKE = re.compile(r"[\n -$&-\[\]-~]*|[\n !#$&-~]*")


def go_tag(text: str) -> str:
    """Return the tag of the plain scalar `text`, as Go resolves it."""
    return _TAG + ("merge" if text == "<<" else _TAGS[type(go_value(text))])


try:
    import yaml

    class _Go:
        """Go's rules for plain scalars."""

        def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
            """Return the tag of a node."""
            if kind is yaml.ScalarNode and implicit[0]:
                return go_tag(value)
            return super().resolve(kind, value, implicit)  # type: ignore[misc]

        def construct_plain(self, node: Any) -> Any:
            """Return the value of a number, a boolean or null."""
            return go_value(node.value)

    class Loader(_Go, yaml.SafeLoader):
        """The loader of PyYAML, with Go's rules for plain scalars, tabs, escapes and directives."""

        ESCAPE_REPLACEMENTS = {  # type: ignore[misc]  # noqa: RUF012
            key: value for key, value in yaml.SafeLoader.ESCAPE_REPLACEMENTS.items() if key != "/"
        }

        def process_directives(self) -> Any:
            """Refuse every version but 1.1."""
            directives = super().process_directives()  # type: ignore[no-untyped-call]
            if self.yaml_version not in (None, (1, 1)):
                raise yaml.parser.ParserError(None, None, "found incompatible YAML document", self.get_mark())
            return directives

        def scan_to_next_token(self) -> None:
            """Skip what is between tokens: tabs, too, where they are no indentation."""
            super().scan_to_next_token()
            while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
                self.forward()
                super().scan_to_next_token()

    class _FastLoader(_Go, getattr(yaml, "CSafeLoader", Loader)):  # type: ignore[misc]
        """The same by libyaml, where PyYAML has it: for what `_ALIKE` lets through."""

    class _Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

        def represent_text(self, text: str) -> Any:
            """Return the node of a string, in quotes where Go or YAML 1.1 would read something else."""
            style = None
            if _ESCAPED.search(text):
                style = '"'
            elif go_value(text) != text or self._dated(text):
                style = "'"
            return self.represent_scalar(f"{_TAG}str", str(text), style=style)

        def _dated(self, text: str) -> bool:
            tag = self.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
            return bool(tag != f"{_TAG}str")

    class _BlockDumper(_Dumper):
        def represent_text(self, text: str) -> Any:
            """Return the node of a string: of several lines as a block where a block can hold it."""
            if "\n" in text and not _ESCAPED.search(text.replace("\n", "")):
                return self.represent_scalar(f"{_TAG}str", str(text), style="|")
            return super().represent_text(text)

    for _name in ("bool", "int", "float", "null"):
        Loader.add_constructor(f"{_TAG}{_name}", Loader.construct_plain)  # type: ignore[type-var]
        _FastLoader.add_constructor(f"{_TAG}{_name}", _FastLoader.construct_plain)
    # Ansible's values are of subclasses that carry where they came from.
    for _dumper in (_Dumper, _BlockDumper):
        _dumper.add_representer(str, _dumper.represent_text)
        _dumper.add_multi_representer(str, _dumper.represent_text)
        for _type in (dict, list, int, float):
            _dumper.add_multi_representer(_type, yaml.SafeDumper.yaml_representers[_type])
except ImportError:  # the kubernetes library needs PyYAML too, and the connection reports what is missing
    yaml = None  # type: ignore[assignment]
    Loader = object  # type: ignore[assignment,misc]


def load(text: str) -> list[Any]:
    """Return the documents of a YAML text. Raises ValueError with line and column of a mistake."""
    if _ALIKE.fullmatch(text):
        try:
            return list(yaml.load_all(str(text), Loader=_FastLoader))  # libyaml takes none of Ansible's subclasses
        except yaml.YAMLError:
            pass  # the other tells
    try:
        return list(yaml.load_all(text, Loader=Loader))
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from error


def dump(value: Any, *, sort_keys: bool = True, blocks: bool = False) -> str:
    """Return `value` as readable YAML, a line for each scalar; strings stay strings to every reader.

    blocks: write text of several lines as it is, line by line, where YAML can.
    """
    return yaml.dump(
        value,
        Dumper=_BlockDumper if blocks else _Dumper,
        sort_keys=sort_keys,
        default_flow_style=False,
        allow_unicode=True,
        width=float("inf"),
    )


def flow(value: Any) -> str:
    """Return `value` in one line, as JSON that is YAML, too: without the surrogates that JSON allows."""
    text = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
