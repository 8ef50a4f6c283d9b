#!/usr/bin/env bash
# ArgoCD
source person.sh

oc create ns seldon-gitops
oc label ns seldon-gitops seldon.restricted=false --overwrite=true
oc label ns seldon-gitops seldon.gitops=enabled --overwrite=true
oc annotate ns seldon-gitops git-repo="$GIT_REPOSITORY" --overwrite=true
oc label namespace seldon-gitops argocd.argoproj.io/managed-by=seldon-argocd

KUBE_EDITOR="sed -i 's/^  - seldon-system$/&\n  - seldon-gitops/'" oc edit smmr default -n istio-system
oc apply -f networkpolicy-monitoring.yaml -n seldon-gitops
oc apply -f networkpolicy-detectors.yaml -n seldon-gitops
oc apply -f seldon-podmonitor.yaml -n seldon-gitops
oc apply -f model-usage-prometheus-rules.yaml -n seldon-gitops

subscribe openshift-gitops-operator redhat-operators latest
installed openshift-gitops-operator

oc create namespace seldon-argocd
console argocd.yaml

kubectl create secret generic git-creds -n seldon-system \
    --from-file=id_rsa="${GIT_SSH_PATH}" \
    --from-file=known_hosts="${GIT_KNOWN_HOSTS_PATH}" \
    --from-literal=passphrase="" \
    --from-literal=username="${GIT_USER}" \
    --from-literal=email="${GIT_EMAIL}" \
    --dry-run=client -o yaml | kubectl apply -f -

sed -i "s#https://github.com/<your-organization>/<private-repo>#$GIT_REPOSITORY#" argocd-*.yaml
oc apply -f argocd-repository.yaml
oc apply -f argocd-project.yaml
oc apply -f argocd-application.yaml
