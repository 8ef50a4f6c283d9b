"""Replication factors against brokers, and minima of replicas in sync against replication factors."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.seldon.openshift.plugins.module_utils.checks.kafka_replication import replication_problems

GUIDE = {
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
    "default.replication.factor": 3,
    "min.insync.replicas": 1,
}
ONE = {**dict.fromkeys(GUIDE, 1)}


@pytest.mark.parametrize(
    ("brokers", "config", "problems"),
    [
        (3, GUIDE, []),
        (5, GUIDE, []),
        (1, ONE, []),
        (3, {}, []),
        (3, None, []),
        (3, {**GUIDE, "default.replication.factor": "2", "min.insync.replicas": "2"}, []),
        (
            3,
            {**GUIDE, "min.insync.replicas": 4},
            ["min.insync.replicas is 4, of 3 replicas (default.replication.factor)"],
        ),
        (
            2,
            GUIDE,
            [
                "default.replication.factor is 3, of 2 brokers",
                "offsets.topic.replication.factor is 3, of 2 brokers",
                "transaction.state.log.replication.factor is 3, of 2 brokers",
            ],
        ),
        (
            1,
            {**ONE, "transaction.state.log.min.isr": 2},
            ["transaction.state.log.min.isr is 2, of 1 replicas (transaction.state.log.replication.factor)"],
        ),
        (
            1,
            {},
            [
                "offsets.topic.replication.factor is 3, of 1 brokers",
                "transaction.state.log.replication.factor is 3, of 1 brokers",
            ],
        ),
    ],
)
def test_replication_problems(brokers: int, config: Any, problems: list[str]) -> None:
    assert replication_problems({"spec": {"kafka": {"replicas": brokers, "config": config}}}) == problems
