#!/usr/bin/env bash
# Container Logs Forwarding
source person.sh

oc create namespace openshift-logging
oc label namespace openshift-logging openshift.io/cluster-monitoring=true
group openshift-logging openshift-logging
subscribe cluster-logging redhat-operators stable openshift-logging
installed cluster-logging openshift-logging

console cluster-logging.yaml

ELASTIC_PASSWORD=$(kubectl get secret elasticsearch-seldon-es-elastic-user -n seldon-logs -o go-template='{{.data.elastic | base64decode}}')
wait_for kubectl get secret -n seldon-logs elasticsearch-seldon-es-http-certs-public
kubectl get secret -n seldon-logs elasticsearch-seldon-es-http-certs-public -o go-template='{{index .data "tls.crt" | base64decode }}' > ca-bundle.crt

kubectl create secret generic seldon-elasticsearch -n openshift-logging \
    --from-literal=username="elastic" \
    --from-literal=password="${ELASTIC_PASSWORD}" \
    --from-file=./ca-bundle.crt \
    --dry-run=client -o yaml | kubectl apply -f -

console cluster-log-forwarder.yaml
kubectl apply -f networkpolicy-seldoncontainerlogs.yaml
