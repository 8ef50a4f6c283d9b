#!/usr/bin/env bash
# Seldon Core V2
source person.sh

helm repo add seldon-charts "$CHARTS"
helm repo update seldon-charts

helm upgrade seldon-core-v2-crds seldon-charts/seldon-core-v2-crds \
    --version 2.1.0 \
    --namespace seldon-system \
    --install

helm upgrade seldon-core-v2-components seldon-charts/seldon-core-v2-setup \
    --version 2.1.0 \
    -f components-values.yaml \
    --namespace seldon \
    --install

helm upgrade seldon-core-v2-servers seldon-charts/seldon-core-v2-servers \
    --version 2.1.0 \
    -f servers-values.yaml \
    --namespace seldon \
    --install

kubectl apply -f seldon-mesh-vs.yaml
