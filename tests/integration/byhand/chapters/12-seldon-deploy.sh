#!/usr/bin/env bash
# Seldon Deploy
source person.sh

# What is downloaded in the guide, packed.
helm pull seldon-charts/seldon-deploy --untar --untardir seldon-deploy-install/helm-charts
helm upgrade seldon-deploy ./seldon-deploy-install/helm-charts/seldon-deploy/ \
    -f values-openshift.yaml \
    --namespace=seldon-system \
    --install
