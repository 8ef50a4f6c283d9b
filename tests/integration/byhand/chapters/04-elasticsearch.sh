#!/usr/bin/env bash
# Elasticsearch
source person.sh

subscribe elasticsearch-eck-operator-certified certified-operators stable
installed elasticsearch-eck-operator-certified

console elasticsearch.yaml
wait_for kubectl get secret elasticsearch-seldon-es-elastic-user -n seldon-logs

ELASTIC_PASSWORD=$(kubectl get secret elasticsearch-seldon-es-elastic-user -n seldon-logs -o go-template='{{.data.elastic | base64decode}}')

kubectl create secret generic elastic-credentials -n seldon-logs \
    --from-literal=username="elastic" \
    --from-literal=password="${ELASTIC_PASSWORD}" \
    --dry-run=client -o yaml | kubectl apply -f -

kubectl create secret generic elastic-credentials -n seldon-system \
    --from-literal=username="elastic" \
    --from-literal=password="${ELASTIC_PASSWORD}" \
    --dry-run=client -o yaml | kubectl apply -f -
