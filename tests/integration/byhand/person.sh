#!/usr/bin/env bash
# What a person is: oc's commands by kubectl, the console's forms as the objects they make, and patience.
set -euo pipefail
trap 'echo "$0, line $LINENO: $BASH_COMMAND" >&2' ERR

oc() { kubectl "$@"; }

# The console writes by its browser's name.
console() { kubectl create --field-manager=Mozilla --filename="$1"; }

# wait_for COMMAND…: until it succeeds, at most three minutes.
wait_for() {
    local deadline=$((SECONDS + 180))
    until "$@" &> .waiting; do
        ((SECONDS < deadline)) || { echo "not within 180 s: $*: $(cat .waiting)" >&2 && return 1; }
        sleep 0.5
    done
}

# subscribe PACKAGE CATALOGUE CHANNEL [NAMESPACE]: OperatorHub's button Install, with the default options.
subscribe() {
    kubectl create --field-manager=Mozilla --filename=- << YAML
apiVersion: operators.coreos.com/v1alpha1
kind: Subscription
metadata:
  name: $1
  namespace: ${4:-openshift-operators}
spec:
  channel: $3
  installPlanApproval: Automatic
  name: $1
  source: $2
  sourceNamespace: openshift-marketplace
YAML
}

# group NAMESPACE [TARGET]: the OperatorGroup that the console makes with an operator's own namespace.
group() {
    kubectl create --field-manager=Mozilla --filename=- << YAML
apiVersion: operators.coreos.com/v1
kind: OperatorGroup
metadata:
  generateName: $1-
  namespace: $1
spec:
  targetNamespaces: [${2:-}]
  upgradeStrategy: Default
YAML
}

# installed PACKAGE [NAMESPACE]: the list of installed operators says Succeeded.
installed() { wait_for _succeeded "$1" "${2:-openshift-operators}"; }

_succeeded() {
    local csv lost
    csv=$(kubectl get subscriptions.operators.coreos.com "$1" --namespace="$2" --output=jsonpath='{.status.installedCSV}')
    if [[ -z $csv ]]; then
        # OLM at times loses the race for the status of the Subscription whose CSV it has made, and never recovers.
        lost=$(kubectl get subscriptions.operators.coreos.com "$1" --namespace="$2" --output=jsonpath='{.status.conditions[*].message}' |
            sed -n 's/.*clusterserviceversion \([^ ]*\) exists and is not referenced by a subscription.*/\1/p')
        [[ -z $lost ]] || kubectl delete csv "$lost" --namespace="$2"
        return 1
    fi
    [[ $(kubectl get csv "$csv" --namespace="$2" --output=jsonpath='{.status.phase}') == Succeeded ]]
}

# has_rules WEBHOOK: its operator has completed it; no person is as quick as that.
has_rules() { wait_for _has_rules "$1"; }

_has_rules() { [[ -n $(kubectl get mutatingwebhookconfiguration "$1" --output=jsonpath='{.webhooks[0].rules}') ]]; }

# ready RESOURCE NAMESPACE [CONDITION]: its condition is true, once it is there.
ready() { wait_for kubectl wait "$1" --namespace="$2" --for=condition="${3:-Ready}" --timeout=1s; }
