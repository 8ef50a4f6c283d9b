"""`python -m sandbox.postgres pg_dump|psql …`: PostgreSQL's clients in the database's container of a sandbox.

The server is a real one, of this machine (Debian: postgresql), with the data in the sandbox's folder. It runs only
while a command does, so that nothing is left of a sandbox that is killed. As in Red Hat's image, the user
POSTGRESQL_USER owns the database POSTGRESQL_DATABASE, and is no superuser. Without PostgreSQL, no command is found.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The folder of the data, in the environment of the container.
STATE = "SANDBOX_DATABASE"
INSTALLED = Path("/usr/lib/postgresql")  # Debian's, one folder a version
OWNER = "postgres"  # PostgreSQL refuses to run as root
QUICK = ("-c", "fsync=off", "-c", "listen_addresses=", "-c", "shared_buffers=16MB")
ENTERS = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
SECONDS = 30.0


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL of this machine, None without one."""
    found = sorted(INSTALLED.glob("*/bin/postgres"), key=lambda path: int(path.parents[1].name))
    return found[-1].parent if found else None


def commands(folder: Path, state: Path) -> None:
    """Write what the container of a database finds on its PATH, `folder`; its data will be in `state`."""
    folder.mkdir(parents=True, exist_ok=True)
    home = Path(__file__).parents[1]
    for name in ("pg_dump", "psql"):
        script = folder / name
        line = f'exec "{sys.executable}" -m sandbox.postgres {name} "$@"'
        script.write_text(f'#!/bin/sh\nexport {STATE}="{state}" PYTHONPATH="{home}"\n{line}\n', encoding="utf-8")
        script.chmod(0o755)


def main() -> int:
    """Run the command that the arguments name and return its exit code."""
    name, *arguments = sys.argv[1:]
    folder = programs()
    if folder is None:
        print(f"bash: line 1: {name}: command not found", file=sys.stderr)
        return 127
    state = Path(os.environ[STATE])
    with _alone(state), _served(folder, state) as socket:
        return subprocess.run([folder / name, *arguments], env=os.environ | {"PGHOST": socket}, check=False).returncode


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _served(folder: Path, state: Path) -> Iterator[str]:
    """Run the server, and yield the folder of its socket, whose path must be short."""
    with tempfile.TemporaryDirectory(prefix="pg-") as socket:
        _give(Path(socket))
        fresh = not (state / "data" / "PG_VERSION").exists()
        if fresh:
            _initialise(folder, state)
        log = (state / "log").open("ab")
        command = [*_as_owner(), str(folder / "postgres"), "-D", str(state / "data"), "-k", socket, *QUICK]
        server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait(folder, socket, server)
            if fresh:
                _create(folder, socket)
            yield socket
        finally:
            server.terminate()
            server.wait(SECONDS)
            log.close()


def _initialise(folder: Path, state: Path) -> None:
    draft = state / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    _give(draft)
    initdb = [
        str(folder / "initdb"),
        "-D",
        str(draft),
        "-U",
        OWNER,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]
    subprocess.run([*_as_owner(), *initdb], check=True, stdout=subprocess.DEVNULL, cwd="/")
    draft.rename(state / "data")


def _create(folder: Path, socket: str) -> None:
    user, name = os.environ["POSTGRESQL_USER"], os.environ["POSTGRESQL_DATABASE"]
    for program, options in (("createuser", [user]), ("createdb", ["-O", user, name])):
        subprocess.run([folder / program, "-h", socket, "-U", OWNER, *options], check=True)


def _wait(folder: Path, socket: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SECONDS
    ready = [str(folder / "pg_isready"), "-q", "-h", socket]
    while server.poll() is None and time.monotonic() < deadline:
        if subprocess.run(ready, check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise SystemExit("the database does not start; its log is beside its data")


def _give(path: Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(path, OWNER, OWNER)


def _as_owner() -> list[str]:
    """Return the beginning of a command that ends when we do, and is not root; it may enter root's folders."""
    user = [f"--reuid={OWNER}", f"--regid={OWNER}", "--clear-groups", *ENTERS] if os.geteuid() == 0 else []
    return ["setpriv", "--pdeathsig", "INT", *user]


if __name__ == "__main__":
    sys.exit(main())
