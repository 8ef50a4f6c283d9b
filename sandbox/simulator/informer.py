"""Sees every change of one kind, from before the kind exists until after it is gone.

kopf 1.45 was tried for this: it misses definitions that arrive while it runs, because it reads the discovery document
before the API server has updated it, and it ends when a definition is deleted whose objects it watches.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import urllib3

from sandbox.kube import ApiError, Kube, Object

Kind = tuple[str, str]  # apiVersion, kind
Notice = Callable[[Kind, Object, bool], None]  # kind, object, whether it is gone

DEFINITION: Kind = ("apiextensions.k8s.io/v1", "CustomResourceDefinition")
WATCH_SECONDS = 3000
RETRY_SECONDS = 1.0
# An established definition is served a second or two later.
SERVED_WITHIN_SECONDS, LOOK_EVERY_SECONDS = 15.0, 0.1


class Informer:
    """Calls `notice` from a thread of its own, for each object that is there and for each change."""

    def __init__(self, kube: Kube, kind: Kind, notice: Notice) -> None:
        """Watch `kind` in all namespaces."""
        self._kube = kube
        self._kind = kind
        self._notice = notice
        self._known: dict[str, Object] = {}  # by uid
        self._definition_came = threading.Event()

    def start(self) -> None:
        """Watch until the process ends."""
        threading.Thread(target=self._run, name="/".join(self._kind), daemon=True).start()

    def consider(self, definition: Object) -> None:
        """Take note of a definition that exists: it may be the one of this kind."""
        if definition["metadata"].get("deletionTimestamp"):
            return
        group, _, version = self._kind[0].rpartition("/")
        spec = definition["spec"]
        versions = {entry["name"] for entry in spec["versions"]}
        if (spec["group"], spec["names"]["kind"]) == (group, self._kind[1]) and version in versions:
            self._definition_came.set()

    def _run(self) -> None:
        while True:
            try:
                self._watch(self._list())
            except ApiError as error:
                if error.status == 404:
                    self._replace({})
                    self._wait_for_definition()
                elif error.status != 410:  # 410: the version is too old to go on from, so list again
                    time.sleep(RETRY_SECONDS)
            except (urllib3.exceptions.HTTPError, OSError):
                time.sleep(RETRY_SECONDS)

    def _path(self) -> str:
        path = self._kube.path(*self._kind)
        if path is None:
            raise ApiError(404, "the kind is not served")
        return path

    def _list(self) -> str:
        """Notice what differs from what is known; return the version of the list."""
        listed = self._kube.request("GET", self._path())
        self._definition_came.clear()
        self._replace({item["metadata"]["uid"]: item for item in listed["items"]})
        return str(listed["metadata"]["resourceVersion"])

    def _replace(self, objects: dict[str, Object]) -> None:
        for uid in self._known.keys() - objects.keys():
            self._tell(self._known[uid], gone=True)
        for uid, obj in objects.items():
            known = self._known.get(uid)
            if known is None or known["metadata"]["resourceVersion"] != obj["metadata"]["resourceVersion"]:
                self._tell(obj, gone=False)

    def _watch(self, version: str) -> None:
        for event, obj in self._kube.watch(*self._kind, seconds=WATCH_SECONDS, since=version):
            if event == "ERROR":
                raise ApiError(obj.get("code", 410), obj.get("message", ""))
            self._tell(obj, gone=event == "DELETED")

    def _tell(self, obj: Object, gone: bool) -> None:
        # A list's items carry neither.
        obj = {**obj, "apiVersion": self._kind[0], "kind": self._kind[1]}
        if gone:
            self._known.pop(obj["metadata"]["uid"], None)
        else:
            self._known[obj["metadata"]["uid"]] = obj
        self._notice(self._kind, obj, gone)

    def _wait_for_definition(self) -> None:
        """Wait until the kind is served: once announced, however slow the API server is."""
        self._definition_came.wait()
        deadline = time.monotonic() + SERVED_WITHIN_SECONDS
        while not self._served():
            time.sleep(LOOK_EVERY_SECONDS if time.monotonic() < deadline else RETRY_SECONDS)

    def _served(self) -> bool:
        try:
            self._kube.request("GET", f"{self._path()}?limit=1")
        except (ApiError, urllib3.exceptions.HTTPError, OSError):
            return False
        return True
