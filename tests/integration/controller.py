"""An automation controller that keeps what the modules of awx.awx write, in memory; it runs nothing.

It knows of AWX's API (v2) what these modules ask for: filtered collections, objects that are made and changed,
associations between them, surveys, and approvals of workflows.
"""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Object = dict[str, Any]

TOKEN = "a-token"
API = "/api/v2/"
# What can be a node of a workflow, or be scheduled: by the collection's name, the object's type.
UNIFIED = {
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_approval_templates": "workflow_approval_template",
}
# Every controller has them.
MANAGED = {"organizations": ["Default"], "credential_types": ["Vault"]}
# What the modules read of a new object.
DEFAULTS: dict[str, Object] = {"projects": {"scm_revision": "", "summary_fields": {}}}


@dataclass
class Controller:
    """The store, and a server for it from `with` to its end."""

    collections: dict[str, dict[int, Object]] = field(default_factory=dict)
    associations: dict[tuple[str, int, str], list[int]] = field(default_factory=dict)
    surveys: dict[int, Object] = field(default_factory=dict)
    secrets: dict[str, Object] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)

    def __enter__(self) -> Controller:
        for collection, names in MANAGED.items():
            for name in names:
                self.create(collection, {"name": name})
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _answering(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *details: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The controller's address."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def named(self, collection: str, name: str) -> Object:
        """Return the one object of a collection with a name or an identifier."""
        (found,) = [each for each in self.all(collection) if name in (each.get("name"), each.get("identifier"))]
        return found

    def all(self, collection: str) -> list[Object]:
        """Return the objects of a collection, in the order in which they were made."""
        if collection == "unified_job_templates":
            return [each for name in UNIFIED for each in self.all(name)]
        return list(self.collections.get(collection, {}).values())

    def linked(self, collection: str, name: str, association: str) -> list[int]:
        """Return the ids of what an object is associated with."""
        return self.associations.get((collection, self.named(collection, name)["id"], association), [])

    def create(self, collection: str, fields: Object) -> Object:
        """Make an object of a collection."""
        number = 1 + sum(len(objects) for objects in self.collections.values())
        url = f"{API}{collection}/{number}/"
        kind = UNIFIED.get(collection, collection.removesuffix("s"))
        related = {"survey_spec": f"{url}survey_spec/"} if collection in UNIFIED else {}
        made = {**DEFAULTS.get(collection, {}), **fields}
        if collection == "credentials":  # what is secret is never shown again
            self.secrets[fields["name"]] = fields["inputs"]
            made["inputs"] = dict.fromkeys(fields["inputs"], "$encrypted$")
        made |= {"id": number, "url": url, "type": kind, "related": related}
        self.collections.setdefault(collection, {})[number] = made
        return made

    def get(self, path: list[str], query: Object) -> Any:
        """Answer a GET of `[collection]`, `[collection, id]` or `[collection, id, association]`."""
        if len(path) == 1:
            return _page([each for each in self.all(path[0]) if _fits(each, query)])
        collection, number = path[0], int(path[1])
        if len(path) == 2:
            return self.collections[collection][number]
        if path[2] == "survey_spec":
            return self.surveys.get(number, {})
        known = self.collections.get(_collection_of(path[2]), {})
        return _page([known[each] for each in self.associations.get((collection, number, path[2]), [])])

    def post(self, path: list[str], body: Object) -> tuple[int, Any]:
        """Answer a POST to a collection, an association, a survey, or an approval of a node."""
        if len(path) == 1:
            return 201, self.create(path[0], body)
        collection, number, what = path[0], int(path[1]), path[2]
        if what == "survey_spec":
            self.surveys[number] = body
            return 200, {}
        if what == "create_approval_template":
            made = self.create("workflow_approval_templates", body)
            node = self.collections[collection][number]
            node.update(unified_job_template=made["id"], related={"unified_job_template": made["url"]})
            return 201, made
        linked = self.associations.setdefault((collection, number, what), [])
        linked.remove(body["id"]) if body.get("disassociate") else linked.append(body["id"])
        return 204, None

    def patch(self, path: list[str], body: Object) -> Object:
        """Change an object's fields."""
        changed = self.collections[path[0]][int(path[1])]
        changed.update(body)
        return changed


def _collection_of(association: str) -> str:
    if association.startswith("notification_templates_"):
        return "notification_templates"
    return "workflow_job_template_nodes" if association.endswith("_nodes") else association


def _page(results: list[Object]) -> Object:
    return {"count": len(results), "next": None, "previous": None, "results": results}


def _fits(each: Object, query: Object) -> bool:
    return all(str(each.get(name)) == value for name, value in query.items())


def _answering(controller: Controller) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def _answer(self, act: Callable[[list[str], Object], tuple[int, Any]]) -> None:
            if self.headers["Authorization"] != f"Bearer {TOKEN}":
                self._send(401, {"detail": "Authentication credentials were not provided."})
                return
            address = urlsplit(self.path)
            length = int(self.headers["Content-Length"] or 0)
            given = json.loads(self.rfile.read(length)) if length else dict(parse_qsl(address.query))
            if self.command != "GET":
                controller.writes.append(f"{self.command} {address.path}")
            self._send(*act(address.path.removeprefix(API).strip("/").split("/"), given))

        def _send(self, status: int, body: Any) -> None:
            content = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def do_GET(self) -> None:
            self._answer(lambda path, query: (200, controller.get(path, query)))

        def do_POST(self) -> None:
            self._answer(controller.post)

        def do_PATCH(self) -> None:
            self._answer(lambda path, body: (200, controller.patch(path, body)))

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    return Handler
