# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""What is to be done with a release: what Helm has to do, and what is done here, without starting it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..apply.changes import CHANGED, Change
from ..apply.policy import REFUSE, Policy, policy_of
from ..kube.client import Client
from ..kube.errors import ApiError, EngineError
from ..kube.kinds import SECRET
from ..kube.objects import Object, Objects, Reference
from ..kube.polling import NotYet, Progress, poll_until
from ..kube.rights import is_forbidden
from . import release as helm_release
from . import told
from .charts import same_chart, wanted_chart
from .drift import as_helm_writes
from .foreseen import with_manifest
from .live import Found, Until, find, marks
from .mend import Mended, Mender
from .recovery import mark_failed, settled
from .release import Chart
from .values import value_changes

Result = dict[str, Any]
NOTHING, ASK, INSTALL, UPGRADE, UNINSTALL = "none", "ask", "install", "upgrade", "uninstall"
GONE = "uninstalled"


@dataclass(frozen=True)
class Wanted:
    """A release as it is wanted. chart: None when only its repository knows the version."""

    name: str
    namespace: str
    chart: Chart | None
    values: Object
    policy: Policy
    several: bool

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Wanted:
        """Return it from a module's options. Raises EngineError without a chart."""
        if not params["chart_ref"]:
            raise EngineError("state present needs chart_ref: the chart's name, or the path of its folder or archive.")
        chart = wanted_chart(params["chart_ref"], params["chart_version"])
        values, policy = params["values"] or {}, policy_of(params)
        return cls(params["name"], params["namespace"], chart, values, policy, params["several"])


def decide(client: Client, params: Mapping[str, Any], progress: Progress) -> Result:
    """Recover an interrupted release, put its objects right, and return the module's result. Raises EngineError."""
    name, namespace, grace_period = params["name"], params["namespace"], params["grace_period"]
    deadline = time.monotonic() + grace_period + params["timeout"]
    wanted = Wanted.of(params) if params["state"] == "present" else None
    records = settled(client, name, namespace, grace_period, deadline, progress)
    last = helm_release.newest(records)
    if wanted is None:
        return _removal(client, last, name, namespace, deadline)
    task = _Task(client, wanted, deadline, progress)
    if last is None or helm_release.status(last) == GONE:
        return task.install()
    if helm_release.status(last) == helm_release.DEPLOYED:
        return with_manifest(client, params, last, task.compare(records, last))
    task.fail_without_consent(records, last)
    return poll_until(
        lambda: task.recover(settled(client, name, namespace, grace_period, deadline, progress)),
        deadline,
        progress,
        f"waiting for a Helm that is at work on {namespace}/{name}",
    )


def _removal(client: Client, last: Object | None, name: str, namespace: str, deadline: float) -> Result:
    there = last is not None and helm_release.status(last) != GONE
    if last is None or not there:
        return {"changed": False, "helm": NOTHING, **_state(last)}
    if helm_release.status(last) in helm_release.AT_WORK:  # kubernetes.core.helm leaves one that is `uninstalling`
        mark_failed(client, last, deadline)
    parts = [told.of_release(name, namespace, "deleted")]
    return {"changed": True, "helm": UNINSTALL, **_state(last), "results": told.results(parts)}


class _Task:
    def __init__(self, client: Client, wanted: Wanted, deadline: float, progress: Progress) -> None:
        self._client = client
        self._wanted = wanted
        self._deadline = deadline
        self._mender = Mender(client, wanted.policy, deadline, progress)

    def install(self) -> Result:
        parts = [self._release("created", value_changes({}, self._wanted.values))]
        result = {"changed": True, "helm": INSTALL, **_state(None), "results": told.results(parts)}
        elsewhere = [] if self._wanted.several else self._elsewhere()
        warnings = [self._second(home) for home in elsewhere]
        return {**result, "diff": told.diff(parts), **({"warnings": warnings} if warnings else {})}

    def compare(self, records: Objects, last: Object) -> Result:
        """Return the result for a release that Helm finished."""
        found = find(Until(self._client, self._deadline), self._objects(last))
        return {**self._judge(records, last, found), "marks": marks(found)}

    def _judge(self, records: Objects, last: Object, found: list[Found]) -> Result:
        changes = self._changes(last)
        seen = self._mender.look(found)
        release = self._release("updated" if changes else "unchanged", changes)
        different = [part for part in (release, *seen) if part.action != "unchanged"]
        drifted = [part for part in seen if part.action != "unchanged"]
        if different and not helm_release.is_marked(records) and not self._wanted.policy.consents:
            return self._refused(
                last, [release, *seen], told.foreign(self._wanted.name, self._wanted.namespace, different)
            )
        conflicts = [part for part in seen if part.conflicts]
        if conflicts and self._wanted.policy.conflicts == REFUSE:
            return self._refused(last, [release, *seen], told.refusal(conflicts))
        if changes:
            return self._result(UPGRADE, last, [release, *seen])
        return self._settle(last, release, found if drifted else [], seen)

    def _settle(self, last: Object, release: Mended, found: list[Found], seen: list[Mended]) -> Result:
        """Put right what drifted, and mark the release as ours."""
        parts = [release, *(self._mender.mend(found) if found else seen)]
        self._mark(last)
        result = self._result(NOTHING if self._wanted.chart else ASK, last, parts)
        if any(part.action == "failed" for part in parts):
            result.update(failed=True, msg=told.failure(parts))
        return result

    def fail_without_consent(self, records: Objects, last: Object) -> None:
        """Raise EngineError for a release of others that works in an earlier revision, and is not to be changed."""
        works = any(helm_release.status(record) == helm_release.DEPLOYED for record in records)
        if works and not helm_release.is_marked(records) and not self._wanted.policy.consents:
            release = self._release("failed", [])
            part = Mended(release.obj, message=f"its last revision is {helm_release.status(last)}")
            raise EngineError(told.foreign(self._wanted.name, self._wanted.namespace, [part]))

    def recover(self, records: Objects) -> Result:
        """Return the result for a release that a Helm left half done. Raises NotYet when one is at work after all."""
        last = helm_release.newest(records)
        if last is None:
            return self.install()
        status = helm_release.status(last)
        if status == helm_release.DEPLOYED:
            return self.compare(records, last)
        if helm_release.to_recover(last) and not mark_failed(self._client, last, self._deadline):
            raise NotYet(status)
        result = self._result(UPGRADE, last, [self._release("updated", [])])
        number, home = helm_release.revision(last), f"{self._wanted.namespace}/{self._wanted.name}"
        said = f"revision {number} of the Helm release {home} was {status}: its changes are applied again."
        return {**result, "warnings": [said]}

    def _changes(self, last: Object) -> list[Change]:
        chart, there = self._wanted.chart, helm_release.chart(last)
        changes = value_changes(helm_release.values(last), self._wanted.values)
        if chart is None or same_chart(chart, there):
            return changes
        fields = {
            ".chart": (there.name, chart.name),
            ".chart.version": (there.version, chart.version),
            ".chart.appVersion": (there.app_version, chart.app_version or there.app_version),
        }
        return [
            Change(path, one, other, fate=CHANGED) for path, (one, other) in fields.items() if one != other
        ] + changes

    def _objects(self, last: Object) -> Objects:
        name, home = self._wanted.name, self._wanted.namespace
        return [as_helm_writes(obj, name, home) for obj in helm_release.objects(last)]

    def _release(self, action: str, changes: list[Change]) -> Mended:
        return told.of_release(self._wanted.name, self._wanted.namespace, action, changes)

    def _result(self, helm: str, last: Object, parts: list[Mended]) -> Result:
        # What is left now is overwritten by Helm; what it leaves is seen afterwards.
        warnings = [] if helm == UPGRADE else told.warnings(parts)
        return {
            "changed": any(part.action not in ("unchanged", "failed") for part in parts),
            "helm": helm,
            **_state(last),
            "results": told.results(parts),
            "diff": told.diff(parts),
            **({"warnings": warnings} if warnings else {}),
        }

    def _refused(self, last: Object, parts: list[Mended], message: str) -> Result:
        result = self._result(NOTHING, last, told.as_refused(parts))
        return {**result, "changed": False, "failed": True, "msg": message}

    def _mark(self, last: Object) -> None:
        if not helm_release.is_marked([last]):
            body = {"metadata": {"labels": helm_release.MARK}}
            self._client.patch(Reference.of(last).bare(), body, deadline=self._deadline)

    def _elsewhere(self) -> list[str]:
        """Return the other namespaces that have a release of this name, as far as we may look."""
        try:
            records = self._client.list(SECRET, None, helm_release.selector(self._wanted.name), deadline=self._deadline)
        except ApiError as error:
            if is_forbidden(error):
                return []
            raise
        homes = {record["metadata"]["namespace"] for record in records if helm_release.status(record) != GONE}
        return sorted(homes - {self._wanted.namespace})

    def _second(self, home: str) -> str:
        name = self._wanted.name
        return (
            f"namespace {home} has a Helm release {name} as well: with a second one in {self._wanted.namespace}, Helm "
            f"refuses objects of the whole cluster that are the first one's. To see it: helm status {name} -n {home}"
        )


def _state(last: Object | None) -> Result:
    if last is None:
        return {"status": None, "revision": None}
    return {"status": helm_release.status(last), "revision": helm_release.revision(last)}
