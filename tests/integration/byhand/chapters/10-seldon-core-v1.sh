#!/usr/bin/env bash
# Seldon Core V1
source person.sh

subscribe seldon-operator-certified certified-operators stable
installed seldon-operator-certified

cat > edit-csv.sh << 'SED'
sed -i -e '/name: ISTIO_ENABLED$/{n;s/value:.*/value: "true"/}' \
    -e '/name: EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT$/{n;s#value:.*#value: http://broker-ingress.knative-eventing.svc.cluster.local/seldon-logs/default#}' "$1"
SED
CSV=$(oc get subscriptions.operators.coreos.com seldon-operator-certified -n openshift-operators -o jsonpath='{.status.installedCSV}')
KUBE_EDITOR="bash edit-csv.sh" oc edit csv "$CSV" -n openshift-operators
