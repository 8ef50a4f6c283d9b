"""PrometheusRules as prometheus-operator 0.57 treats them: checked at admission, enforced into their namespace.

Pure functions over a PrometheusRule's spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import promql_parser
import yaml
from promql_parser import Expr, Matcher, Matchers, MatchOp, MatrixSelector, VectorSelector

from sandbox.kube import Object

ENFORCED = "namespace"
RECORDING_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
STRATEGIES = ("", "abort", "warn")


def problems(spec: Object) -> list[str]:
    """Return why the rules are not valid, one sentence each, [] when they are."""
    return list(_problems(spec))


def _problems(spec: Object) -> Iterator[str]:
    groups = spec.get("groups", [])
    for group in groups:
        strategy = group.get("partial_response_strategy", "")
        if strategy.lower() not in STRATEGIES:
            yield f"invalid partial_response_strategy {strategy} value"
    names = [group["name"] for group in groups]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f'groupname: "{name}" is repeated in the same file'
    for group in groups:
        for number, rule in enumerate(group.get("rules", []), start=1):
            title = rule.get("record") or rule.get("alert")
            for problem in _problems_of_rule(rule):
                yield f'group "{group["name"]}", rule {number}, "{title}": {problem}'


def _problems_of_rule(rule: Object) -> Iterator[str]:
    try:
        promql_parser.parse(str(rule["expr"]))
    except ValueError as error:
        yield f"could not parse expression: {error}"
    if "record" in rule and not RECORDING_NAME.fullmatch(rule["record"]):
        yield f"invalid recording rule name: {rule['record']}"
    for kind in ("label", "annotation"):
        for name, text in rule.get(f"{kind}s", {}).items():
            if "{{" in text.rpartition("}}")[2]:
                yield f'{kind} "{name}": template: __alert_{rule.get("alert")}:1: unclosed action'


def rule_file(spec: Object, namespace: str) -> str:
    """Return the file that a ruler reads: every selector and every result is of `namespace`, whatever the rules say.

    Raises ValueError for rules that are not valid.
    """
    if found := problems(spec):
        raise ValueError("; ".join(found))
    groups = [
        group | {"rules": [_enforced_rule(rule, namespace) for rule in group.get("rules", [])]}
        for group in spec.get("groups", [])
    ]
    return yaml.safe_dump({"groups": groups}, width=1000)


def _enforced_rule(rule: Object, namespace: str) -> Object:
    labels = rule.get("labels", {}) | {ENFORCED: namespace}
    return rule | {"expr": enforced(str(rule["expr"]), namespace), "labels": labels}


def enforced(expression: str, namespace: str) -> str:
    """Return the expression with namespace="…" in each of its selectors, in place of what they say of namespaces."""

    def rewrite(node: Expr) -> Expr | None:
        if isinstance(node, VectorSelector):
            return promql_parser.parse(str(_with_namespace(node, namespace)))
        if isinstance(node, MatrixSelector):
            node.vector_selector = _with_namespace(node.vector_selector, namespace)
            return promql_parser.parse(str(node))
        return None

    return str(promql_parser.transform(promql_parser.parse(expression), rewrite))


def _with_namespace(selector: VectorSelector, namespace: str) -> VectorSelector:
    others = [matcher for matcher in selector.matchers.matchers if matcher.name != ENFORCED]
    selector.matchers = Matchers([*others, Matcher(MatchOp.Equal, ENFORCED, namespace)])
    return selector
