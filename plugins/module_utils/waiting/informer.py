# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Live copies of a few collections of objects, kept by one watch each: waiting costs next to no requests.

Each source has a thread that lists once and then watches. What the API server does in between (restarts, expired
versions, a kind that is not served yet, watches that a proxy cuts) ends in another list, never in an error of the wait.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ..kube.client import Client
from ..kube.errors import ApiError, EngineError, KindNotServed, Unreachable
from ..kube.objects import Kind, Object, Objects
from ..kube.retry import pause

WATCH_SECONDS = 240.0
RELIST_SECONDS = 5.0
# After the first failure of a source; then twice as long each time, up to the pace of a source that is polled.
FIRST_PAUSE_SECONDS = 0.5
# A watch that ends sooner than this gave no stream at all: from then on the source is polled.
FUTILE_SECONDS = 1.0


@dataclass(frozen=True)
class Source:
    """A collection to follow: the objects of a kind in a namespace (None: in all), or only the one named `name`."""

    kind: Kind
    namespace: str | None = None
    name: str | None = None


class Informer:
    """The present content of several sources. Use it as a context manager; all methods are thread-safe."""

    def __init__(self, client: Client, sources: Iterable[Source], deadline: float) -> None:
        """Prepare to follow `sources` until `deadline` (seconds of time.monotonic()) at the latest."""
        self._client = client
        self._sources = list(dict.fromkeys(sources))
        self._deadline = deadline
        # All sources together stay below one request a second, also where nothing can be watched.
        self._pace = max(RELIST_SECONDS, 1.5 * len(self._sources))
        self._failures: Counter[Source] = Counter()  # in a row; each thread touches its own
        self._objects: dict[Source, dict[str, Object]] = {}
        self._troubles: dict[Source, EngineError] = {}
        self._changed = threading.Condition()
        self._news = False
        self._stopped = threading.Event()

    def __enter__(self) -> Informer:
        for source in self._sources:
            threading.Thread(target=self._follow, args=(source,), daemon=True, name=f"informer {source.kind}").start()
        return self

    def __exit__(self, *_details: object) -> None:
        # The threads are not joined: one may sit in a quiet watch for minutes; they are daemons and touch nothing else.
        self._stopped.set()

    def objects(self, source: Source) -> Objects | None:
        """Return the source's objects as they are now (with apiVersion and kind); None while it was not read yet."""
        with self._changed:
            found = self._objects.get(source)
            return None if found is None else list(found.values())

    def trouble(self, source: Source) -> EngineError | None:
        """Return why the source cannot be read at the moment, or None."""
        with self._changed:
            return self._troubles.get(source)

    def settle(self) -> None:
        """Wait until each source was read, or cannot be read at the moment. Raises as `check` does."""
        with self._changed:
            known = (self._objects, self._troubles)
            self._changed.wait_for(lambda: all(any(s in k for k in known) for s in self._sources), self._left())
        self.check()

    def check(self) -> None:
        """Raise the trouble that waiting cannot mend: bad credentials, no right to read, a server never reached."""
        with self._changed:
            for error in self._troubles.values():
                unreachable = isinstance(error, Unreachable) and (error.permanent or not self._objects)
                if unreachable or (isinstance(error, ApiError) and error.status == 403):
                    raise error

    def wait(self, seconds: float) -> bool:
        """Sleep until something changed since the last call, at most `seconds`; tell whether something did."""
        with self._changed:
            self._changed.wait_for(lambda: self._news, max(0.0, seconds))
            news, self._news = self._news, False
            return news

    def _follow(self, source: Source) -> None:
        while not self._over():
            trouble = self._round(source)
            if isinstance(trouble, Unreachable) and trouble.permanent:
                return

    def _round(self, source: Source) -> EngineError | None:
        """List and watch once; return (after a pause) what went wrong."""
        try:
            version = self._list(source)
            self._report(source, None)
            self._watch(source, version)
        except EngineError as error:
            if isinstance(error, KindNotServed):
                self._replace(source, {})
            self._report(source, error)
            self._rest(source)
            return error
        return None

    def _rest(self, source: Source) -> None:
        """Pause after a failure."""
        attempt = self._failures[source]
        self._failures[source] += 1
        # Twice the pace, less a random part, is the pace at least.
        self._stopped.wait(min(self._pace, pause(attempt, first=FIRST_PAUSE_SECONDS, longest=2 * self._pace)))

    def _over(self) -> bool:
        return self._stopped.is_set() or self._left() <= 0

    def _left(self) -> float:
        return self._deadline - time.monotonic()

    def _list(self, source: Source) -> str:
        """Read the whole collection; return the version to watch from."""
        path = self._client.collection_path(source.kind, source.namespace)
        selector = f"metadata.name={source.name}" if source.name else None
        try:
            answer = self._client.request("GET", path, {"fieldSelector": selector}, deadline=self._deadline)
        except ApiError as error:
            if error.status == 404 and not error.from_api:
                raise KindNotServed(source.kind) from error
            raise
        self._replace(source, {_key(item): _typed(item, source) for item in answer.get("items") or []})
        return str(answer["metadata"]["resourceVersion"])

    def _watch(self, source: Source, version: str) -> None:
        """Follow the collection from `version` on, over several connections; end when it must be listed again."""
        while not self._over():
            started, before = time.monotonic(), version
            try:
                version = self._stream(source, version)
            except ApiError as error:
                # Reading may be allowed where watching is not; a server in trouble says so again to the next list.
                if error.status != 410:
                    self._rest(source)
                return
            if version == before and time.monotonic() - started < FUTILE_SECONDS:
                self._rest(source)
                return
            self._failures.pop(source, None)

    def _stream(self, source: Source, version: str) -> str:
        """Follow one connection to its end; return the version to go on from."""
        seconds = max(1.0, min(WATCH_SECONDS, self._left()))
        for event, obj in self._client.watch(source.kind, source.namespace, source.name, version, seconds):
            if self._stopped.is_set():
                break
            version = obj["metadata"]["resourceVersion"]
            if event != "BOOKMARK":
                self._update(source, event, obj)
        return version

    def _replace(self, source: Source, objects: dict[str, Object]) -> None:
        with self._changed:
            if self._objects.get(source) != objects:
                self._objects[source] = objects
                self._announce()

    def _update(self, source: Source, event: str, obj: Object) -> None:
        with self._changed:
            if event == "DELETED":
                self._objects[source].pop(_key(obj), None)
            else:
                self._objects[source][_key(obj)] = _typed(obj, source)
            self._announce()

    def _report(self, source: Source, error: EngineError | None) -> None:
        with self._changed:
            before = self._troubles.pop(source, None)
            if error is not None:
                self._troubles[source] = error
            if str(before) != str(error):
                self._announce()

    def _announce(self) -> None:
        self._news = True
        self._changed.notify_all()


def _key(obj: Object) -> str:
    metadata = obj["metadata"]
    return f"{metadata.get('namespace', '')}/{metadata['name']}"


def _typed(obj: Object, source: Source) -> Object:
    return {**obj, "apiVersion": source.kind.api_version, "kind": source.kind.name}
