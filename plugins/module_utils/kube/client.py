# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Access to the objects of one API server: plain dicts in, plain dicts out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .connection import JSON, Connection, Query
from .discovery import KNOWN, Resource, collection_path, find_resource, group_version_path, object_path
from .errors import ApiError, KindNotServed
from .kinds import ACCESS_REVIEW, RULES_REVIEW
from .objects import Kind, Object, Objects, Reference
from .redaction import Redaction
from .rights import lacking

FIELD_MANAGER = "seldon.openshift"
APPLY_PATCH = "application/apply-patch+yaml"
MERGE_PATCH = "application/merge-patch+json"
PAGE = 500


class Client(Connection):
    """A thread-safe session with one API server that knows where kinds live.

    `deadline` is in seconds of `time.monotonic()` in all methods: what is transient is repeated until then (None: for a
    minute).
    """

    def __init__(self, params: dict[str, Any], check_mode: bool = False, hide: Redaction | None = None) -> None:
        """Prepare a session; nothing is sent yet.

        `params` holds kubernetes.core's authentication options (others are ignored). With `check_mode` every write is a
        server-side dry run, whatever the caller says; one that this user may not even try is answered as if it had
        passed, with a warning (except for `apply`). Raises MissingLibrary, and Unreachable without a configuration.
        """
        super().__init__(params, hide)
        self.check_mode = check_mode
        self._learned: dict[Kind, Resource] = {}

    def path(self, reference: Reference, deadline: float | None = None) -> str:
        """Return the path of an object. Raises KindNotServed for an unknown kind."""
        return object_path(reference, self.resource(reference.kind, deadline))

    def collection_path(self, kind: Kind, namespace: str | None = None, deadline: float | None = None) -> str:
        """Return the path of all objects of a kind (of one namespace). Raises KindNotServed for an unknown kind."""
        return collection_path(kind, self.resource(kind, deadline), namespace)

    def resource(self, kind: Kind, deadline: float | None = None) -> Resource:
        """Return plural and scope of a kind: from the table, else by one look-up of its group-version.

        Raises KindNotServed.
        """
        found = KNOWN.get(kind) or self._learned.get(kind) or self._look_up(kind, deadline)
        if found is None:
            raise KindNotServed(kind)
        self._learned[kind] = found
        return found

    def serves(self, kind: Kind, deadline: float | None = None) -> bool:
        """Say whether the API server serves a kind now: always a fresh look-up."""
        return self._look_up(kind, deadline) is not None

    def _look_up(self, kind: Kind, deadline: float | None) -> Resource | None:
        try:
            answer = self.request("GET", group_version_path(kind.api_version), deadline=deadline)
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return find_resource(answer, kind)

    def may(self, right: dict[str, str]) -> bool:
        """Say whether we have a right: verb, group, resource and namespace, of which empty ones are left out.

        Raises ApiError.
        """
        spec = {"resourceAttributes": {key: value for key, value in right.items() if value}}
        body: Object = {"apiVersion": ACCESS_REVIEW.api_version, "kind": ACCESS_REVIEW.name, "spec": spec}
        answer = self.request("POST", self.collection_path(ACCESS_REVIEW), body=body, stores=False)
        return bool(answer["status"]["allowed"])

    def rules(self, namespace: str) -> tuple[Objects, bool]:
        """Return the rules of RBAC that hold for us in a namespace, and whether there may be more. Raises ApiError."""
        body: Object = {
            "apiVersion": RULES_REVIEW.api_version,
            "kind": RULES_REVIEW.name,
            "spec": {"namespace": namespace},
        }
        answer = self.request("POST", self.collection_path(RULES_REVIEW), body=body, stores=False)
        status = answer["status"]
        return list(status.get("resourceRules") or []), bool(status.get("incomplete"))

    def get(self, reference: Reference, deadline: float | None = None) -> Object | None:
        """Return one object, None when there is none. Raises KindNotServed when the kind isn't served, and ApiError."""
        try:
            return self._on("GET", reference, deadline=deadline)
        except KindNotServed:
            raise
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(
        self,
        kind: Kind,
        namespace: str | None = None,
        label_selector: str | None = None,
        field_selector: str | None = None,
        deadline: float | None = None,
    ) -> Objects:
        """Return all objects of a kind (of all namespaces when `namespace` is None), each with apiVersion and kind.

        Read in pages. Raises KindNotServed, and ApiError (410 when a page's token expired).
        """
        query: Query = {"limit": str(PAGE), "labelSelector": label_selector, "fieldSelector": field_selector}
        items: Objects = []
        while True:
            answer = self._in("GET", kind, namespace, query=query, deadline=deadline)
            items += [{**item, "apiVersion": kind.api_version, "kind": kind.name} for item in answer.get("items") or []]
            token = answer["metadata"].get("continue")
            if not token:
                return items
            query["continue"] = token

    def apply(self, obj: Object, force: bool = False, dry_run: bool = False, deadline: float | None = None) -> Object:
        """Apply `obj` on the server's side as manager `seldon.openshift` and return the object as it is then.

        Unknown fields are refused. Raises ApiError 409 when another manager owns a field, unless `force`.
        """
        query: Query = {
            "fieldManager": FIELD_MANAGER,
            "force": "true" if force else "false",
            "fieldValidation": "Strict",
        }
        return self._on(
            "PATCH",
            Reference.of(obj),
            query=query,
            body=obj,
            content_type=APPLY_PATCH,
            dry_run=dry_run,
            deadline=deadline,
        )

    def create(
        self, obj: Object, dry_run: bool = False, deadline: float | None = None, validation: str = "Strict"
    ) -> Object:
        """Create `obj`. Raises ApiError, 409 `AlreadyExists` among them.

        validation: what becomes of fields that the server does not know (`Strict` or `Ignore`).
        """
        query: Query = {"fieldManager": FIELD_MANAGER, "fieldValidation": validation}
        namespace = obj["metadata"].get("namespace")
        return self._tried(
            lambda: self._in(
                "POST", Kind.of(obj), namespace, query=query, body=obj, dry_run=dry_run, deadline=deadline
            ),
            obj,
        )

    def replace(self, obj: Object, dry_run: bool = False, deadline: float | None = None) -> Object:
        """PUT `obj`; its resourceVersion guards against lost updates (ApiError 409 `Conflict`: somebody was faster)."""
        query: Query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        return self._tried(
            lambda: self._on("PUT", Reference.of(obj), query=query, body=obj, dry_run=dry_run, deadline=deadline), obj
        )

    def patch(
        self,
        obj: Object,
        body: Any,
        content_type: str = MERGE_PATCH,
        subresource: str | None = None,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Object:
        """Patch the object that `obj` names (apiVersion, kind and metadata suffice); return it as it is then."""
        query: Query = {"fieldManager": FIELD_MANAGER}
        return self._tried(
            lambda: self._on(
                "PATCH",
                Reference.of(obj),
                query=query,
                body=body,
                content_type=content_type,
                subresource=subresource,
                dry_run=dry_run,
                deadline=deadline,
            ),
            _merged(obj, body),
        )

    def delete(
        self,
        reference: Reference,
        uid: str | None = None,
        resource_version: str | None = None,
        propagation: str = "Background",
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> bool:
        """Ask for an object's deletion; return whether there was one.

        With `uid`, only of that incarnation, and with `resource_version`, only of that version (or ApiError 409).
        """
        body: Object = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": propagation}
        conditions = {"uid": uid, "resourceVersion": resource_version}
        body["preconditions"] = {field: value for field, value in conditions.items() if value}
        if dry_run or self.check_mode:
            body["dryRun"] = ["All"]  # the server ignores the query when there is a body
        try:
            self._tried(lambda: self._on("DELETE", reference, body=body, dry_run=dry_run, deadline=deadline), {})
        except KindNotServed:
            return False
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def watch(
        self,
        kind: Kind,
        namespace: str | None = None,
        name: str | None = None,
        resource_version: str | None = None,
        seconds: float = 60.0,
    ) -> Iterator[tuple[str, Object]]:
        """Yield (`ADDED`|`MODIFIED`|`DELETED`|`BOOKMARK`, object) for at most `seconds`.

        Ends silently when the time is over or the connection drops: go on from the last resourceVersion seen. Raises
        ApiError with status 410 when that version is too old (list again, watch from the list's version), and the usual
        errors at the start.
        """
        query: Query = {
            "watch": "true",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(max(1, round(seconds))),
            "resourceVersion": resource_version,
            "fieldSelector": f"metadata.name={name}" if name else None,
        }
        for event in self.stream(self.collection_path(kind, namespace), query, seconds):
            if event["type"] == "ERROR":
                status = event["object"]
                raise ApiError(status.get("code") or 500, status.get("reason") or "", status.get("message") or "")
            yield event["type"], event["object"]

    def foresees(self, error: ApiError) -> bool:
        """Say whether check mode goes on although this user may not try a write; a warning tells the right."""
        right = lacking(error) if self.check_mode and error.status == 403 else None
        if right is None:
            return False
        told = f"you may not {right}: the API server has not tried what would be written."
        if told not in self.warnings:
            self.warnings.append(told)
        return True

    def _tried(self, send: Callable[[], Object], foreseen: Object) -> Object:
        try:
            return send()
        except ApiError as error:
            if not self.foresees(error):
                raise
            return foreseen

    def _on(
        self,
        method: str,
        reference: Reference,
        query: Query | None = None,
        body: Any = None,
        content_type: str = JSON,
        subresource: str | None = None,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Object:
        """Send a request about one object."""
        path = self.path(reference, deadline)
        if subresource:
            path += f"/{subresource}"
        return self._send(method, reference.kind, path, query, body, content_type, dry_run, deadline)

    def _in(
        self,
        method: str,
        kind: Kind,
        namespace: str | None,
        query: Query | None = None,
        body: Any = None,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Object:
        """Send a request about the objects of a kind."""
        path = self.collection_path(kind, namespace, deadline)
        return self._send(method, kind, path, query, body, JSON, dry_run, deadline)

    def _send(
        self,
        method: str,
        kind: Kind,
        path: str,
        query: Query | None,
        body: Any,
        content_type: str,
        dry_run: bool,
        deadline: float | None,
    ) -> Object:
        query = dict(query or {})
        if method != "GET" and (dry_run or self.check_mode):
            query["dryRun"] = "All"
        try:
            return self.request(method, path, query, body, content_type, deadline)
        except ApiError as error:
            if error.status == 404 and not error.from_api:
                raise KindNotServed(kind) from error
            raise


def _merged(value: Any, patch: Any) -> Any:
    """Return what a merge patch makes of `value` (RFC 7396)."""
    if not isinstance(patch, Mapping):
        return patch
    there = value if isinstance(value, Mapping) else {}
    kept = {key: each for key, each in there.items() if key not in patch}
    return {**kept, **{key: _merged(there.get(key), each) for key, each in patch.items() if each is not None}}
