"""A quarter of all requests fails, one way or another: the end state is the same."""

from __future__ import annotations

import io
import json
import random
import threading
from typing import Any

import pytest
import urllib3
from ansible_collections.seldon.openshift.plugins.module_utils import connection
from ansible_collections.seldon.openshift.plugins.module_utils.client import Client
from ansible_collections.seldon.openshift.plugins.modules import seldon_apply, seldon_mesh_member

from sandbox.definitions import Definitions
from tests.integration.cluster import Cluster
from tests.integration.engine import run

RATE = 0.25
OBJECTS = 200
STATUSES = {429: "TooManyRequests", 500: "InternalError", 502: "BadGateway", 503: "ServiceUnavailable", 504: "Timeout"}


class FaultyPool:
    """A connection pool that answers itself, or loses the connection before or after the server did its work."""

    def __init__(self, pool: Any, seed: int) -> None:
        self.pool = pool
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.faults = 0

    def clear(self) -> None:
        self.pool.clear()

    def request(self, method: str, url: str, **options: Any) -> Any:
        with self.lock:
            fate: Any = None
            if self.random.random() < RATE:
                self.faults += 1
                fate = self.random.choice([*STATUSES, "lost on the way", "lost on the way back"])
        if fate == "lost on the way":
            raise urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset by peer"))
        if fate in STATUSES:
            body = {"kind": "Status", "reason": STATUSES[fate], "message": "a fault of the test", "details": {}}
            return urllib3.HTTPResponse(io.BytesIO(json.dumps(body).encode()), status=fate, preload_content=False)
        response = self.pool.request(method, url, **options)
        if fate == "lost on the way back":
            response.drain_conn()
            raise urllib3.exceptions.ProtocolError("Connection aborted.", ConnectionResetError(104, "reset by peer"))
        return response


@pytest.fixture
def faults(monkeypatch: pytest.MonkeyPatch) -> list[FaultyPool]:
    """Make every client of this process a victim; returns their pools."""
    pools: list[FaultyPool] = []
    configure = Client.__init__

    def victim(self: Client, *args: Any, **kwargs: Any) -> None:
        configure(self, *args, **kwargs)
        self._pool = FaultyPool(self._pool, seed=len(pools) + 1)
        pools.append(self._pool)

    monkeypatch.setattr(Client, "__init__", victim)
    short = connection.pause
    monkeypatch.setattr(connection, "pause", lambda attempt, asked=None: short(attempt, asked) / 20)
    return pools


def test_two_hundred_objects_arrive(empty_cluster: Cluster, faults: list[FaultyPool]) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "faults"}}
    kinds = ("ConfigMap", "Secret", "ServiceAccount", "Service")
    objects: list[dict[str, Any]] = [namespace]
    for number in range(OBJECTS - 1):
        kind = kinds[number % len(kinds)]
        obj = {"apiVersion": "v1", "kind": kind, "metadata": {"name": f"o{number}", "namespace": "faults"}}
        objects.append(obj | ({"spec": {"ports": [{"port": 80}]}} if kind == "Service" else {}))
    first = run(seldon_apply, empty_cluster, resources=objects)
    assert not first.get("msg")
    assert run(seldon_apply, empty_cluster, resources=objects)["summary"] == {"unchanged": OBJECTS}
    gone = run(seldon_apply, empty_cluster, resources=objects, state="absent")
    assert set(gone["summary"]) == {"deleted"}, gone.get("msg")
    assert sum(pool.faults for pool in faults) > OBJECTS / 4


def test_members_of_a_roll_are_all_there(empty_cluster: Cluster, faults: list[FaultyPool]) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "faulty-mesh"}}
    definitions = Definitions.from_environment().load("service_mesh")
    assert not run(seldon_apply, empty_cluster, resources=[*definitions, namespace]).get("msg")
    wanted = [f"member-{number}" for number in range(30)]
    for name in wanted:
        result = run(seldon_mesh_member, empty_cluster, control_plane_namespace="faulty-mesh", members=[name])
        assert not result.get("msg")
    assert result["members"] == wanted
    assert sum(pool.faults for pool in faults) > len(wanted) / 4
