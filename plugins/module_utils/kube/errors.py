# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What can go wrong, as exceptions whose text a user can act on."""

from __future__ import annotations

import json
from typing import Any

from .go_values import without_go_values
from .objects import Kind

LOG_IN = "Give kubeconfig (or host and api_key), set KUBECONFIG or K8S_AUTH_*, or log in: oc login ADDRESS."


class EngineError(Exception):
    """Anything the engine reports to its user: `str()` is a complete message, without a traceback's help."""


class ObjectsFailed(EngineError):
    """Some objects of a set could not be applied. results: what became of each, as a module's `results` tell it."""

    def __init__(self, message: str, results: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.results = results


class MissingLibrary(EngineError):
    """A Python library that the engine needs is not installed where the module runs."""


class Unreachable(EngineError):
    """The API server can't be reached, its certificate is refused, or it refuses our credentials (401).

    `sent` is False when the request surely never arrived, so that repeating it is safe for every method.
    """

    def __init__(self, message: str, sent: bool = True, permanent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent
        self.permanent = permanent


class Misconfigured(Unreachable):
    """What names the cluster or its user cannot work: a missing file, a plugin that fails, no credentials."""

    def __init__(self, what: str, advice: str = LOG_IN) -> None:
        super().__init__(f"no usable connection settings for a cluster: {what}. {advice}", sent=False, permanent=True)


class NoCluster(Misconfigured):
    """Nothing names a cluster: no option, no variable, no file at its usual place."""


class ApiError(EngineError):
    """An answer of the API server with a status of 400 or more.

    `status` is the HTTP status; `reason` (`Conflict`, `Invalid` ...), `message` (on one line) and `details` are those
    of the Status object, `causes` its `details.causes` ({field, reason, message}); `retry_after` is what the server
    asked for, in seconds. `from_api` is False when the body was no Status object: nothing serves the path, or a proxy
    answered.
    """

    def __init__(
        self,
        status: int,
        reason: str = "",
        message: str = "",
        details: dict[str, Any] | None = None,
        retry_after: float | None = None,
        from_api: bool = True,
    ) -> None:
        self.status = status
        self.reason = reason
        self.message = " ".join(message.split())
        self.details = details or {}
        self.causes: list[dict[str, Any]] = self.details.get("causes") or []
        self.retry_after = retry_after
        self.from_api = from_api
        super().__init__(self._line())

    def _line(self) -> str:
        head = f"{self.status} {self.reason}".strip()
        line = f"{head}: {self.message}" if self.message else head
        untold = [cause for cause in self.causes if cause.get("message") and cause["message"] not in self.message]
        told = "; ".join(
            ": ".join(filter(None, (cause.get("field"), " ".join(cause["message"].split())))) for cause in untold
        )
        return without_go_values(f"{line} ({told})" if told else line)

    @classmethod
    def parse(cls, status: int, body: bytes, retry_after: str | None = None) -> ApiError:
        """Return the error for an answer's HTTP status, body and `Retry-After` header (seconds)."""
        try:
            answer = json.loads(body)
        except ValueError:
            answer = None
        wait = float(retry_after) if retry_after and retry_after.isdigit() else None
        if not isinstance(answer, dict) or answer.get("kind") != "Status":
            return cls(status, message=body.decode("utf-8", "replace")[:300], retry_after=wait, from_api=False)
        details = answer.get("details") or {}
        return cls(
            status,
            answer.get("reason") or "",
            answer.get("message") or "",
            details,
            details.get("retryAfterSeconds") if wait is None else wait,
        )


class KindNotServed(ApiError):
    """The API server doesn't serve this kind (now): its CRD isn't installed."""

    def __init__(self, kind: Kind) -> None:
        super().__init__(404, "KindNotServed", f"the cluster does not serve {kind}")
        self.kind = kind

    def _line(self) -> str:
        return self.message
