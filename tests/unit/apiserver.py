"""An API server in memory: the engine's own client, whose requests end in a dict instead of a network."""

from __future__ import annotations

import copy
import itertools
import re
import threading
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

from ansible_collections.seldon.openshift.plugins.module_utils.apply.ownership import beside_identity
from ansible_collections.seldon.openshift.plugins.module_utils.kube.client import APPLY_PATCH, FIELD_MANAGER, Client
from ansible_collections.seldon.openshift.plugins.module_utils.kube.errors import ApiError
from ansible_collections.seldon.openshift.plugins.module_utils.kube.retry import JSON_PATCH

Object = dict[str, Any]

MADE = "2022-12-01T10:00:00Z"
_PATH = re.compile(
    r"/apis?/((?P<group>[^/]+)/)?v[^/]+(/namespaces/(?P<namespace>[^/]+)(?=/))?/(?P<plural>[^/]+)(/(?P<name>.+))?"
)


class Place(NamedTuple):
    """Where an object is kept, whatever the version of its group; without a name, a collection."""

    group: str
    plural: str
    namespace: str | None
    name: str | None


class ApiServer(Client):
    """Answers as Kubernetes does: apply with managedFields, PUT by resourceVersion, DELETE by uid, finalizers, dry run.

    `requests` are (method, path) in turn. `before_request(method, path)` may change the cluster, or raise an ApiError.
    An object that is being deleted is read `lingers` times more; without limit, when it has finalizers.
    """

    def __init__(self, *objects: Object, check_mode: bool = False, lingers: int = 2) -> None:
        super().__init__({"host": "http://127.0.0.1:1", "api_key": "none"}, check_mode)
        self.requests: list[tuple[str, str]] = []
        self.before_request: Callable[[str, str], None] = lambda _method, _path: None
        self._objects: dict[Place, Object] = {}
        self._reads_left: dict[Place, int] = {}
        self._lingers = lingers
        self._versions = itertools.count(1)
        self._alone = threading.RLock()
        for obj in objects:
            self.put(obj)

    def put(self, obj: Object) -> Object:
        """Store an object as it is, beside what a server adds."""
        place = place_of(obj)
        version = str(next(self._versions))
        metadata = {"uid": f"uid-{version}", "creationTimestamp": MADE, **obj["metadata"], "resourceVersion": version}
        self._objects[place] = copy.deepcopy({**obj, "metadata": metadata})
        if metadata.get("deletionTimestamp"):
            self._reads_left.setdefault(place, self._lingers)
        return self._objects[place]

    def drop(self, obj: Object) -> None:
        """Forget the object that `obj` names."""
        self._gone(place_of(obj))

    def held(self, obj: Object) -> Object | None:
        """Return what is stored of the object that `obj` names; no request."""
        return copy.deepcopy(self._objects.get(place_of(obj)))

    def names(self, kind: str) -> list[str]:
        """Return the names of all objects of a kind; no request."""
        return sorted(obj["metadata"]["name"] for obj in self._objects.values() if obj["kind"] == kind)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The requests that are no reads."""
        return [each for each in self.requests if each[0] != "GET"]

    def request(
        self,
        method: str,
        path: str,
        query: Any = None,
        body: Any = None,
        content_type: str = "",
        deadline: float | None = None,
        stores: bool = True,
    ) -> Object:
        """Answer one request. Raises ApiError."""
        with self._alone:
            self.requests.append((method, path))
            self.before_request(method, path)
            dry = bool(not stores or (query or {}).get("dryRun") or (method == "DELETE" and body.get("dryRun")))
            kept = (copy.deepcopy(self._objects), dict(self._reads_left)) if dry else None
            try:
                return copy.deepcopy(self._answer(method, _place(path), query or {}, body, content_type))
            finally:
                if kept:
                    self._objects, self._reads_left = kept

    def _answer(self, method: str, place: Place, query: Object, body: Any, content_type: str) -> Object:
        if method == "POST":
            return self._create(body)
        if place.name is None:
            return {"metadata": {"resourceVersion": "1"}, "items": self._listed(place, query.get("labelSelector"))}
        if method == "PATCH" and content_type == APPLY_PATCH:
            return self.put(_applied(body, self._objects.get(place), query.get("force") == "true"))
        live = self._live(place)
        if method == "PUT":
            return self._replace(live, body)
        if method == "PATCH":
            return self.put(_json_patched(live, body)) if content_type == JSON_PATCH else self._patch(live, body)
        return self._delete(place, live, body) if method == "DELETE" else self._read(place, live)

    def _listed(self, place: Place, selector: str | None) -> list[Object]:
        wanted = dict(part.partition("=")[::2] for part in (selector or "").split(",") if part)
        return [
            obj
            for at, obj in self._objects.items()
            if at[:2] == place[:2]
            and place.namespace in (None, at.namespace)
            and wanted.items() <= (obj["metadata"].get("labels") or {}).items()
        ]

    def _live(self, place: Place) -> Object:
        if place not in self._objects:
            raise ApiError(404, "NotFound", f'{place.plural} "{place.name}" not found')
        return self._objects[place]

    def _create(self, body: Object) -> Object:
        if place_of(body) in self._objects:
            raise ApiError(409, "AlreadyExists")
        return self.put(body)

    def _replace(self, live: Object, body: Object) -> Object:
        if body["metadata"].get("resourceVersion") not in (None, live["metadata"]["resourceVersion"]):
            raise ApiError(409, "Conflict", "the object has been modified")
        return self.put(body)

    def _patch(self, live: Object, body: Any) -> Object:
        wanted = body.get("metadata", {}).get("resourceVersion") if isinstance(body, dict) else None
        if wanted not in (None, live["metadata"]["resourceVersion"]):
            raise ApiError(409, "Conflict", "the object has been modified")
        return self.put(_merged(live, body))

    def _read(self, place: Place, live: Object) -> Object:
        if place in self._reads_left and not live["metadata"].get("finalizers"):
            self._reads_left[place] -= 1
            if self._reads_left[place] < 0:
                self._gone(place)
                return self._live(place)
        return live

    def _delete(self, place: Place, live: Object, options: Object) -> Object:
        wanted = options.get("preconditions") or {}
        if any(live["metadata"][field] != value for field, value in wanted.items()):
            raise ApiError(409, "Conflict", "the precondition is not met")
        if live["metadata"].get("finalizers") or self._lingers:
            live["metadata"].setdefault("deletionTimestamp", MADE)
            self._reads_left.setdefault(place, self._lingers)
        else:
            self._gone(place)
        return {"kind": "Status"}

    def _gone(self, place: Place) -> None:
        self._objects.pop(place, None)
        self._reads_left.pop(place, None)


def place_of(obj: Object) -> Place:
    """Return where an object is kept."""
    lower, metadata = obj["kind"].lower(), obj["metadata"]
    plural = f"{lower[:-1]}ies" if lower.endswith("y") else f"{lower}s"
    return Place(obj["apiVersion"].rpartition("/")[0], plural, metadata.get("namespace"), metadata["name"])


def managed(obj: Object) -> Object:
    """Return an object as the API server holds it once it was applied by this collection."""
    return _applied(obj, None)


def _place(path: str) -> Place:
    found = _PATH.fullmatch(unquote(path))
    assert found, path
    return Place(found["group"] or "", found["plural"], found["namespace"], found["name"])


def held_by(manager: str, obj: Object, fields: Object, subresource: str = "") -> Object:
    """Return an object some `fields` of which (named as in `obj`) `manager` has written last, and nobody else holds."""
    live = copy.deepcopy(obj)
    kept = [
        {**entry, "fieldsV1": _minus(entry["fieldsV1"], fields)} for entry in live["metadata"].get("managedFields", [])
    ]
    theirs = {"manager": manager, "operation": "Update", "apiVersion": obj["apiVersion"], "fieldsV1": fields}
    live["metadata"]["managedFields"] = [*kept, {**theirs, **({"subresource": subresource} if subresource else {})}]
    return live


def _applied(body: Object, live: Object | None, force: bool = False) -> Object:
    wanted = _fields(beside_identity(body))
    found = _contested(body, live or {}, wanted)
    if found and not force:
        causes = [
            {"reason": "FieldManagerConflict", "field": path, "message": f'conflict with "{name}" using v1'}
            for name, path in found
        ]
        raise ApiError(409, "Conflict", "Apply failed with conflicts", {"causes": causes})
    before = (live or {}).get("metadata", {}).get("managedFields", [])
    others = [each for each in before if not _is_apply(each)]
    merged = _merged(live or {}, body)
    for entry in filter(_is_apply, before):
        _leave(merged, entry["fieldsV1"], wanted, [each["fieldsV1"] for each in others])
    taken = {path for _name, path in found}
    others = [{**each, "fieldsV1": _without(each["fieldsV1"], taken)} for each in others]
    ours = {"manager": FIELD_MANAGER, "operation": "Apply", "apiVersion": body["apiVersion"], "time": MADE}
    merged["metadata"]["managedFields"] = [*others, {**ours, "fieldsV1": wanted}]
    return merged


def _leave(value: Object, last: Object, wanted: Object, others: list[Object], path: str = "") -> None:
    """Take away what was applied last and is wanted no more, unless others own it; a block that they own stays."""
    for key, below in last.items():
        name, there, also = key[2:], path + key[1:].replace(":", "."), [each[key] for each in others if key in each]
        if name not in value or path == ".metadata":
            continue
        if below and isinstance(value[name], dict):
            _leave(value[name], below, wanted.get(key, {}), also, there)
        if key in wanted or also:
            if below and value[name] == {}:
                cause = {"reason": "FieldValueTypeInvalid", "field": there[1:], "message": 'Invalid value: "null"'}
                raise ApiError(422, "Invalid", f'{there[1:]}: Invalid value: "null"', {"causes": [cause]})
        elif not below or value[name] == {}:
            del value[name]


def _json_patched(live: Object, operations: list[Object]) -> Object:
    """Carry out `test` and `replace`: nobody else owns what they change; lists have no part in it."""
    after = copy.deepcopy(live)
    for each in operations:
        *keys, last = each["path"][1:].split("/")
        holder = _at(after, tuple(keys))
        if each["op"] == "test" and holder.get(last) != each["value"]:
            raise ApiError(422, "Invalid", "the server rejected our request due to an error in our request")
        if each["op"] == "replace":
            holder[last] = copy.deepcopy(each["value"])
    for entry in after["metadata"].get("managedFields", []):
        gone = {path for path, keys in _leaves(entry["fieldsV1"]) if _at(after, keys) != _at(live, keys)}
        entry["fieldsV1"] = _without(entry["fieldsV1"], gone)
    return after


def _is_apply(entry: Object) -> bool:
    return entry["manager"] == FIELD_MANAGER and entry.get("operation") == "Apply"


def _contested(body: Object, live: Object, wanted: Object) -> list[tuple[str, str]]:
    """Return manager and path of each field of others that `body` would change."""
    return [
        (entry["manager"], path)
        for entry in live.get("metadata", {}).get("managedFields", [])
        if not _is_apply(entry)
        for path, keys in _leaves(entry["fieldsV1"])
        if keys in dict(map(reversed, _leaves(wanted))) and _at(body, keys) != _at(live, keys)
    ]


def _leaves(fields: Object, path: str = "", keys: tuple[str, ...] = ()) -> list[tuple[str, tuple[str, ...]]]:
    if not fields:
        return [(path, keys)] if keys else []
    return [leaf for key, below in fields.items() for leaf in _leaves(below, f"{path}.{key[2:]}", (*keys, key[2:]))]


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _without(fields: Object, paths: set[str], path: str = "") -> Object:
    kept = {key: (_without(below, paths, f"{path}.{key[2:]}"), below) for key, below in fields.items()}
    return {
        key: left for key, (left, below) in kept.items() if f"{path}.{key[2:]}" not in paths and (left or not below)
    }


def _minus(fields: Object, taken: Object) -> Object:
    return _without(fields, {path for path, _keys in _leaves(taken)})


def _fields(value: Any) -> Object:
    """Return the tree of managedFields for a value, its lists as a whole."""
    return {f"f:{key}": _fields(each) for key, each in value.items()} if isinstance(value, dict) else {}


def _merged(live: Object, patch: Object) -> Object:
    merged = copy.deepcopy(live)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = _merged(merged.get(key) or {}, value) if isinstance(value, dict) else copy.deepcopy(value)
    return merged
