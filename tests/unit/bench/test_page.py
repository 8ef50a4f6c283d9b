"""The page and its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from bench.__main__ import PARTS, main, measured, parser
from bench.commands import CommandFailed
from bench.page import TEMPLATE, page
from bench.parts import Options, Part, Row, ratio, seconds

ROWS: tuple[Row, ...] = ({"run": "one", "seconds": "1.00"}, {"run": "two"})


def part(name: str, *rows: Row, broken: bool = False) -> Part:
    def measure(_options: Options) -> Iterator[Row]:
        yield from rows
        if broken:
            raise CommandFailed("kubectl ended with 1: no such thing")

    return Part(name, "a part", ("run", "seconds"), measure)


def test_a_table_has_an_empty_cell_for_what_a_row_lacks() -> None:
    expected = "| run | seconds |\n| --- | --- |\n| one | 1.00 |\n| two |  |"
    assert part("x").table(ROWS) == expected


def test_a_cell_of_no_column_is_an_error() -> None:
    with pytest.raises(KeyError, match="the table x has no column wall"):
        part("x").row({"wall": "1"})


@pytest.mark.parametrize(("value", "expected"), [(0.123, "0.12"), (9.994, "9.99"), (10.04, "10.0"), (115.0, "115.0")])
def test_seconds(value: float, expected: str) -> None:
    assert seconds(value) == expected


def test_ratios_have_a_base() -> None:
    assert ratio(3, 2) == "1.50"
    assert ratio(3, 0) == ""


def test_the_page_holds_all_tables_and_facts() -> None:
    assert page({"site": "| a |"}, {"date": "today"}, "on $date\n\n$site\n") == "on today\n\n| a |\n"


def test_a_missing_table_is_an_error() -> None:
    with pytest.raises(KeyError, match="site"):
        page({}, {"date": "today"}, "$date $site")


def test_the_template_asks_for_every_part_and_for_what_is_known() -> None:
    asked = set(re.findall(r"\$(\w+)", TEMPLATE.read_text()))
    known = {"date", "runs", "cores", "memory", "cpu", "ansible", "python", "kubectl", "helm", "openshift"}
    assert asked == {part.name for part in PARTS} | known


def test_rows_are_printed_as_they_come_and_kept(capsys: pytest.CaptureFixture[str]) -> None:
    tables = measured([part("x", *ROWS)], Options())
    assert tables == {"x": part("x").table(ROWS)}
    assert "| one | 1.00 |\n| two |  |\n" in capsys.readouterr().out


def test_a_part_that_fails_says_so_in_a_line_and_the_next_one_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    tables = measured([part("x", *ROWS, broken=True), part("y", *ROWS)], Options())
    assert set(tables) == {"y"}
    assert capsys.readouterr().err == "bench: x was not measured to its end: kubectl ended with 1: no such thing\n"


def test_a_part_alone_does_not_write_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []
    monkeypatch.setattr("bench.__main__.PARTS", (part("x", *ROWS), part("y", *ROWS)))
    monkeypatch.setattr("bench.__main__.machine", dict)
    monkeypatch.setattr("bench.page.write", lambda *tables: written.append(tables))
    assert main(["x"]) == 0
    assert written == []
    assert main([]) == 0
    assert len(written) == 1


def test_a_failed_part_ends_with_1_and_without_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []
    monkeypatch.setattr("bench.__main__.PARTS", (part("x", broken=True), part("y", *ROWS)))
    monkeypatch.setattr("bench.page.write", lambda *tables: written.append(tables))
    assert main([]) == 1
    assert written == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sites"], "'sites' is no part; there are: sets, site, makespan, scale, fleet"),
        (["--profiles", "quick"], "is no profile of sandbox/profiles, nor a file"),
        (["--forks", "many"], "invalid numbers value: 'many'"),
    ],
)
def test_what_cannot_be_asked(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(arguments)
    assert said in capsys.readouterr().err


def test_help_tells_the_parts() -> None:
    text = parser().format_help()
    assert all(part.about in text for part in PARTS)
