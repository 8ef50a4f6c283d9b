#!/usr/bin/env bash
# PostgreSQL for Model Catalogue
source person.sh

# oc new-app postgresql-persistent -n seldon-system -p …
kubectl create -f postgresql.yaml -n seldon-system

oc create secret generic -n seldon-system metadata-postgres \
    --from-literal=user=postgresql \
    --from-literal=password=postgresql \
    --from-literal=host=metadata.seldon-system.svc.cluster.local \
    --from-literal=port=5432 \
    --from-literal=dbname=metadata \
    --from-literal=sslmode=prefer
