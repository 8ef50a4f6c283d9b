"""`make bench`: measures, prints every row as it comes, and writes docs/benchmarks.md when all parts were measured."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from yaml import YAMLError

from bench import fleet, makespan, page, scale, sets, site
from bench.arrivals import NotThere
from bench.commands import CommandFailed
from bench.machine import machine
from bench.parts import Options, Part, Row
from sandbox.build import BuildError
from sandbox.cluster import SandboxError, settled
from sandbox.process import ComponentDied
from sandbox.simulator.settings import Profile
from tests.integration.byhand import NotInstalled

PARTS = (sets.PART, site.PART, makespan.PART, scale.PART, fleet.PART)
FAILURES = (BuildError, CommandFailed, ComponentDied, NotInstalled, NotThere, SandboxError)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0 when all was measured, 1 when a part failed (the others go on), 130 when interrupted."""
    given = parser().parse_args(arguments)
    # Also of a shell that lets what runs in the background ignore the first one.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    try:
        tables = measured([part for part in PARTS if part.name in (given.parts or names())], options(given))
    except KeyboardInterrupt:
        return 130
    if len(tables) == len(PARTS):
        facts = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "runs": str(given.runs), **machine()}
        print(f"\nwritten: {page.write(tables, facts)}")
    return 0 if all(name in tables for name in given.parts or names()) else 1


def measured(parts: Sequence[Part], wanted: Options) -> dict[str, str]:
    """Measure the parts, print their rows, and return the table of each one that did not fail."""
    tables: dict[str, str] = {}
    for part in parts:
        print(f"\n## {part.name}: {part.about}\n\n{part.head()}", flush=True)
        rows: list[Row] = []
        try:
            for row in part.measure(wanted):
                print(part.row(row), flush=True)
                rows.append(row)
        except FAILURES as error:
            print(f"bench: {part.name} was not measured to its end: {error}", file=sys.stderr, flush=True)
        else:
            tables[part.name] = part.table(rows)
    return tables


def names() -> list[str]:
    """Return the names of all parts, in their order."""
    return [part.name for part in PARTS]


def options(given: argparse.Namespace) -> Options:
    """Return how much is to be measured."""
    return Options(**{name: value for name, value in vars(given).items() if name != "parts"})


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    about = "\n".join(f"  {part.name:9} {part.about}" for part in PARTS)
    found = argparse.ArgumentParser(
        prog="python -m bench",
        description=f"{__doc__}\n\nparts, each on sandboxes of its own:\n{about}",
        epilog="With parts named, the page stays as it is. The figures mean something on a quiet machine only.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("parts", nargs="*", type=part_name, metavar="PART", help="which ones (default: all)")
    default = Options()
    found.add_argument("--runs", type=int, default=default.runs, help=f"fastest of how many (default: {default.runs})")
    found.add_argument("--hosts", type=int, default=default.hosts, help=f"fleet: clusters (default: {default.hosts})")
    lists = {
        "sizes": (numbers, "sets: how many objects"),
        "profiles": (profiles, "makespan: latencies, by name or file"),
        "namespaces": (numbers, "scale: how many are added"),
        "forks": (numbers, "fleet: how many"),
    }
    for name, (type_, text) in lists.items():
        before = getattr(default, name)
        listed = f"{text} (default: {','.join(map(str, before))})"
        found.add_argument(f"--{name}", type=type_, default=before, metavar="A,B", help=listed)
    return found


def part_name(text: str) -> str:
    """Return the name of a part. Raises ArgumentTypeError."""
    if text not in names():
        raise argparse.ArgumentTypeError(f"'{text}' is no part; there are: {', '.join(names())}")
    return text


def profiles(text: str) -> tuple[str, ...]:
    """Return the profiles between commas. Raises ArgumentTypeError for one that cannot be read."""
    found = tuple(settled(word, "profiles") for word in text.split(","))
    for name in found:
        try:
            Profile.load(name)
        except (OSError, KeyError, TypeError, YAMLError) as error:
            raise argparse.ArgumentTypeError(
                f"'{name}' is no profile of sandbox/profiles, nor a file: {error}"
            ) from None
    return found


def numbers(text: str) -> tuple[int, ...]:
    """Return the numbers between commas. Raises ValueError, which argparse tells."""
    return tuple(int(word) for word in text.split(","))


if __name__ == "__main__":
    sys.exit(main())
