"""What several integration tests need: waiting, installing by the real OLM, seeing all states, troubling pods."""

from __future__ import annotations

import base64
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from urllib3.exceptions import HTTPError

from sandbox.kube import Kube, Object

OLM = "operators.coreos.com/v1alpha1"
# Keys of Secrets whose values are no secrets: words that names and addresses are made of, and what is for everybody.
OPEN = re.compile(r"(name|NAME|user|USER|DATABASE|host|port|sslmode|url|type|namespaces?|server|email|\.crt)$")
Found = TypeVar("Found")


def until(look: Callable[[], Found], seconds: float = 60) -> Found:
    """Return what `look` returns as soon as it is true. Raises AssertionError with its last answer."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s; the last answer was {found!r}"
        time.sleep(0.05)
    return found


def eventually(look: Callable[[], Any], expected: Any, seconds: float = 60) -> None:
    """Assert that `look` returns what is expected, now or within some time."""
    deadline = time.monotonic() + seconds
    while (found := look()) != expected:
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {expected!r}; the last was {found!r}"
        time.sleep(0.05)


def subscribe(kube: Kube, package: str, source: str, namespace: str = "openshift-operators", **spec: Any) -> Object:
    """Install the head of the package's channel (`stable` unless `spec` names one); return its CSV, Succeeded."""
    offer = {"name": package, "channel": "stable", "source": source, "sourceNamespace": "openshift-marketplace"}
    metadata = {"name": package, "namespace": namespace}
    kube.apply({"apiVersion": OLM, "kind": "Subscription", "metadata": metadata, "spec": offer | spec})

    def installed() -> Object | None:
        subscription = kube.get(OLM, "Subscription", package, namespace) or {}
        name = subscription.get("status", {}).get("installedCSV")
        # OLM at times loses the race for the status of the Subscription whose CSV it has made, and never recovers.
        for condition in subscription.get("status", {}).get("conditions", []):
            said = condition.get("message", "").partition("clusterserviceversion ")[2]
            if not name and "exists and is not referenced by a subscription" in said:
                metadata = {"name": said.split()[0], "namespace": namespace}
                kube.delete({"apiVersion": OLM, "kind": "ClusterServiceVersion", "metadata": metadata})
        csv = kube.get(OLM, "ClusterServiceVersion", name, namespace) if name else None
        return csv if csv and csv.get("status", {}).get("phase") == "Succeeded" else None

    try:
        return until(installed, seconds=120)
    except AssertionError as error:
        seen = {
            kind: [(obj["metadata"]["name"], obj.get("status")) for obj in kube.list(OLM, kind, namespace)]
            for kind in ("Subscription", "InstallPlan", "ClusterServiceVersion")
        }
        raise AssertionError(f"{package} is not installed: {seen}") from error


@contextmanager
def recorded(
    kube: Kube, api_version: str, kind: str, name: str, namespace: str | None = None
) -> Iterator[list[Object]]:
    """Record every version of one object, also while it does not exist yet, in the order of the API server.

    At its end they are complete: what a GET shows may not have come by the watch yet.
    """
    versions: list[Object] = []
    listening = threading.Event()
    path = kube.path(api_version, kind, namespace=namespace)
    assert path, f"{kind} of {api_version} is not served"
    since = kube.request("GET", path)["metadata"]["resourceVersion"]
    before = version_of(kube.get(api_version, kind, name, namespace))

    def listen() -> None:
        listening.set()
        with suppress(HTTPError):  # the cluster went down
            for _, obj in kube.watch(api_version, kind, namespace, seconds=600, since=since):
                if obj["metadata"]["name"] == name:
                    versions.append(obj)

    threading.Thread(target=listen, daemon=True).start()
    listening.wait()
    yield versions
    known = {"", before}  # gone, or never written meanwhile
    until(lambda: version_of(kube.get(api_version, kind, name, namespace)) in {*known, *map(version_of, versions)})


def version_of(obj: Object | None) -> str:
    """Return the resourceVersion of an object; an empty text for none."""
    return str(obj["metadata"]["resourceVersion"]) if obj else ""


def distinct(values: list[Any]) -> list[Any]:
    """Return the values without repetitions in a row."""
    return [value for index, value in enumerate(values) if index == 0 or value != values[index - 1]]


def set_pods(kube: Kube, namespace: str, labels: str, state: str) -> None:
    """Put the pods into a state of sandbox/kwok/pods.yaml: Ready, NotReady, ImagePullBackOff, CrashLoopBackOff."""
    for pod in kube.list("v1", "Pod", namespace, labels):
        kube.patch(pod, {"metadata": {"annotations": {"sandbox.seldon/pod": state}}})


def decoded(secret: Object | None, key: str) -> str:
    """Return one value of a Secret as text. Raises KeyError when it is not there."""
    return base64.b64decode((secret or {})["data"][key]).decode()


def secrets(kube: Kube) -> set[str]:
    """Return the value of every Secret on the cluster, as text and as it stands in the Secret."""
    found: set[str] = set()
    for secret in kube.list("v1", "Secret"):
        for key, value in (secret.get("data") or {}).items():
            text = base64.b64decode(value).decode("utf-8", "replace").strip()
            if not OPEN.search(key) and len(text) >= 4 and text not in ("true", "false"):
                found |= {value, text, *(line for line in text.splitlines() if len(line) >= 40 and " " not in line)}
    return found
