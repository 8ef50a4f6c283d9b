#!/usr/bin/env bash
# OpenShift Monitoring
source person.sh

oc apply -f monitoring-configmaps.yaml
wait_for kubectl get serviceaccount prometheus-user-workload -n openshift-user-workload-monitoring

# On a real cluster, the token's Secret comes with the ServiceAccount.
kubectl create -f token.yaml
wait_for oc get secret prometheus-user-workload-token-9f2kq -n openshift-user-workload-monitoring -o go-template='{{.data.token}}'

SECRET=$(oc get secret -n openshift-user-workload-monitoring | grep prometheus-user-workload-token | head -n 1 | awk '{print $1 }')
TOKEN=$(oc get secret "$SECRET" -n openshift-user-workload-monitoring -o go-template='{{.data.token | base64decode}}')
echo -n "$TOKEN" > jwt-seldon.txt
oc create secret generic jwt-seldon -n seldon-system --from-file=./jwt-seldon.txt -o yaml --dry-run=client | kubectl apply -f -

oc apply -f networkpolicy-monitoring.yaml -n seldon-system
oc apply -f networkpolicy-monitoring.yaml -n seldon
oc apply -f deploy-podmonitor.yaml -n seldon-system
oc apply -f seldon-podmonitor.yaml -n seldon
oc apply -f model-usage-prometheus-rules.yaml -n seldon
oc apply -n seldon-system -f user-alerts.yaml
oc apply -n seldon-system -f infra-alerts.yaml

# OpenShift's documentation: take the configuration out, edit it, put it back.
oc get secret alertmanager-main -n openshift-monitoring -o go-template='{{index .data "alertmanager.yaml" | base64decode}}' > alertmanager.yaml
sed -i '/^"receivers":/r receiver.txt' alertmanager.yaml
cat route.txt >> alertmanager.yaml
oc create secret generic alertmanager-main -n openshift-monitoring --from-file=alertmanager.yaml --dry-run=client -o yaml |
    oc replace -n openshift-monitoring --filename=-
