"""What a part of the bench is: a name, the columns of its table, and how to measure its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

Row = Mapping[str, str]


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    runs: int = 3
    sizes: Sequence[int] = (25, 200)
    profiles: Sequence[str] = ("fast", "realistic", "slow")
    namespaces: Sequence[int] = (1, 10, 100)
    hosts: int = 10
    forks: Sequence[int] = (1, 5, 10)


@dataclass(frozen=True)
class Part:
    """A table of the page. `measure` yields its rows, each as soon as it is measured; a cell may be missing."""

    name: str
    about: str
    columns: Sequence[str]
    measure: Callable[[Options], Iterator[Row]]

    def head(self) -> str:
        """Return the two lines of Markdown that begin the table."""
        return f"{line(self.columns)}\n{line(['---'] * len(self.columns))}"

    def row(self, row: Row) -> str:
        """Return a row as a line of Markdown. Raises KeyError for a column that the table has not."""
        if unknown := row.keys() - set(self.columns):
            raise KeyError(f"the table {self.name} has no column {', '.join(sorted(unknown))}")
        return line([row.get(column, "") for column in self.columns])

    def table(self, rows: Iterable[Row]) -> str:
        """Return the whole table."""
        return "\n".join([self.head(), *map(self.row, rows)])


def line(cells: Sequence[str]) -> str:
    """Return one line of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def seconds(value: float) -> str:
    """Return seconds as the tables show them: short ones with two decimals."""
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def ratio(value: float, base: float) -> str:
    """Return how many times `base` a value is; nothing where there is no base."""
    return f"{value / base:.2f}" if base > 0 else ""
