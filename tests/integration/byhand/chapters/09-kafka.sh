#!/usr/bin/env bash
# Kafka
source person.sh

subscribe amq-streams redhat-operators stable
installed amq-streams

oc create namespace seldon-kafka
console kafka.yaml
ready kafka/seldon seldon-kafka
