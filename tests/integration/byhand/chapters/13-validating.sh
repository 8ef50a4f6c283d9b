#!/usr/bin/env bash
# Validating Installation
source person.sh

oc get gateway -n istio-system seldon-gateway
oc get route -n istio-system seldon-route
ready broker/default seldon-logs
for namespace in seldon-kafka seldon seldon-logs openshift-logging seldon-argocd seldon-system; do
    wait_for kubectl wait pod --all --for=condition=Ready --timeout=1s -n "$namespace"
done
wait_for kubectl wait pod --selector=app.kubernetes.io/name=seldon-deploy --for=condition=Ready --timeout=1s -n seldon-system
