"""`make matrix`: unit tests, sanity, and the whole installation twice, by every supported ansible-core and client.

Prints a table in Markdown; ends with 1 when a cell failed. It takes some minutes for each cell; ARGS names versions of
ansible-core (as far as they tell them apart) and takes `--steps`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import yaml

from sandbox.build import binaries
from sandbox.cluster import Sandbox, Settings
from tests.matrix.environments import HERE, Cell, Failed, NoPython, cells

HEADER = (
    *("ansible-core", "Python", "kubernetes.core", "kubernetes", "modules run by"),
    *("units", "sanity", "`site.yml`", "once more", "seconds"),
)
STEPS = ("units", "sanity", "site")


@dataclass(frozen=True)
class Row:
    """What a cell of the matrix came to; `outcomes` are words for units, sanity, the first run and the second."""

    cell: Cell
    outcomes: tuple[str, ...]
    seconds: float
    failed: bool = False

    def line(self) -> str:
        """Return the row as a line of the table."""
        cell = self.cell
        target = f"{cell.host}, {', '.join(cell.libraries).replace('==', ' ')}" if cell.host else "the same Python"
        core = cell.kubernetes_core if cell.collections.exists() else ""
        known = (cell.core, cell.python, core, cell.client, target)
        return table_line((*known, *self.outcomes, f"{self.seconds:.0f}"))


def table_line(values: Sequence[str]) -> str:
    """Return one line of a Markdown table."""
    return f"| {' | '.join(values)} |"


def units(cell: Cell) -> str:
    """Run the unit tests of the plugins; return how many passed. The parents' conftest needs the tools of `.venv`."""
    options = ("--quiet", "--confcutdir", "tests/unit", "-p", "no:cacheprovider")
    said = cell.run(
        "units", cell.programs / "pytest", "tests/unit/plugins", *options, "-o", f"pythonpath=. {cell.collections}"
    )
    return f"{re.findall(r'([0-9]+) passed', said)[-1]} passed"


def sanity(cell: Cell) -> str:
    """Run ansible-test sanity of this ansible-core."""
    kubernetes = cell.collections / "ansible_collections/kubernetes"
    cell.run(
        "sanity", "make", "sanity", f"BIN={cell.programs}", f"SANITY={cell.folder}/sanity", f"KUBERNETES={kubernetes}"
    )
    return "passed"


def site(cell: Cell, sandbox: Sandbox, step: str) -> int:
    """Run site.yml and return how many of its tasks changed something. Raises Failed."""
    values = {
        "seldon_git_repository": "https://git.example.com/acme/models",
        "seldon_charts_repository": sandbox.charts_url,
        "validate_report_dir": str(sandbox.state / "report"),
    }
    if cell.host:
        values["ansible_python_interpreter"] = str(cell.target_python)
    said = cell.run(
        step,
        *(cell.programs / "ansible-playbook", "playbooks/site.yml", "-e", json.dumps(values)),
        KUBECONFIG=str(sandbox.kubeconfig),
        PATH=f"{cell.programs}:{binaries()['helm'].parent}:/usr/local/bin:/usr/bin:/bin",
    )
    return int(re.findall(r"^cluster .*\bchanged=(\d+)", said, re.MULTILINE)[-1])


def installed(cell: Cell) -> tuple[str, str]:
    """Install everything on a fresh sandbox, and once more, which must change nothing. Raises Failed."""
    sandbox = Sandbox(f"matrix-{cell.name}")
    try:
        sandbox.down()
        sandbox.up(Settings())
        changed = site(cell, sandbox, "site")
        again = site(cell, sandbox, "site-again")
    finally:
        sandbox.down()
    if again:
        raise Failed(f"{cell.name}: the second run changed {again} times, see {cell.folder}/site-again.log")
    return f"changed {changed}", "changed 0"


def proved(cell: Cell, steps: Sequence[str]) -> Row:
    """Return what a cell came to; says at once what failed."""
    started = time.monotonic()
    outcomes = ["not run"] * 4
    problems: list[str] = []

    def attempt(number: int, step: Callable[[], tuple[str, ...]]) -> None:
        try:
            for offset, outcome in enumerate(step()):
                outcomes[number + offset] = outcome
        except Failed as error:
            outcomes[number] = "**failed**"
            problems.append(str(error))

    try:
        cell.make()
        if "units" in steps and not cell.host:
            attempt(0, lambda: (units(cell),))
        if "sanity" in steps:
            attempt(1, lambda: (sanity(cell),))
        if "site" in steps:
            attempt(2, lambda: installed(cell))
    except NoPython as error:
        outcomes[2] = str(error)
    except Failed as error:
        problems.append(str(error))
        outcomes[0] = "**no environment**"
    print("\n".join(problems or [f"{cell.name}: {', '.join(outcomes)}"]), flush=True)
    return Row(cell, tuple(outcomes), time.monotonic() - started, bool(problems))


def main() -> int:
    """Return 0 when no cell failed, else 1."""
    parser = argparse.ArgumentParser(prog="make matrix", description=__doc__)
    parser.add_argument("core", nargs="*", help="which versions of ansible-core, such as 2.16 (default: all)")
    parser.add_argument("--steps", default=",".join(STEPS), help=f"some of {','.join(STEPS)}")
    parser.add_argument("--client", action="append", help="only this version of the client")
    options = parser.parse_args()
    data = yaml.safe_load((HERE / "versions.yml").read_text())
    chosen = [cell for cell in cells(data) if not options.core or cell.core.startswith(tuple(options.core))]
    chosen = [cell for cell in chosen if not options.client or cell.client in options.client]
    # Sanity looks at no client: once for each ansible-core.
    last = {cell.core: cell for cell in chosen if not cell.host}
    steps = options.steps.split(",")
    rows = [proved(cell, [step for step in steps if step != "sanity" or last[cell.core] is cell]) for cell in chosen]
    print(f"\n{datetime.now(UTC):%Y-%m-%d}\n")
    print("\n".join([table_line(HEADER), table_line(["---"] * len(HEADER)), *(row.line() for row in rows)]))
    return int(any(row.failed for row in rows))


if __name__ == "__main__":
    sys.exit(main())
