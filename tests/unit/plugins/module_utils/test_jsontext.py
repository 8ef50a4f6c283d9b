"""Texts on their way to the API server; what a real one makes of them: tests/integration/test_apply.py."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import EngineError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.jsontext import encode

# What YAML 1.1 allows to stand in a text as it is, without the line breaks that it would fold (YAML 1.1, 5.1 and 5.4).
RAW = re.compile("[\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


def texts() -> Iterator[str]:
    chance = random.Random(11)
    planes = ((0, 0x7F), (0x80, 0x2FFF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF))
    for _ in range(500):
        yield "".join(chr(chance.randint(*chance.choice(planes))) for _ in range(chance.randint(0, 40)))


def test_any_text_comes_back_equal_and_holds_nothing_that_yaml_refuses_or_folds() -> None:
    every = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    for value in (*texts(), "".join(every)):
        data = encode({"a": value})
        assert json.loads(data) == {"a": value}
        assert RAW.fullmatch(data.decode())
        assert not re.search(rb"\\ud[89a-f]", data.replace(rb"\\", b"")), "YAML knows no surrogate pairs"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"a": {"b": ["x", "\ud83d"]}}, r"a\.b\[1\]"),
        ({"a": {"\udcff": "x"}}, "a key of a"),
        ({"\ude00": "x"}, "a key"),
    ],
)
def test_half_a_surrogate_pair_is_refused_by_its_path(value: object, path: str) -> None:
    with pytest.raises(EngineError, match=f"^{path} is no text"):
        encode(value)
