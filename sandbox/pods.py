"""How the pods of a sandbox live: the profile's latency and the faults of pods, filled into KWOK's stages."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sandbox.simulator.settings import Fault, Profile

STAGES = Path(__file__).parent / "kwok" / "pods.yaml"
READY = '.status.conditions.[] | select(.type == "Ready") | .status'
ANNOTATION = '.metadata.annotations["sandbox.seldon/pod"]'
# Secrets that a container's environment needs, and what sandbox/operators/environment.py says of them.
SECRETS = "(.spec.containers[], .spec.initContainers[]?) | .env[]?.valueFrom.secretKeyRef // empty"
NEEDED = f"[{SECRETS} | select(.optional | not)]"
LACKING = '.metadata.annotations["sandbox.seldon/environment"]'
UNSTARTED = f'({NEEDED} | length > 0) and {LACKING} != "found"'
# The states that stages/pods.yaml knows, by the name of the fault.
STATES = {"pod-image-pull": "ImagePullBackOff", "pod-crash-loop": "CrashLoopBackOff", "pod-not-ready": "NotReady"}


def stages(profile: Profile, faults: list[Fault]) -> str:
    """Return KWOK's stages of pods, as YAML.

    A fault (`fault` is a key of STATES) keeps the pods whose `namespace` and `name` match its patterns (*, ?) in that
    state, until such a pod gets the annotation `sandbox.seldon/pod: Ready`.
    """
    text = STAGES.read_text(encoding="utf-8")
    filled = {
        "@state@": _quoted(_state([entry for entry in faults if entry["fault"] in STATES])),
        "@ready@": _quoted(READY),
        "@lacking@": _quoted(LACKING),
        "'@milliseconds@'": str(round(profile.seconds("pods.ready") * 1000)),
    }
    for name, value in filled.items():
        text = text.replace(name, value)
    return text


def _state(faults: list[Fault]) -> str:
    """Return the jq expression of the state that a pod shall be in."""
    branches = [f"if {_matches(entry)} then {json.dumps(STATES[entry['fault']])}" for entry in faults]
    branches.append(f'if {UNSTARTED} then "CreateContainerConfigError"')
    return f'{ANNOTATION} // ({" el".join(branches)} else "Ready" end)'


def _matches(entry: Fault) -> str:
    tests = [
        f"(.metadata.{key} | test({json.dumps(_expression(entry[key]))}))"
        for key in ("namespace", "name")
        if key in entry
    ]
    return " and ".join(tests) or "true"


def _expression(pattern: str) -> str:
    """Return the pattern as a regular expression of Go, which knows less than what fnmatch.translate makes use of."""
    return "^" + re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".") + r"\z"


def _quoted(expression: str) -> str:
    """Return the expression for a single-quoted string of YAML."""
    return expression.replace("'", "''")
