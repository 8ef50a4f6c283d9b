"""What Cluster Logging 5.5 finds in a forwarder: which inputs, outputs and pipelines are good. Pure functions."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandbox.kube import Object
from sandbox.simulator.objects import now

RESERVED_INPUTS = ("application", "infrastructure", "audit")
READY = ("Ready", "True", "", "")
FindSecret = Callable[[str], Object | None]
Verdict = tuple[str, str, str, str]  # type, status, reason, message
Verdicts = dict[str, list[Verdict]]


@dataclass(frozen=True)
class Verified:
    """The verdicts on the parts of a forwarder and on the whole, and what of it can run."""

    overall: list[Verdict]
    inputs: Verdicts
    outputs: Verdicts
    pipelines: Verdicts
    refused: bool  # the parts were not looked at
    configuration: Object  # what the collector is to do, empty when nothing

    def status(self, before: Object) -> Object:
        """Return the forwarder's status; every time is new, whether or not anything has changed."""
        parts = {"inputs": self.inputs, "outputs": self.outputs, "pipelines": self.pipelines}
        found = {name: {key: written(one) for key, one in part.items()} for name, part in parts.items() if part}
        if self.refused:
            found = {name: before[name] for name in parts if name in before}
        return {"conditions": written(self.overall), **found}

    @property
    def hash(self) -> str:
        """The hash of the collector's configuration: secrets count by their keys, not by their values."""
        text = json.dumps(self.configuration, sort_keys=True)
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def written(verdicts: list[Verdict]) -> list[Object]:
    """Return verdicts as conditions."""
    return [
        {"type": type_, "status": status, "lastTransitionTime": now()}
        | ({"reason": reason} if reason else {})
        | ({"message": message} if message else {})
        for type_, status, reason, message in verdicts
    ]


def bad(reason: str, message: str) -> list[Verdict]:
    """Return the verdicts on a part that is not ready."""
    return [("Ready", "False", reason, message)]


def verify(spec: Object, secret: FindSecret, store: bool = False) -> Verified:
    """Return the verdicts on a forwarder's spec; `secret` finds the secrets that outputs name.

    store: whether the cluster has a log store of its own, the output `default`.
    """
    if problem := _json_without_index(spec):
        return Verified(bad("Invalid", problem), {}, {}, {}, refused=True, configuration={})
    outputs = {output["name"]: _output(output, secret) for output in spec.get("outputs") or []}
    good_outputs = {name for name, verdicts in outputs.items() if verdicts == [READY]}
    if store:
        good_outputs.add("default")
    own = {entry["name"] for entry in spec.get("inputs") or []}
    known_inputs = {*RESERVED_INPUTS, *(own - {*RESERVED_INPUTS})}
    pipelines, running = _pipelines(spec, known_inputs, good_outputs)
    used = sorted({name for pipeline in running for name in pipeline["inputRefs"]})
    return Verified(
        overall=_overall(pipelines),
        inputs={name: [READY] for name in used},
        outputs=outputs,
        pipelines=pipelines,
        refused=False,
        configuration=_configuration(spec, running, secret) if running else {},
    )


def _output(output: Object, secret: FindSecret) -> list[Verdict]:
    if output["type"] == "elasticsearch" and not output.get("url"):
        return bad("Invalid", f"URL is required for output type {output['type']}")
    if not output.get("secret"):
        return [READY]
    name = output["secret"]["name"]
    found = secret(name)
    if found is None:
        return bad("MissingResource", f'secret "{name}" not found')
    if _has(found, "username") and not _has(found, "password"):
        return bad("MissingResource", "cannot have username without password")
    return [READY]


def _has(secret: Object, key: str) -> bool:
    return bool(base64.b64decode((secret.get("data") or {}).get(key, "")))


def _pipelines(spec: Object, inputs: set[str], outputs: set[str]) -> tuple[Verdicts, list[Object]]:
    """Return the verdicts by name, and the pipelines that can run with what is good of them."""
    verdicts: Verdicts = {}
    running = []
    for index, pipeline in enumerate(spec.get("pipelines") or []):
        name = pipeline.get("name") or f"pipeline_{index}_"
        if name in verdicts:
            verdicts[f"pipeline_{index}_"] = bad("Invalid", f'duplicate name "{name}"')
            continue
        good_in, bad_in = _split(pipeline.get("inputRefs"), inputs)
        good_out, bad_out = _split(pipeline.get("outputRefs"), outputs)
        problems = [f"unrecognized inputs: {_listed(bad_in)}"] if bad_in else []
        problems += [f"unrecognized outputs: {_listed(bad_out)}"] if bad_out else []
        if good_in and good_out:
            degraded = ("Degraded", "True", "Invalid", f"invalid: {', '.join(problems)}")
            verdicts[name] = [degraded, READY] if problems else [READY]
            running.append({**pipeline, "inputRefs": good_in, "outputRefs": good_out})
            continue
        problems += ([] if good_in else ["no valid inputs"]) + ([] if good_out else ["no valid outputs"])
        verdicts[name] = bad("Invalid", f"invalid: {', '.join(problems)}")
    return verdicts, running


def _split(names: list[str] | None, known: set[str]) -> tuple[list[str], list[str]]:
    names = names or []
    return [name for name in names if name in known], [name for name in names if name not in known]


def _overall(pipelines: Verdicts) -> list[Verdict]:
    invalid = [name for name, verdicts in pipelines.items() if READY not in verdicts]
    degraded = [name for name, verdicts in pipelines.items() if len(verdicts) > 1]
    if pipelines and len(invalid) == len(pipelines):
        return bad("Invalid", f"all pipelines invalid: {_listed(invalid)}")
    if not invalid and not degraded:
        return [READY]
    message = f"degraded pipelines: invalid {_listed(invalid)}, degraded {_listed(degraded)}"
    some = ("Ready", "True", "Invalid", "Some pipelines are degraded or invalid") if degraded else READY
    return [("Degraded", "True", "Invalid", message), some]


def _json_without_index(spec: Object) -> str:
    """Return why logs that are parsed as JSON would have no index, '' when they have one or none are."""
    defaults = (spec.get("outputDefaults") or {}).get("elasticsearch") or {}
    outputs = {output["name"]: output for output in spec.get("outputs") or []}
    for pipeline in spec.get("pipelines") or []:
        for name in pipeline.get("outputRefs") or [] if pipeline.get("parse") == "json" else []:
            output = outputs.get(name, {})
            index = defaults | (output.get("elasticsearch") or {})
            keys = {"structuredTypeKey", "structuredTypeName"}
            if output.get("type") == "elasticsearch" and not keys & index.keys():
                return (
                    "validation failed: structuredTypeKey or structuredTypeName must be defined for Elasticsearch "
                    f'output named "{name}" when JSON parsing is enabled on pipeline "{pipeline.get("name", "")}" that '
                    "references it"
                )
    return ""


def _configuration(spec: Object, running: list[Object], secret: FindSecret) -> Object:
    """Return what the collector's configuration is made of."""
    used = {name for pipeline in running for name in pipeline["outputRefs"]}
    outputs: list[Any] = []
    for output in spec.get("outputs") or []:
        if output["name"] in used:
            named = (output.get("secret") or {}).get("name")
            keys = sorted(((secret(named) if named else None) or {}).get("data") or {})
            outputs.append({**output, "keys": keys})
    return {"inputs": spec.get("inputs") or [], "outputs": outputs, "pipelines": running}


def _listed(names: list[str]) -> str:
    """Return names as Go prints a list."""
    return f"[{' '.join(names)}]"
