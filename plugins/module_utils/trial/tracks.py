# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What a request leaves behind: its log in Elasticsearch, and the metric of its model in Thanos."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from ..checks.http import Answer
from .verdict import Verdict

COUNTER = "seldon_api_executor_server_requests_seconds_count"


def log_path(namespace: str, name: str) -> str:
    """Return the search for logs of a model: the request logger keeps an index for each."""
    return f"/{_pattern(namespace, name)}/_search?size=1&_source=false"


def indices_path(namespace: str, name: str) -> str:
    """Return the question for the names of a model's indices."""
    return f"/_cat/indices/{_pattern(namespace, name)}?format=json&h=index"


def _pattern(namespace: str, name: str) -> str:
    # Between the two words stand the kind of server and, where it is set, an environment; an endpoint may follow.
    return f"inference-log-*{namespace}-{name}*"


def indices(body: str) -> list[str]:
    """Return the names of the indices in an answer to `indices_path`; none of what can't be read."""
    return [entry["index"] for entry in _parsed(body, list) if isinstance(entry, dict) and "index" in entry]


def metric_path(namespace: str, name: str) -> str:
    """Return the query for the number of requests that the model's engine has counted."""
    return "/api/v1/query?query=" + quote(f'sum({COUNTER}{{namespace="{namespace}",deployment_name="{name}"}})')


def log_verdict(answer: Answer, name: str, why: str, do: str, secret: str) -> Verdict:
    """Return what Elasticsearch's answer to `log_path` says.

    why: what keeps logs from arriving, empty when nothing is known. do: the command for that. secret: whose login
    it was.
    """
    if answer.status != 200:
        return unanswered(answer, "Elasticsearch", secret, "ansible-playbook seldon.openshift.rotate", do)
    found = (_parsed(answer.body, dict).get("hits") or {}).get("hits") or []
    if found:
        return Verdict(f"found in {found[0].get('_index')}", good=True)
    return Verdict(_because(f"no index of Elasticsearch holds a request to {name}", why), do)


def metric_verdict(answer: Answer, name: str, why: str, do: str, secret: str) -> Verdict:
    """Return what Thanos' answer to `metric_path` says; the arguments are those of `log_verdict`."""
    if answer.status != 200:
        mend = "ansible-playbook seldon.openshift.site --tags monitoring"
        return unanswered(answer, "Thanos", secret, mend, do)
    found = (_parsed(answer.body, dict).get("data") or {}).get("result") or []
    if found and float(found[0]["value"][1]) > 0:
        return Verdict(f"{COUNTER} is {found[0]['value'][1]}", good=True)
    return Verdict(_because(f"Thanos has no {COUNTER} of {name}", why), do)


def unanswered(answer: Answer, who: str, secret: str, mend: str, do: str) -> Verdict:
    """Return what it means that `who` has not answered as asked: no right, no login, or not now."""
    if answer.refused:
        return Verdict(answer.body, "oc auth can-i create pods/portforward", final=True)
    if answer.status == 401:
        return Verdict(f"{who} does not accept the login of {secret} (HTTP 401)", mend, final=True)
    if answer.status == 403:
        return Verdict(f"{who} denies what {secret} asks (HTTP 403): a right lacks", mend, final=True)
    return Verdict(answer.body if answer.status == 0 else f"{who} answers HTTP {answer.status}", do)


def _because(said: str, why: str) -> str:
    return f"{said}; {why}" if why else said


def _parsed(body: str, shape: type) -> Any:
    try:
        found = json.loads(body)
    except ValueError:
        return shape()
    return found if isinstance(found, shape) else shape()
