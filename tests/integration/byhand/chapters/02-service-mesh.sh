#!/usr/bin/env bash
# OpenShift Service Mesh
source person.sh

subscribe jaeger-product redhat-operators stable
subscribe kiali-ossm redhat-operators stable
subscribe servicemeshoperator redhat-operators stable
installed jaeger-product
installed kiali-ossm
installed servicemeshoperator

oc create namespace istio-system
console control-plane.yaml
console member-roll.yaml
ready smcp/basic istio-system

wait_for oc apply -f istio-gateway.yaml

INGRESS_DOMAIN=$(oc get ingresses.config/cluster -o jsonpath='{.spec.domain}')
sed -i "s/<Ingress_Domain>/$INGRESS_DOMAIN/" seldon-route.yaml
oc apply -f seldon-route.yaml
