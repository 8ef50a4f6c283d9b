"""Scalars as Go reads them; that Helm agrees: tests/integration/test_foreign_yaml.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from ansible_collections.seldon.openshift.plugins.module_utils.kube import yamltext
from ansible_collections.seldon.openshift.plugins.module_utils.kube.go_scalars import go_value
from ansible_collections.seldon.openshift.plugins.module_utils.kube.yamltext import dump, flow, load

READ = {
    "y": True,
    "No": False,
    "ON": True,
    "off": False,
    "True": True,
    "~": None,
    "Null": None,
    "0011": 9,
    "089": 89.0,
    "0o14": 12,
    "0x1F": 31,
    "0b11": 3,
    "-0b11": -3,
    "1_000": 1000,
    "+1": 1,
    "-0": 0,
    "18446744073709551615": 18446744073709551615,
    "0011223344556677": 0o11223344556677,
    "1e5": 100000.0,
    "12e03": 12000.0,
    "1.10": 1.1,
    "1.": 1.0,
    ".5": 0.5,
    "-.5e-1": -0.05,
    "1_0.5": 10.5,
}
STRINGS = (
    "yEs",
    "nULL",
    "12:30",
    "190:20:30",
    "2022-01-01",
    "2022-01-01T10:00:00Z",
    "=",
    "0x",
    "0b2",
    "1e",
    "1.2.3",
    "+",
    "..",
    "._5",
    "_1",
    "1 000",
    "0011aabb",
    "0xFFFFFFFFFFFFFFFFFF",
    "\u0661",
)


@pytest.mark.parametrize("text", [*READ, *STRINGS, "", "<<"])
def test_a_plain_scalar_is_what_go_makes_of_it(text: str) -> None:
    expected = {**READ, "": None}.get(text, text)
    assert json.dumps(go_value(text)) == json.dumps(expected)
    if text != "<<":
        assert json.dumps(load(f"a: {text}")) == json.dumps([{"a": expected}])


@pytest.mark.parametrize("text", [*READ, *STRINGS, "", "<<", "a\nb", "\x7f", "\x85", "\u2028", "\ufeff", "😀"])
def test_what_is_written_is_the_same_string_to_everybody(text: str) -> None:
    for write in (dump, flow):
        assert load(write({text: [text]})) == [{text: [text]}]
    assert flow({text: text}).isprintable()


def test_tabs_are_where_go_has_them() -> None:
    assert load("a:\tb\t# c\nc: [\t1,\t2]\n") == [{"a": "b", "c": [1, 2]}]
    for wrong in ("a:\n\tb: 1\n", "-\ta: 1\n", '"a\\/b"', "%YAML 1.2\n---\na: 1\n"):
        with pytest.raises(ValueError, match="line"):
            load(wrong)


FILES = sorted(Path(__file__).parents[4].glob("roles/*/*/*.yml"))


def test_libyaml_reads_what_it_is_given_as_the_slow_loader_does() -> None:
    """It is given nearly everything: manifests of Helm releases and definitions, hundreds of kilobytes."""
    texts = [path.read_text(encoding="utf-8") for path in FILES]
    alike = [text for text in texts if yamltext._ALIKE.fullmatch(text)]
    assert len(alike) > 50
    slow = [list(yaml.load_all(text, Loader=yamltext.Loader)) for text in alike]
    assert [load(text) for text in alike] == slow


@pytest.mark.parametrize("text", [r"pattern: ^(\+|-)?\d/\x41$", r"a: '\n \/'", "a: |\n  \\t\n  b\\\n", "- \\\n  b"])
def test_a_backslash_outside_of_double_quotes_is_no_escape(text: str) -> None:
    assert yamltext._ALIKE.fullmatch(text)
    assert load(text) == list(yaml.load_all(text, Loader=yamltext.Loader))


@pytest.mark.parametrize("text", ["a:\tb", '"\\/"', "%YAML 1.2\n---\na: b", "\u00e9: 1"])
def test_what_they_could_read_differently_is_left_to_the_slow_loader(text: str) -> None:
    assert not yamltext._ALIKE.fullmatch(text)
