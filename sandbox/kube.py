"""A small, thread-safe client for the sandbox's own parts: plain dicts in, plain dicts out.

The collection's engine has a client of its own: were it shared, a fault in one would hide in the other.
"""

from __future__ import annotations

import copy
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import urllib3
import yaml
from kubernetes import client as kubernetes_client
from kubernetes import config as kubernetes_config

Object = dict[str, Any]

CONTENT_TYPES = {
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
    "strategic": "application/strategic-merge-patch+json",
    "apply": "application/apply-patch+yaml",
}


class ApiError(Exception):
    """An answer of the API server with a status of 400 or more."""

    def __init__(self, status: int, body: str) -> None:
        """Take the HTTP status and the body, which is a Status object in JSON or any text."""
        try:
            details = json.loads(body)
        except ValueError:
            details = {}
        self.status = status
        self.reason: str = details.get("reason", "") if isinstance(details, dict) else ""
        self.message: str = details.get("message", body) if isinstance(details, dict) else body
        self.details: Object = details.get("details") or {} if isinstance(details, dict) else {}
        super().__init__(f"{status} {self.reason}: {self.message}")


class Kube:
    """Access to one API server."""

    def __init__(self, kubeconfig: str | None = None) -> None:
        """Connect as the current context of the file at `kubeconfig` (None: as kubectl would choose)."""
        configuration = kubernetes_client.Configuration()
        kubernetes_config.load_kube_config(config_file=kubeconfig, client_configuration=configuration)
        configuration.connection_pool_maxsize = 32
        configuration.retries = urllib3.Retry(connect=3, read=0, redirect=0, status=0, backoff_factor=0.1)
        self._api = kubernetes_client.ApiClient(configuration)
        self._plurals: dict[tuple[str, str], tuple[str, bool]] = {}
        self._lock = threading.Lock()
        self._manager = ""

    @property
    def url(self) -> str:
        """The URL of the API server."""
        return str(self._api.configuration.host)

    def acting_as(self, manager: str) -> Kube:
        """Return the same access, whose writes are those of a field manager."""
        found = copy.copy(self)
        found._manager = manager
        return found

    def request(
        self, method: str, path: str, body: Any = None, content_type: str = "application/json", timeout: float = 120
    ) -> Object:
        """Send one request and return the decoded answer; `timeout` is in seconds. Raises ApiError.

        On a busy machine the API server at times loses its store for a moment: what only reads is asked again.
        """
        pauses = [0.5, 2.0] if method == "GET" else []
        while True:
            try:
                response = self._open(method, path, body, content_type, timeout, stream=False)
            except ApiError as error:
                if error.status != 500 or not pauses:
                    raise
                time.sleep(pauses.pop(0))
            else:
                answer: Object = json.loads(response.data or b"{}")
                return answer

    def ready(self) -> bool:
        """Tell whether the API server answers and has made what it makes itself, as the roles of RBAC."""
        try:
            self._open("GET", "/readyz", None, "", 5, stream=False)
        except (ApiError, urllib3.exceptions.HTTPError):
            return False
        return True

    def _open(self, method: str, path: str, body: Any, content_type: str, timeout: float | None, stream: bool) -> Any:
        configuration = self._api.configuration
        headers: dict[str, str] = {"Accept": "application/json"}
        self._api.update_params_for_auth(headers, [], ["BearerToken"])
        data = None
        if body is not None:
            headers["Content-Type"] = content_type
            data = json.dumps(body)
        response = self._api.rest_client.pool_manager.request(
            method,
            f"{configuration.host}{path}",
            body=data,
            headers=headers,
            timeout=timeout,
            preload_content=not stream,
        )
        if response.status >= 400:
            raise ApiError(response.status, response.data.decode(errors="replace"))
        return response

    def resource(self, api_version: str, kind: str) -> tuple[str, bool] | None:
        """Return plural name and whether the kind is namespaced; None when the kind is not served now."""
        with self._lock:
            found = self._plurals.get((api_version, kind))
        if found:
            return found
        try:
            served = self.request("GET", f"{group_path(api_version)}")
        except ApiError as error:
            if error.status in (404, 503):
                return None
            raise
        with self._lock:
            for entry in served.get("resources", []):
                if "/" not in entry["name"]:
                    self._plurals[(api_version, entry["kind"])] = (entry["name"], entry["namespaced"])
            return self._plurals.get((api_version, kind))

    def path(self, api_version: str, kind: str, name: str = "", namespace: str | None = None) -> str | None:
        """Return the URL path of an object or, without a name, of its collection; None when the kind is not served."""
        resource = self.resource(api_version, kind)
        if resource is None:
            return None
        plural, namespaced = resource
        parts = [group_path(api_version)]
        if namespaced and namespace:
            parts.append(f"namespaces/{namespace}")
        parts.append(plural)
        if name:
            parts.append(name)
        return "/".join(parts)

    def path_of(self, obj: Object, subresource: str = "") -> str:
        """Return the URL path of `obj`. Raises ApiError 404 when its kind is not served."""
        meta = obj["metadata"]
        path = self.path(obj["apiVersion"], obj["kind"], meta["name"], meta.get("namespace"))
        if path is None:
            raise ApiError(404, f'no matches for kind "{obj["kind"]}" in version "{obj["apiVersion"]}"')
        return f"{path}/{subresource}" if subresource else path

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """Return the object, or None when it or its kind does not exist."""
        path = self.path(api_version, kind, name, namespace)
        if path is None:
            return None
        try:
            return self.request("GET", path)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, api_version: str, kind: str, namespace: str | None = None, labels: str = "") -> list[Object]:
        """Return the objects of a kind ([] when the kind is not served); `labels` is a label selector."""
        path = self.path(api_version, kind, namespace=namespace)
        if path is None:
            return []
        query = f"?{urlencode({'labelSelector': labels})}" if labels else ""
        items = self.request("GET", path + query).get("items") or []
        return [{"apiVersion": api_version, "kind": kind, **item} for item in items]

    def create(self, obj: Object) -> Object:
        """Create the object, whose name may be left to the server. Raises ApiError (409 AlreadyExists)."""
        named = {**obj, "metadata": {"name": "-", **obj["metadata"]}}
        return self.request("POST", self.path_of(named).rpartition("/")[0] + self._as(), obj)

    def apply(self, obj: Object, manager: str = "") -> Object:
        """Server-side apply, conflicts taken over, and the status too when `obj` has one. Raises ApiError."""
        query = self._as(manager or self._manager or "sandbox", force="true")
        result = self.request("PATCH", self.path_of(obj) + query, obj, CONTENT_TYPES["apply"])
        if "status" in obj and obj["status"] != result.get("status"):
            result = self.set_status(result, obj["status"])
        return result

    def replace(self, obj: Object, manager: str = "") -> Object:
        """Replace the object as `manager`; with its resourceVersion, a stale one raises ApiError 409."""
        return self.request("PUT", self.path_of(obj) + self._as(manager), obj)

    def patch(
        self, obj: Object, body: Any, kind_of_patch: str = "merge", subresource: str = "", manager: str = ""
    ) -> Object:
        """Patch what `obj` names as `manager`; `kind_of_patch` is a key of CONTENT_TYPES. Raises ApiError."""
        path = self.path_of(obj, subresource) + self._as(manager)
        return self.request("PATCH", path, body, CONTENT_TYPES[kind_of_patch])

    def set_status(self, obj: Object, status: Object) -> Object:
        """Put `status` in place of the object's whole status. Raises ApiError."""
        body = [{"op": "add", "path": "/status", "value": status}]
        try:
            return self.patch(obj, body, "json", "status")
        except ApiError as error:
            # A definition without a status subresource keeps the status in the object itself.
            if (
                error.status != 404
                or self.get(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], obj["metadata"].get("namespace"))
                is None
            ):
                raise
            return self.patch(obj, body, "json")

    def _as(self, manager: str = "", **more: str) -> str:
        """Return the query that names the field manager; without one, the server takes the client's name."""
        given = {"fieldManager": manager or self._manager, **more}
        query = urlencode({name: value for name, value in given.items() if value})
        return f"?{query}" if query else ""

    def delete(self, obj: Object) -> bool:
        """Delete the object that `obj` names in the background; False when it was not there."""
        try:
            self.request(
                "DELETE",
                self.path_of(obj),
                {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"},
            )
        except ApiError as error:
            if error.status == 404:
                return False
            raise
        return True

    def watch(
        self, api_version: str, kind: str, namespace: str | None = None, seconds: int = 300, since: str = ""
    ) -> Iterator[tuple[str, Object]]:
        """Yield (ADDED|MODIFIED|DELETED|ERROR, object) for at most `seconds`.

        The present objects come first, unless `since` is the resourceVersion of a list: then what happened after it.
        """
        path = self.path(api_version, kind, namespace=namespace)
        if path is None:
            return
        query = urlencode({"watch": "1", "timeoutSeconds": seconds} | ({"resourceVersion": since} if since else {}))
        response = self._open("GET", f"{path}?{query}", None, "", None, stream=True)
        try:
            for line in response:
                event = json.loads(line)
                yield event["type"], event["object"]
        finally:
            response.release_conn()


def group_path(api_version: str) -> str:
    """Return the URL path of a group and version: /api/v1, /apis/apps/v1."""
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def load_objects(text: str) -> list[Object]:
    """Return the objects of a YAML stream, empty documents left out. Raises yaml.YAMLError."""
    return [document for document in yaml.load_all(text, Loader=yaml.CSafeLoader) if document]
