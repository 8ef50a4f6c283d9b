"""What ECK 2.5.0 refuses, at admission and, where that was bypassed, when it reconciles."""

from __future__ import annotations

import re

from sandbox.kube import Object
from sandbox.operators.eck.objects import written

Version = tuple[int, int, int]

# The certified operator runs with --ubi-only: Elastic's UBI images begin with 7.10.
OLDEST, NEWEST = (7, 10, 0), (8, 99, 99)
FIRST_OF_8 = (8, 0, 0)
LAST_OF_7 = (7, 17, 0)  # only from here is there a way to 8
LONGEST_NAME = 36
LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
NOT_A_SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    rf"'{LABEL}(\.{LABEL})*')"
)


def parse(version: str) -> Version | None:
    """Return the parts of a version, None when it is none."""
    match = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)(?:-[0-9A-Za-z.-]+)?", version)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def refusal(errors: list[str], es: Object) -> str:
    """Return the message about an object with these errors."""
    name = es["metadata"]["name"]
    found = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
    return f'Elasticsearch.elasticsearch.k8s.elastic.co "{name}" is invalid: {found}'


def errors_in(es: Object) -> list[str]:
    """Return what is wrong with the object by itself."""
    return [error for error in (_version(es), _names(es), _masters(es)) if error]


def errors_in_change(before: Object, after: Object) -> list[str]:
    """Return what is wrong with a change; only admission looks at that."""
    return [error for error in (_claims(before, after), _upgrade(before, after)) if error]


def _version(es: Object) -> str:
    version = es["spec"]["version"]
    parsed = parse(version)
    if parsed is None:
        form = "String format must be {major}.{minor}.{patch}[-{label}]"
        return f'spec.version: Invalid value: "{version}": Cannot parse Elasticsearch version. {form}'
    supported = OLDEST <= parsed <= NEWEST
    return "" if supported else f'spec.version: Invalid value: "{version}": Unsupported version'


def _names(es: Object) -> str:
    name = es["metadata"]["name"]
    if len(name) > LONGEST_NAME:
        problem = f"name exceeds maximum allowed length of {LONGEST_NAME}"
    else:
        sets = [node_set["name"] for node_set in es["spec"]["nodeSets"]]
        bad = [node_set for node_set in sets if not re.fullmatch(LABEL, node_set)]
        if not bad:
            return ""
        problem = f"invalid nodeSet name '{bad[0]}': [{NOT_A_SUBDOMAIN}]"
    would = "Elasticsearch configuration would generate resources with invalid names"
    return f'metadata.name: Invalid value: "{name}": {would}: {problem}'


def _masters(es: Object) -> str:
    if any(node_set.get("count", 0) > 0 for node_set in es["spec"]["nodeSets"]):
        return ""
    return "spec.nodeSets: Required value: Elasticsearch needs to have at least one master node"


def _claims(before: Object, after: Object) -> str:
    # Both as Go reads them: what is empty or written longer makes no difference.
    there = {each["name"]: written(each).get("volumeClaimTemplates") for each in before["spec"]["nodeSets"]}
    for index, node_set in enumerate(map(written, after["spec"]["nodeSets"])):
        wanted = node_set.get("volumeClaimTemplates")
        if node_set["name"] in there and wanted != there[node_set["name"]]:
            value = f"spec.nodeSet[{index}].volumeClaimTemplates: Invalid value: {_as_go(wanted)}"
            return (
                f"{value}: volume claim templates can only have their storage requests increased, if the storage class "
                "allows volume expansion. Any other change is forbidden"
            )
    return ""


def _as_go(claims: list[Object] | None) -> str:
    """Return claims as the webhook prints them, which is Go's `%#v`; some fields of many."""
    told = []
    for claim in claims or []:
        name = claim.get("metadata", {}).get("name", "")
        size = claim.get("spec", {}).get("resources", {}).get("requests", {}).get("storage", "")
        told.append(
            f'v1.PersistentVolumeClaim{{TypeMeta:v1.TypeMeta{{Kind:"", APIVersion:""}}, ObjectMeta:v1.ObjectMeta{{Name:'
            f'"{name}"}}, Spec:v1.PersistentVolumeClaimSpec{{Resources:v1.ResourceRequirements{{Requests:'
            f'v1.ResourceList{{"storage":resource.Quantity{{s:"{size}"}}}}}}}}}}'
        )
    return f"[]v1.PersistentVolumeClaim{{{', '.join(told)}}}"


def _upgrade(before: Object, after: Object) -> str:
    old, new = parse(before["spec"]["version"]), parse(after["spec"]["version"])
    if old is None or new is None:
        return ""
    value = f'spec.version: Invalid value: "{after["spec"]["version"]}"'
    if new < old:
        return f"{value}: Downgrades are not supported"
    if old < LAST_OF_7 and new >= FIRST_OF_8:
        path = "Unsupported version upgrade path. Check the Elasticsearch documentation for supported upgrade paths."
        return f"{value}: {path}"
    return ""
