"""What is no longer wanted goes, whoever else owns the blocks around it: seldon_apply against a real API server."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.modules import seldon_apply
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from sandbox.kube import Object
from tests.integration.cluster import Cluster
from tests.integration.engine import Result, run

HOME = "withdrawn"
OPERATOR = "some-operator"
NUMBERS = itertools.count()


def struct(required: tuple[str, ...] = (), /, **properties: Object) -> Object:
    return {"type": "object", "properties": properties, **({"required": list(required)} if required else {})}


def listed(items: Object, **kind: Any) -> Object:
    return {"type": "array", "items": items, **{f"x-kubernetes-list-{key}": value for key, value in kind.items()}}


INTEGER, TEXT, BOOLEAN = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
SPEC = struct(
    base=INTEGER,
    plain=struct(status=INTEGER, b=TEXT, deep=struct(c=BOOLEAN, d=INTEGER)),
    needy=struct(("enabled",), enabled=BOOLEAN, size=INTEGER, inner=struct(("on",), on=BOOLEAN, more=TEXT)),
    free={"type": "object", "additionalProperties": TEXT},
    rich={"type": "object", "additionalProperties": struct(x=INTEGER, y=TEXT)},
    parts=listed(
        struct(("name",), name=TEXT, size=INTEGER, more=struct(x=INTEGER)), type="map", **{"map-keys": ["name"]}
    ),
    names=listed(TEXT, type="set"),
    atoms=listed(TEXT),
    any={"type": "object", "x-kubernetes-preserve-unknown-fields": True},
)


def chosen(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Object]:
    """Any of the fields; none at all is an empty mapping."""
    return st.fixed_dictionaries({}, optional=fields)


NUMBER, WORD = st.integers(0, 2), st.sampled_from(["", "x", "y"])
NAMED = {
    name: chosen(size=NUMBER, more=chosen(x=NUMBER)).map(lambda part, n=name: {"name": n, **part}) for name in "pq"
}
SPECS = chosen(
    plain=chosen(status=NUMBER, b=WORD, deep=chosen(c=st.booleans(), d=NUMBER)),
    needy=st.fixed_dictionaries(
        {"enabled": st.booleans()},
        optional={"size": NUMBER, "inner": st.fixed_dictionaries({"on": st.booleans()}, optional={"more": WORD})},
    ),
    free=chosen(**{"a": WORD, "b.c/d~e": WORD}),
    rich=chosen(k=chosen(x=NUMBER, y=WORD)),
    parts=st.lists(st.one_of(*NAMED.values()), max_size=2, unique_by=lambda part: part["name"]),
    names=st.lists(st.sampled_from("ab"), max_size=2, unique=True),
    atoms=st.lists(st.sampled_from("ab"), max_size=2),
    any=chosen(x=chosen(y=NUMBER), z=WORD),
)
# What an operator writes that marshals whole structs: its blocks are there, often empty.
WRITTEN = {
    "plain": {"deep": {}},
    "needy": {"enabled": False, "inner": {"on": False}},
    "free": {},
    "rich": {"k": {}},
    "parts": [{"name": "p", "more": {}}],
    "any": {"x": {}},
}


@pytest.fixture(scope="module")
def cluster(shared_cluster: Cluster) -> Iterator[Cluster]:
    names = {"kind": "Block", "plural": "blocks"}
    schema = {"openAPIV3Schema": {"type": "object", "properties": {"spec": SPEC}}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "blocks.test.seldon.openshift"},
        "spec": {
            "group": "test.seldon.openshift",
            "scope": "Namespaced",
            "names": names,
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    home = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    assert "failed" not in run(seldon_apply, shared_cluster, resources=[definition, home])
    yield shared_cluster
    shared_cluster.kube.delete(home)


def block(name: str, spec: Object) -> Object:
    """An object of the test; of the specification, `base` is always wanted."""
    metadata = {"name": name, "namespace": HOME}
    return {
        "apiVersion": "test.seldon.openshift/v1",
        "kind": "Block",
        "metadata": metadata,
        "spec": {"base": 1, **spec},
    }


def apply(cluster: Cluster, wanted: Object, check: bool = False) -> Result:
    return run(seldon_apply, cluster, check, resources=[wanted], conflicts="force")


def completed(cluster: Cluster, obj: Object, written: Object) -> None:
    """Let the operator write the whole object with what it adds where nothing is."""
    live = cluster.kube.get(obj["apiVersion"], obj["kind"], obj["metadata"]["name"], HOME)
    assert live
    cluster.kube.replace({**live, "spec": merged(written, live["spec"])}, OPERATOR)


def merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        both = {key: merged(one[key], other[key]) for key in one.keys() & other.keys()}
        return {**one, **other, **both}
    if isinstance(one, list) and isinstance(other, list) and all(isinstance(item, dict) for item in one + other):
        parts = merged({item["name"]: item for item in one}, {item["name"]: item for item in other})
        return list(parts.values())
    return other


def leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    """Return the values by their paths; items by their names, what is empty not at all."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = {item["name"]: item for item in value}
    if isinstance(value, dict):
        return {at: leaf for key, below in value.items() for at, leaf in leaves(below, (*path, key)).items()}
    return {path: value}


def has_null(value: Any) -> bool:
    if isinstance(value, (dict, list)):
        return any(map(has_null, value.values() if isinstance(value, dict) else value))
    return value is None


@given(first=SPECS, then=SPECS, blocks=st.sets(st.sampled_from(sorted(WRITTEN))), again=st.booleans())
@example(first={"needy": {"enabled": True}}, then={}, blocks={"needy"}, again=False)
@example(first={"needy": {"enabled": True, "inner": {"on": True}}}, then={}, blocks={"needy"}, again=True)
@example(first={"plain": {"deep": {"c": True}}}, then={"plain": {"deep": {}}}, blocks={"plain"}, again=True)
@example(first={"free": {"a": "x", "b.c/d~e": "y"}, "any": {"x": {"y": 1}}}, then={}, blocks=set(WRITTEN), again=False)
@example(
    first={"parts": [{"name": "p", "size": 1, "more": {"x": 1}}]},
    then={"parts": [{"name": "p"}]},
    blocks={"parts"},
    again=True,
)
@example(
    first={"parts": [{"name": "p", "more": {"x": 0}}]},
    then={"parts": [{"name": "q"}, {"name": "p", "more": {}}]},
    blocks=set(),
    again=False,
)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_any_fields_given_and_taken_back(
    cluster: Cluster, first: Object, then: Object, blocks: set[str], again: bool
) -> None:
    name = f"b{next(NUMBERS)}"
    written = {key: WRITTEN[key] for key in blocks}
    apply(cluster, block(name, {}))
    completed(cluster, block(name, {}), written)
    assert "failed" not in apply(cluster, block(name, first))
    if again:
        completed(cluster, block(name, {}), written)
    before = cluster.kube.get("test.seldon.openshift/v1", "Block", name, HOME)

    foreseen = apply(cluster, block(name, then), check=True)
    done = apply(cluster, block(name, then))
    assert "failed" not in done, done
    assert "failed" not in foreseen, foreseen
    assert (foreseen["changed"], foreseen["results"]) == (done["changed"], done["results"])

    live = cluster.kube.get("test.seldon.openshift/v1", "Block", name, HOME)
    assert live
    assert before
    assert not has_null(live["spec"])
    found, wanted, given_before, theirs = map(leaves, (live["spec"], block(name, then)["spec"], first, written))
    assert wanted.items() <= {**found, **{path: [] for path, value in wanted.items() if value == []}}.items()
    for path, value in found.items():
        if path not in wanted and path in given_before:
            assert value in (theirs.get(path), type(value)()), (path, value)
    for path, value in theirs.items():
        if path not in wanted and path not in given_before:
            assert found[path] == value
    second = apply(cluster, block(name, then))
    assert not second["changed"], second


def omitted(value: Any) -> Any:
    """Return what Go writes of a structure: no zeros but those that the definition requires, and structures."""
    if isinstance(value, list):
        return [omitted(item) for item in value]
    if not isinstance(value, dict):
        return value
    stays = ("enabled", "on", "plain", "deep", "needy", "inner", "k", "more")
    return {
        key: item if key in ("free", "any") else omitted(item) for key, item in value.items() if item or key in stays
    }


@given(first=SPECS, then=SPECS)
@example(first={"plain": {"status": 0, "b": "", "deep": {"c": False}}}, then={"plain": {"status": 1}})
@example(first={"parts": [{"name": "p", "size": 0}], "any": {}}, then={"parts": [{"name": "p", "size": 1}]})
@example(first={"free": {"a": ""}, "rich": {"k": {"x": 0}}}, then={"free": {}, "plain": {"status": 0}})
@example(first={"plain": {"status": 1}}, then={"plain": {"status": 0}})
@example(first={}, then={"plain": {"deep": {}}, "names": [], "atoms": []})
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_zeros_that_an_operator_omits_are_sent_once(cluster: Cluster, first: Object, then: Object) -> None:
    name = f"z{next(NUMBERS)}"

    def given_twice(spec: Object) -> None:
        explicit = {"explicit": {"spec": spec}}
        assert "failed" not in run(seldon_apply, cluster, resources=[block(name, spec)], conflicts="force", **explicit)
        live = cluster.kube.get("test.seldon.openshift/v1", "Block", name, HOME) or {}
        written = cluster.kube.replace({**live, "spec": omitted(live["spec"])}, OPERATOR)
        for check in (True, False):
            again = run(seldon_apply, cluster, check, resources=[block(name, spec)], conflicts="force", **explicit)
            assert not again["changed"], (again, written)

    given_twice(first)
    given_twice(then)


def test_what_the_definition_does_not_take_is_told_by_the_variable_that_gave_it(cluster: Cluster) -> None:
    """Also what is not ours, and also in check mode."""
    given_by = {"my_overrides": ".spec"}
    wrong = {"plane": {}, "plain": {"deep": {"c": "yes"}}, "needy": {"enabled": True, "sise": 1}}
    for check in (True, False):
        refused = run(seldon_apply, cluster, check, resources=[block("misspelt", wrong)], given_by=given_by)
        assert refused["failed"]
        for words in (
            "my_overrides.plane (.spec.plane of Block) is no field; did you mean plain?",
            "my_overrides.plain.deep.c (.spec.plain.deep.c of Block) is a text, and has to be true or false",
            "my_overrides.needy.sise (.spec.needy.sise of Block) is no field; did you mean size?",
        ):
            assert words in refused["msg"]
    assert cluster.kube.get("test.seldon.openshift/v1", "Block", "misspelt", HOME) is None
    cluster.kube.create(block("misspelt", {}))
    adopted = run(seldon_apply, cluster, resources=[block("misspelt", wrong)], given_by=given_by, adopt=True)
    assert "my_overrides.plane (.spec.plane of Block) is no field" in adopted["msg"]
