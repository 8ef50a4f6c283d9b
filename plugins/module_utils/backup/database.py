# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The database of the cluster: dumped and brought back by PostgreSQL's own programs in its pod.

Red Hat's image has the login in its environment (POSTGRESQL_USER, _PASSWORD, _DATABASE), from where it goes into that
of the programs: no password is sent, or stands on a command line.
"""

from __future__ import annotations

import re
import time
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..kube.client import Client
from ..kube.errors import EngineError
from ..kube.execution import CommandFailed, Container, pieces, run
from ..kube.kinds import POD
from ..kube.objects import holds, is_terminating

SECONDS = 300.0  # without a byte
CONTAINER = "postgresql"
_LOGIN = 'export PGHOST=127.0.0.1 PGUSER="$POSTGRESQL_USER" PGPASSWORD="$POSTGRESQL_PASSWORD"; '
_PSQL = 'exec psql --no-psqlrc --quiet --tuples-only --no-align --set ON_ERROR_STOP=1 --dbname "$POSTGRESQL_DATABASE"'
# Owners and rights are of the new database. Compressed by pg_dump itself, in SQL that every later version takes.
DUMP = f'{_LOGIN}exec pg_dump --no-owner --no-privileges --compress=6 "$POSTGRESQL_DATABASE"'
ASK = f"{_LOGIN}{_PSQL}"
LOAD = f"{_LOGIN}{_PSQL} --output=/dev/null"
# The rows of our tables but those in which migrations of the schema are noted; and which backup was brought back.
HELD = r"""
SELECT coalesce(sum((xpath('/row/n/text()', counted))[1]::text::bigint), 0) FROM (
    SELECT query_to_xml(format('SELECT count(*) AS n FROM %I.%I', schemaname, relname), false, true, '') AS counted
    FROM pg_stat_user_tables
    WHERE relname NOT LIKE '%migration%' AND has_table_privilege(relid, 'SELECT')) AS tables;
SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = current_database();
\q
"""
MARK = "seldon.openshift: backup "
# pg_dump up to version 10 writes these, which only a superuser may; the extension is there.
_OF_SUPERUSERS = re.compile(
    rb"^(CREATE EXTENSION IF NOT EXISTS plpgsql|COMMENT ON EXTENSION plpgsql)\b.*$", re.MULTILINE
)
_FIRST_TABLE = re.compile(rb"^(CREATE TABLE|COPY) ", re.MULTILINE)
_PIECE = 65536


def container(client: Client, namespace: str, service: str) -> Container:
    """Return where the database runs. Raises EngineError when no pod of it is ready."""
    pods = client.list(POD, namespace, label_selector=f"name={service}")
    ready = [pod for pod in pods if holds(pod, "Ready") and not is_terminating(pod)]
    if not ready:
        raise EngineError(
            f"no pod of the database {service} in {namespace} is ready.\n"
            f"  look further: oc describe pod -n {namespace} -l name={service}"
        )
    return Container(namespace, ready[0]["metadata"]["name"], CONTAINER)


def dump(client: Client, where: Container) -> Iterator[bytes]:
    """Yield the compressed dump. Raises EngineError when it ends before it is whole."""
    try:
        yield from pieces(client, where, _shell(DUMP), SECONDS)
    except CommandFailed as error:
        raise EngineError(f"the database could not be dumped: {told(error)}") from None


@dataclass(frozen=True)
class Held:
    """What a database holds: how many rows, and the backup (its id) that it was brought back from, and when, if any."""

    rows: int
    backup: str = ""
    since: str = ""


def held(client: Client, where: Container) -> Held:
    """Return what the database holds. Raises EngineError."""
    try:
        answer = run(client, where, _shell(ASK), SECONDS, [HELD.encode()]).decode("utf-8", "replace")
    except CommandFailed as error:
        raise EngineError(f"the database could not be asked what it holds: {told(error)}") from None
    return parsed(answer)


def parsed(answer: str) -> Held:
    """Return what psql's answer to HELD says."""
    rows, *rest = answer.strip().split("\n")
    mark = rest[0] if rest else ""
    found = mark[len(MARK) :].split(" at ") if mark.startswith(MARK) else []
    return Held(int(rows), *found) if len(found) == 2 else Held(int(rows))


def load(client: Client, where: Container, compressed: Iterable[bytes], backup: str) -> None:
    """Replace what the database holds by the dump, all of it or nothing. Raises EngineError."""
    try:
        run(client, where, _shell(LOAD), SECONDS, script(plain(compressed), backup))
    except CommandFailed as error:
        outcome = "the database is as it was" if error.ended else "it is not known whether the database was replaced"
        raise EngineError(f"{outcome}: {told(error)}\n  next: the same command again") from None


def script(sql: Iterable[bytes], backup: str) -> Iterator[bytes]:
    """Yield one transaction. A connection that is cut ends the input before COMMIT, and the server takes all back.

    An input cannot be closed through the API server of 4.11, so the program is told to quit. Tables are dropped by
    their owner, who may not drop the schema before version 15.
    """
    yield b"BEGIN;\nSET LOCAL lock_timeout = '60s';\nDROP OWNED BY CURRENT_USER CASCADE;\n"
    yield from sql
    mark = f"{MARK}{backup} at {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}"
    yield f"\nCOMMENT ON DATABASE :\"DBNAME\" IS '{mark}';\nCOMMIT;\n\\q\n".encode()


def plain(compressed: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the SQL of a compressed dump, without what only a superuser may do. Raises EngineError when it is cut."""
    blocks = _decompressed(compressed)
    head = b""
    for block in blocks:
        head += block
        if len(head) >= _PIECE:
            break
    rest = _FIRST_TABLE.search(head)
    end = rest.start() if rest else len(head)
    yield _OF_SUPERUSERS.sub(b"", head[:end]) + head[end:]
    yield from blocks


def _decompressed(compressed: Iterable[bytes]) -> Iterator[bytes]:
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)  # with the header of gzip
    for block in compressed:
        data = block
        while data:
            yield reader.decompress(data, _PIECE)
            data = reader.unconsumed_tail
    yield reader.flush()
    if not reader.eof:
        raise EngineError("the dump of the database in the backup is not whole. Take another backup")


def told(error: CommandFailed) -> str:
    """Return why a program failed: its first error, without details, which quote rows."""
    lines = [line for line in error.errors.splitlines() if line.strip()]
    first = next((line for line in lines if "ERROR:" in line or "error:" in line or "FATAL:" in line), "")
    said = first or (lines[0] if lines else "")
    return f"{error}: {said[:300]}" if said else str(error)


def _shell(command: str) -> list[str]:
    return ["bash", "-c", command]
