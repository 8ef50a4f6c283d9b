#!/usr/bin/env bash
# OpenShift Serverless
source person.sh

oc create namespace openshift-serverless
group openshift-serverless
subscribe serverless-operator redhat-operators stable openshift-serverless
installed serverless-operator openshift-serverless

wait_for oc get namespace knative-eventing knative-serving
wait_for console knative.yaml
ready knativeeventing/knative-eventing knative-eventing
ready knativeserving/knative-serving knative-serving

has_rules webhook.eventing.knative.dev
wait_for oc apply -f eventing-broker.yaml
kubectl apply -f networkpolicy-seldon-logs.yaml
oc apply -f networkpolicy-detectors.yaml -n seldon
