# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Access to the objects of one API server: plain dicts in, plain dicts out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .connection import JSON, Connection, Query
from .discovery import KNOWN, Resource, find_resource, group_version_path, resource_path
from .errors import ApiError, KindNotServed
from .objects import Object, Objects

FIELD_MANAGER = "seldon.openshift"
APPLY_PATCH = "application/apply-patch+yaml"
MERGE_PATCH = "application/merge-patch+json"
PAGE = 500


class Client(Connection):
    """A thread-safe session with one API server that knows where kinds live."""

    def __init__(self, params: dict[str, Any], check_mode: bool = False) -> None:
        """Prepare a session; nothing is sent yet.

        `params` holds kubernetes.core's authentication options (others are ignored). With `check_mode` every write is a
        server-side dry run, whatever the caller says. Raises MissingLibrary, and Unreachable without a configuration.
        """
        super().__init__(params)
        self.check_mode = check_mode
        self._learned: dict[tuple[str, str], Resource] = {}

    def path(self, api_version: str, kind: str, name: str | None = None, namespace: str | None = None) -> str:
        """Return the path of a kind's collection, or of one object. Raises KindNotServed for an unknown kind."""
        return resource_path(api_version, self.resource(api_version, kind), name, namespace)

    def resource(self, api_version: str, kind: str, deadline: float | None = None) -> Resource:
        """Return plural and scope of a kind: from the table, else by one look-up of its group-version.

        Raises KindNotServed.
        """
        key = (api_version, kind)
        found = KNOWN.get(key) or self._learned.get(key)
        if found is None:
            try:
                found = find_resource(self.request("GET", group_version_path(api_version), deadline=deadline), kind)
            except ApiError as error:
                if error.status != 404:
                    raise
            if found is None:
                raise KindNotServed(api_version, kind)
            self._learned[key] = found
        return found

    def serves(self, api_version: str, kind: str, deadline: float | None = None) -> bool:
        """Say whether the API server serves a kind now: always a fresh look-up."""
        try:
            return (
                find_resource(self.request("GET", group_version_path(api_version), deadline=deadline), kind) is not None
            )
        except ApiError as error:
            if error.status == 404:
                return False
            raise

    def may(self, right: dict[str, str]) -> bool:
        """Say whether we have a right: verb, group, resource and namespace, of which empty ones are left out.

        Raises ApiError.
        """
        api_version, kind = "authorization.k8s.io/v1", "SelfSubjectAccessReview"
        spec = {"resourceAttributes": {key: value for key, value in right.items() if value}}
        body: Object = {"apiVersion": api_version, "kind": kind, "spec": spec}
        answer = self.request("POST", self.path(api_version, kind), body=body, stores=False)
        return bool(answer["status"]["allowed"])

    def get(
        self, api_version: str, kind: str, name: str, namespace: str | None = None, deadline: float | None = None
    ) -> Object | None:
        """Return one object, None when there is none. Raises KindNotServed when the kind isn't served, and ApiError."""
        try:
            return self._on("GET", api_version, kind, name, namespace, deadline=deadline)
        except KindNotServed:
            raise
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(
        self,
        api_version: str,
        kind: str,
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
            answer = self._on("GET", api_version, kind, None, namespace, query=query, deadline=deadline)
            items += [{**item, "apiVersion": api_version, "kind": kind} for item in answer.get("items") or []]
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
            *_identity(obj),
            query=query,
            body=obj,
            content_type=APPLY_PATCH,
            dry_run=dry_run,
            deadline=deadline,
        )

    def create(self, obj: Object, dry_run: bool = False, deadline: float | None = None) -> Object:
        """Create `obj`. Raises ApiError, 409 `AlreadyExists` among them."""
        api_version, kind, _name, namespace = _identity(obj)
        query: Query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        return self._on(
            "POST", api_version, kind, None, namespace, query=query, body=obj, dry_run=dry_run, deadline=deadline
        )

    def replace(self, obj: Object, dry_run: bool = False, deadline: float | None = None) -> Object:
        """PUT `obj`; its resourceVersion guards against lost updates (ApiError 409 `Conflict`: somebody was faster)."""
        query: Query = {"fieldManager": FIELD_MANAGER, "fieldValidation": "Strict"}
        return self._on("PUT", *_identity(obj), query=query, body=obj, dry_run=dry_run, deadline=deadline)

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
        return self._on(
            "PATCH",
            *_identity(obj),
            query=query,
            body=body,
            content_type=content_type,
            subresource=subresource,
            dry_run=dry_run,
            deadline=deadline,
        )

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
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
            self._on("DELETE", api_version, kind, name, namespace, body=body, dry_run=dry_run, deadline=deadline)
        except KindNotServed:
            return False
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def watch(
        self,
        api_version: str,
        kind: str,
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
        for event in self.stream(self.path(api_version, kind, None, namespace), query, seconds):
            if event["type"] == "ERROR":
                status = event["object"]
                raise ApiError(status.get("code") or 500, status.get("reason") or "", status.get("message") or "")
            yield event["type"], event["object"]

    def _on(
        self,
        method: str,
        api_version: str,
        kind: str,
        name: str | None,
        namespace: str | None,
        query: Query | None = None,
        body: Any = None,
        content_type: str = JSON,
        subresource: str | None = None,
        dry_run: bool = False,
        deadline: float | None = None,
    ) -> Object:
        path = resource_path(api_version, self.resource(api_version, kind, deadline), name, namespace)
        if subresource:
            path += f"/{subresource}"
        query = dict(query or {})
        if method != "GET" and (dry_run or self.check_mode):
            query["dryRun"] = "All"
        try:
            return self.request(method, path, query, body, content_type, deadline)
        except ApiError as error:
            if error.status == 404 and not error.from_api:
                raise KindNotServed(api_version, kind) from error
            raise


def _identity(obj: Object) -> tuple[str, str, str, str | None]:
    metadata = obj["metadata"]
    return obj["apiVersion"], obj["kind"], metadata["name"], metadata.get("namespace")
