"""Configurations of Alertmanager, valid ones, as hypothesis draws them: what they say, and how it is laid out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

Draw = Any

# Texts of scalars that YAML 1.1, Go's yaml.v2 and people read differently; all of them are strings to Alertmanager.
TEXTS = (
    "0011223344556677",
    "1.10",
    "1e5",
    "12:30",
    "0o14",
    "0x1F",
    "1_000",
    "+49301234",
    "2022-01-01",
    "no",
    "y",
    "'off'",
    '"null"',
    "'007'",
    "=",
    '"a # b: c"',
    "plain text",
    "'it''s'",
    '"\\u00e9 \\"x\\""',
    "ünï→😀",
)
NAMES = ("007", "yes", '"null"', "1.10", "on-call", "'team a'", "0x1F", '"deploy"')
LABELS = ("severity", "release", "team", "namespace")
BLOCKS = ("|\n{}line\n{}  # no comment\n{}{{{{ .x }}}}", ">-\n{}folded\n\n{}text", "|+\n{}kept\n")


@dataclass(frozen=True)
class Raw:
    """A scalar as it stands in the text."""

    text: str


@st.composite
def configurations(draw: Draw) -> str:
    """Draw the text of a configuration."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
    intervals = draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True))
    config = {"route": _root(draw, names, intervals), "receivers": [_receiver(draw, name) for name in names]}
    if intervals:
        config["time_intervals"] = [{"name": Raw(name)} for name in intervals]
    if draw(st.booleans()):
        config["global"] = {"resolve_timeout": Raw("5m"), "smtp_auth_password": Raw(draw(st.sampled_from(TEXTS)))}
    keys = draw(st.permutations(list(config)))
    body = _block(draw, {key: config[key] for key in keys}, "")
    head, foot = (
        draw(st.sampled_from(("", "---\n", "\ufeff"))),
        draw(st.sampled_from(("", "---\n", "...\n", "# end\n"))),
    )
    text = f"{head}{body}\n{foot}"
    # A block of text at the very end would become another text with every line that follows it.
    if not foot and not body.endswith(("}}", "text", "kept\n")) and draw(st.booleans()):
        text = text[:-1]
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def _root(draw: Draw, names: list[str], intervals: list[str]) -> Any:
    route: dict[str, Any] = {"receiver": Raw(draw(st.sampled_from(names)))}
    if draw(st.booleans()):
        route["group_wait"] = Raw("10s")
    routes = draw(st.sampled_from(("missing", "null", "~", "none", "some", "some")))
    if routes in ("null", "~"):
        route["routes"] = Raw({"null": "", "~": "~"}[routes])
    elif routes != "missing":
        count = 0 if routes == "none" else draw(st.integers(1, 3))
        route["routes"] = [_route(draw, names, intervals, 1) for _ in range(count)]
    keys = draw(st.permutations(list(route)))
    return {key: route[key] for key in keys}


def _route(draw: Draw, names: list[str], intervals: list[str], depth: int) -> Any:
    route: dict[str, Any] = {"receiver": Raw(draw(st.sampled_from(names)))}
    value = Raw(draw(st.sampled_from(TEXTS)))
    for field in draw(st.lists(st.sampled_from(("match", "matchers", "continue", "muted", "routes")), unique=True)):
        if field == "match":
            route["match"] = {draw(st.sampled_from(LABELS)): value}
        elif field == "matchers":
            route["matchers"] = [Raw('severity = "critical"'), Raw("'team =~ \"a|b\"'")]
        elif field == "continue":
            route["continue"] = Raw(draw(st.sampled_from(("true", "yes", "y", "on", "No", "false", "~"))))
        elif field == "muted" and intervals:
            route["mute_time_intervals"] = [Raw(draw(st.sampled_from(intervals)))]
        elif field == "routes" and depth:
            route["routes"] = [_route(draw, names, intervals, depth - 1)]
    keys = draw(st.permutations(list(route)))
    return {key: route[key] for key in keys}


def _receiver(draw: Draw, name: str) -> Any:
    receiver: dict[str, Any] = {"name": Raw(name)}
    text = Raw(draw(st.sampled_from(TEXTS)))
    kind = draw(st.sampled_from(("none", "pagerduty", "slack", "webhook")))
    if kind == "pagerduty":
        receiver["pagerduty_configs"] = [{"service_key": text}]
    elif kind == "slack":
        block = Raw(draw(st.sampled_from(BLOCKS)))
        receiver["slack_configs"] = [{"api_url": Raw("http://x/y"), "channel": text, "text": block}]
    elif kind == "webhook":
        receiver["webhook_configs"] = [{"url": Raw("http://x/y#c"), "send_resolved": Raw("no")}]
    return receiver


def _block(draw: Draw, value: Any, indent: str) -> str:
    """Return the lines of a collection in block style, without the last line's end."""
    lines = []
    for key, each in value.items() if isinstance(value, dict) else [(None, item) for item in value]:
        if draw(st.integers(0, 5)) == 0:
            lines.append(draw(st.sampled_from(("", f"{indent}# of the platform team", f"{indent}    # deeper"))))
        entry = f"- {_item(draw, each, indent)}" if key is None else f"{key}:{_value(draw, each, indent)}"
        lines.append(indent + entry)
    return "\n".join(lines)


def _item(draw: Draw, item: Any, indent: str) -> str:
    if isinstance(item, Raw) or (draw(st.integers(0, 4)) == 0 and not _has_block(item)):
        return _flow(item)
    first, *rest = _block(draw, item, f"{indent}  ").split("\n")
    return "\n".join([first.lstrip(), *rest])


def _value(draw: Draw, value: Any, indent: str) -> str:
    comment = draw(st.sampled_from(("", "", "  # why", "\t# tab")))
    if isinstance(value, Raw):
        if value.text in BLOCKS:
            return " " + value.text.format(*[f"{indent}  "] * 3)
        return f" {value.text}{comment}" if value.text else comment.replace("\t", " ")
    if not value or (draw(st.integers(0, 3)) == 0 and not _has_block(value)):
        return f" {_flow(value)}{comment}"
    deeper = "  " if isinstance(value, dict) else draw(st.sampled_from(("", "  ", "    ")))
    return f"{comment}\n{_block(draw, value, indent + deeper)}"


def _has_block(value: Any) -> bool:
    if isinstance(value, Raw):
        return value.text in BLOCKS
    return any(map(_has_block, value.values() if isinstance(value, dict) else value))


def _flow(value: Any) -> str:
    if isinstance(value, Raw):
        return value.text
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_flow(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(map(_flow, value)) + "]"
