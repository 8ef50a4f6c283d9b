# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""The Secret that holds an Alertmanager's configuration on OpenShift 4.11, and edits of it that never break it.

The cluster monitoring operator makes the Secret once, with the platform's routes, and leaves it to the administrator.
What it holds reaches Alertmanager unchecked: a bad one stops the next start, an empty one drops every alert.
"""

from __future__ import annotations

import base64
from collections.abc import Callable

from ..apply.ownership import carries_us
from ..kube.errors import EngineError
from ..kube.kinds import SECRET
from ..kube.objects import Object, Reference, section
from ..kube.secrets import encoded
from .alertmanager import receiver_names
from .alertmanager_check import check, parsed
from .embedded import Settings, Uneditable, Unparsable, rewrite
from .managed import unmanaged

KEY = "alertmanager.yaml"
MANAGED_ADVICE = (
    "Configure the receiver there, or by AlertmanagerConfig objects; -e seldon_conflicts=force writes all the same."
)


def secret(name: str, namespace: str) -> Object:
    """Return the Secret without content."""
    return SECRET.named(name, namespace).bare()


def configuration(obj: Object | None) -> Settings | None:
    """Return the configuration in a Secret, None when there is none. Raises EngineError when it can't be used."""
    text = _text(obj) if obj else ""
    return _checked(obj, parsed, text) if obj and text else None


def editing(change: Callable[[Settings], Settings], needed: bool, force: bool) -> Callable[[Object], Object]:
    """Return the function that applies `change` to the configuration in a Secret.

    The configuration has to be there if `needed`, else there is nothing to do without one. The function raises
    EngineError for a configuration that `check` refuses, before or after the change, and for a change of what
    another controller manages, unless `force`.
    """

    def mutate(obj: Object) -> Object:
        there = configuration(obj)
        if there is None:
            if needed:
                raise EngineError(_missing(obj))
            return obj
        text = _rewritten(obj, _checked(obj, change, there))
        if text == _text(obj):
            return obj
        return {**obj, "data": {**obj["data"], KEY: encoded(text)}}

    return mutate if force else unmanaged(mutate, MANAGED_ADVICE)


class NeedsConsent(EngineError):
    """The configuration has a receiver of our name that somebody else made, and would change it."""

    def __init__(self, before: Object, after: Object) -> None:
        super().__init__("it has a receiver of that name already, which this collection did not make")
        self.before = before
        self.after = after


def with_consent(
    mutate: Callable[[Object], Object], name: str, edited: Callable[[], bool]
) -> Callable[[Object], Object]:
    """Return `mutate` for Secrets whose receiver `name`, if any, is ours; the function raises NeedsConsent for others.

    edited: whether we have edited the Secret before, which it does not tell once somebody else has replaced it.
    """

    def guarded(obj: Object) -> Object:
        wanted = mutate(obj)
        there = configuration(obj)
        if wanted != obj and there and name in receiver_names(there) and not carries_us(obj) and not edited():
            raise NeedsConsent(obj, wanted)
        return wanted

    return guarded


def _rewritten(obj: Object, wanted: Settings) -> str:
    try:
        return rewrite(_text(obj), wanted, parsed)
    except Uneditable as error:
        raise EngineError(
            f"{Reference.of(obj)}: its {KEY} can't be edited: {error}. It is unchanged. Write it out in full there, or "
            f"make the change by hand. {_advice(obj)}"
        ) from None


def _text(obj: Object) -> str:
    try:
        return base64.b64decode(section(obj, "data").get(KEY) or "").decode()
    except ValueError:
        raise EngineError(
            f"{Reference.of(obj)}: its {KEY} is not UTF-8 text. It is unchanged. {_advice(obj)}"
        ) from None


def _checked(obj: Object, make: Callable[..., Settings], source: str | Settings) -> Settings:
    try:
        made = make(source)
        check(made)
    except ValueError as error:
        reason = f"can't be parsed: {error}" if isinstance(error, Unparsable) else f"can't be edited: {error}"
        raise EngineError(f"{Reference.of(obj)}: its {KEY} {reason}. It is unchanged. {_advice(obj)}") from None
    return made


def _missing(obj: Object) -> str:
    if "uid" not in obj["metadata"]:
        return (
            f"{Reference.of(obj)} does not exist (yet): OpenShift's monitoring makes it with the platform's routes and "
            "has to come first. Check the name, and: oc get clusteroperator monitoring"
        )
    return (
        f"{Reference.of(obj)} has no value under {KEY}, so Alertmanager drops every alert. Delete it, and "
        "OpenShift's monitoring makes it again with the platform's routes."
    )


def _advice(obj: Object) -> str:
    where = obj["metadata"]
    return f"Look at it: oc -n {where['namespace']} extract secret/{where['name']} --keys={KEY} --to=-"
