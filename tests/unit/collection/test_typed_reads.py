"""No role or playbook reads a boolean or a number as it was typed; and what says so finds what it is there for."""

from __future__ import annotations

import pytest
import yaml

from tests.unit.collection.typed_reads import ENTRIES, in_yaml, places, raw_reads, reads, typed_variables

# Of Jinja's lexer, for a regular expression in a role.
pytestmark = pytest.mark.filterwarnings("ignore:invalid escape sequence:DeprecationWarning")
TYPES = {"flag": "bool", "number": "int", "gitops": "bool"}


def test_no_variable_is_read_as_it_was_typed() -> None:
    types = typed_variables()
    raw = [read for place in places() for read in raw_reads(place, types)]
    assert raw == [], "write `name | seldon.openshift.boolean` or `name | int`"


def test_every_boolean_and_number_is_read() -> None:
    types = typed_variables()
    seen = {name for place in places() for name, _ in reads(place, types)}
    assert types.keys() | ENTRIES <= seen


@pytest.mark.parametrize(
    "task",
    [
        "when: flag",
        "when: not flag",
        "when: [other, flag and other]",
        "when: flag | bool",
        "when: flag | default(false)",
        "when: flag | default(false) | bool",
        "when: other | default(flag)",
        "vars: {other: '{{ flag }}'}",
        "vars: {flag: '{{ number }}'}",
        "vars: {other: {flags: '{{ [] if flag else [1] }}'}}",
        "vars: {other: 'it is {{ flag }}'}",
        "vars: {other: '{% if flag %}x{% endif %}'}",
        "ansible.builtin.assert: {that: [flag]}",
        "failed_when: number > 3",
        "vars: {other: '{{ number }}'}",
        "vars: {other: '{{ number + 1 }}'}",
        "vars: {other: '{{ [number] }}'}",
        "vars: {other: '{{ number | to_json }}'}",
        "seldon.openshift.seldon_apply: {state: '{{ flag }}'}",
        "seldon.openshift.seldon_apply: {resources: [{spec: {timeout: '{{ number }}'}}]}",
        "loop: '{{ seldon_model_namespaces }}'",
        "vars: {other: '{{ seldon_model_namespaces | selectattr(\"gitops\") }}'}",
        "vars: {other: '{{ seldon_model_namespaces | map(attribute=\"v2\") }}'}",
        "when: seldon_deploy_merged.enableAppAuth",
        "when: seldon_core_v2_components.hodometer.enabled | default(true)",
    ],
)
def test_what_is_read_raw_is_found(task: str) -> None:
    assert [read for place in in_yaml(yaml.safe_load(task), "task", TYPES) for read in raw_reads(place, TYPES)] != []


@pytest.mark.parametrize(
    "task",
    [
        "when: flag | seldon.openshift.boolean",
        "when: flag | default(false) | seldon.openshift.boolean or other",
        "when: flag is defined",
        "when: number | int > 3",
        "vars: {flag: '{{ flag }}', number: '{{ number }}'}",
        "vars: {other: 'port {{ number }}'}",
        "vars: {other: '{{ host ~ \":\" ~ number }}'}",
        "vars: {other: '{{ number | string }}'}",
        "seldon.openshift.seldon_apply: {timeout: '{{ number }}', prune: '{{ flag }}'}",
        "vars: {other: '{{ ns | seldon.openshift.model_namespaces(seldon_model_namespaces) }}'}",
        "vars: {other: '{{ ns | seldon.openshift.model_namespaces([], gitops=gitops | default(none)) }}'}",
        "vars: {other: '{{ [1] + seldon_model_namespaces | map(attribute=\"name\") }}'}",
        "vars: {other: '{{ ([1] + seldon_model_namespaces) | map(attribute=\"name\") }}'}",
        "when: seldon_deploy_merged.enableAppAuth | seldon.openshift.boolean",
        "when: seldon_deploy_merged.gitops.git.secret",
    ],
)
def test_what_holds_for_texts_passes(task: str) -> None:
    assert [read for place in in_yaml(yaml.safe_load(task), "task", TYPES) for read in raw_reads(place, TYPES)] == []
