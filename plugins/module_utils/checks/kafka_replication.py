# Copyright: Contributors to the seldon.openshift collection
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
"""Whether the brokers of a Kafka can hold as many replicas as its configuration wants: a pure function.

Strimzi refuses a replication factor above the number of brokers. It accepts a minimum of replicas in sync above the
replication factor, and then every write fails (Apache Kafka, broker configuration: `min.insync.replicas`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FACTORS = (
    "default.replication.factor",
    "offsets.topic.replication.factor",
    "transaction.state.log.replication.factor",
)
MINIMA = {
    "min.insync.replicas": "default.replication.factor",
    "transaction.state.log.min.isr": "transaction.state.log.replication.factor",
}
# What Kafka takes for an option that is left out.
DEFAULTS = {
    "default.replication.factor": 1,
    "min.insync.replicas": 1,
    "offsets.topic.replication.factor": 3,
    "transaction.state.log.min.isr": 2,
    "transaction.state.log.replication.factor": 3,
}


def replication_problems(cluster: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the replication of a Kafka of Strimzi, one line for each; none when all is well.

    Raises ValueError for an option that is no number.
    """
    spec = cluster["spec"]["kafka"]
    given, brokers = spec.get("config") or {}, int(spec["replicas"])
    config = {option: int(given.get(option, default)) for option, default in DEFAULTS.items()}
    return [f"{option} is {config[option]}, of {brokers} brokers" for option in FACTORS if config[option] > brokers] + [
        f"{option} is {config[option]}, of {config[factor]} replicas ({factor})"
        for option, factor in MINIMA.items()
        if config[option] > config[factor]
    ]
