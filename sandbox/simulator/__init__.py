"""The frame of the simulated operators: declare an Operator, write reconcile functions that read like a description.

    kafka = Operator("kafka")

    @kafka.reconciles("kafka.strimzi.io/v1beta2", "Kafka", watches=[("apps/v1", "StatefulSet")])
    def reconcile(cluster: Cluster, obj: Object) -> float | None:
        if wait := cluster.pause(obj, "kafka.brokers"):
            return wait                                    # called again after these seconds
        cluster.apply(stateful_set(...))
        cluster.set_status(obj, {...})                     # written only when it differs
        return None                                        # called again when something changes

`sandbox.simulator.objects` makes Kubernetes objects and conditions.
"""

from sandbox.simulator.cluster import Cluster
from sandbox.simulator.operator import Operator, owned
from sandbox.simulator.settings import Faults, Profile

__all__ = ["Cluster", "Faults", "Operator", "Profile", "owned"]
