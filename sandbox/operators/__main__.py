"""`python -m sandbox.operators`: all simulated operators in one process, against any API server."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
from pathlib import Path

from sandbox.definitions import Definitions
from sandbox.kube import Kube
from sandbox.operators import operators
from sandbox.routes import Routes
from sandbox.simulator import Operator
from sandbox.simulator.runtime import Simulator
from sandbox.simulator.settings import Faults, Profile


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.operators", description="Run the simulated operators.")
    parser.add_argument("--kubeconfig", required=True, help="the API server to act on")
    parser.add_argument(
        "--routes", required=True, type=Path, help="the folder that tells the API server's proxy where webhooks listen"
    )
    parser.add_argument("--profile", default="fast", help="latencies: fast, realistic or a file (default: %(default)s)")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="FILE", help="a file of faults; may be repeated"
    )
    parser.add_argument("--without", type=_names, default=set(), metavar="NAME,...", help="operators to leave out")
    parser.add_argument("--only", type=_names, default=None, metavar="NAME,...", help="no other operators than these")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        chosen = operators(options.only, options.without)
    except ValueError as error:
        parser.error(str(error))
    asyncio.run(_run(chosen, options))


def _names(text: str) -> set[str]:
    return {name for name in text.split(",") if name}


async def _run(chosen: list[Operator], options: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    simulator = Simulator(
        chosen,
        Kube(options.kubeconfig),
        Profile.load(options.profile),
        Faults.load(options.fault),
        Definitions.from_environment(),
        Routes(options.routes),
    )
    await simulator.run(stop)


if __name__ == "__main__":
    main()
