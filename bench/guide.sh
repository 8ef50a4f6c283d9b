#!/usr/bin/env bash
# The guide's own commands, chapter by chapter, in the form that can be repeated: what it creates is applied, forms of
# the console are the objects that they make. A run over an installed cluster changes nothing. It is run in a folder
# with the YAML that the guide prints; CHARTS, GIT_REPOSITORY and GIT_*_PATH are what it leaves to its reader.
set -euo pipefail
trap 'echo "ERROR: line $LINENO: $BASH_COMMAND" >&2' ERR

oc() { kubectl "$@"; }
namespace() { oc create namespace "$1" --dry-run=client -o yaml | kubectl apply -f -; }

# subscribe PACKAGE CATALOGUE CHANNEL [NAMESPACE]: OperatorHub's button Install, with the default options.
subscribe() {
    kubectl apply -f - << YAML
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

echo "== Preparation"
namespace seldon-logs
namespace seldon-system
namespace seldon
oc label namespace seldon seldon.restricted=false --overwrite=true

echo "== OpenShift Service Mesh"
subscribe jaeger-product redhat-operators stable
subscribe kiali-ossm redhat-operators stable
subscribe servicemeshoperator redhat-operators stable
namespace istio-system
oc apply -f control-plane.yaml
grep -q seldon-gitops member-roll.yaml || echo '    - seldon-gitops' >> member-roll.yaml
oc apply -f member-roll.yaml
oc apply -f istio-gateway.yaml
INGRESS_DOMAIN=$(oc get ingresses.config/cluster -o jsonpath='{.spec.domain}')
sed -i "s/<Ingress_Domain>/$INGRESS_DOMAIN/" seldon-route.yaml
oc apply -f seldon-route.yaml

echo "== OpenShift Serverless"
namespace openshift-serverless
subscribe serverless-operator redhat-operators stable openshift-serverless
oc apply -f knative.yaml
oc apply -f eventing-broker.yaml
kubectl apply -f networkpolicy-seldon-logs.yaml
oc apply -f networkpolicy-detectors.yaml -n seldon

echo "== Elasticsearch"
subscribe elasticsearch-eck-operator-certified certified-operators stable
oc apply -f elasticsearch.yaml
ELASTIC_PASSWORD=$(kubectl get secret elasticsearch-seldon-es-elastic-user -n seldon-logs -o go-template='{{.data.elastic | base64decode}}')
for NAMESPACE in seldon-logs seldon-system; do
    kubectl create secret generic elastic-credentials -n "$NAMESPACE" \
        --from-literal=username="elastic" \
        --from-literal=password="${ELASTIC_PASSWORD}" \
        --dry-run=client -o yaml | kubectl apply -f -
done

echo "== Container Logs Forwarding"
namespace openshift-logging
oc label namespace openshift-logging openshift.io/cluster-monitoring=true --overwrite=true
subscribe cluster-logging redhat-operators stable openshift-logging
oc apply -f cluster-logging.yaml
ELASTIC_PASSWORD=$(kubectl get secret elasticsearch-seldon-es-elastic-user -n seldon-logs -o go-template='{{.data.elastic | base64decode}}')
kubectl get secret -n seldon-logs elasticsearch-seldon-es-http-certs-public -o go-template='{{index .data "tls.crt" | base64decode }}' > ca-bundle.crt
kubectl create secret generic seldon-elasticsearch -n openshift-logging \
    --from-literal=username="elastic" \
    --from-literal=password="${ELASTIC_PASSWORD}" \
    --from-file=./ca-bundle.crt \
    --dry-run=client -o yaml | kubectl apply -f -
oc apply -f cluster-log-forwarder.yaml
kubectl apply -f networkpolicy-seldoncontainerlogs.yaml

echo "== OpenShift Monitoring"
oc apply -f monitoring-configmaps.yaml
oc get pods -n openshift-user-workload-monitoring
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
oc get secret alertmanager-main -n openshift-monitoring -o go-template='{{index .data "alertmanager.yaml" | base64decode}}' > alertmanager.yaml
if ! grep -q deploy-webhook alertmanager.yaml; then
    sed -i '/^"receivers":/r receiver.txt' alertmanager.yaml
    cat route.txt >> alertmanager.yaml
fi
oc create secret generic alertmanager-main -n openshift-monitoring --from-file=alertmanager.yaml --dry-run=client -o yaml |
    oc replace -n openshift-monitoring --filename=-

echo "== PostgreSQL for Model Catalogue"
# What `oc new-app postgresql-persistent` makes.
kubectl apply -f postgresql.yaml -n seldon-system
oc create secret generic -n seldon-system metadata-postgres \
    --from-literal=user=postgresql \
    --from-literal=password=postgresql \
    --from-literal=host=metadata.seldon-system.svc.cluster.local \
    --from-literal=port=5432 \
    --from-literal=dbname=metadata \
    --from-literal=sslmode=prefer \
    --dry-run=client -o yaml | kubectl apply -f -

echo "== ArgoCD"
namespace seldon-gitops
oc label ns seldon-gitops seldon.restricted=false --overwrite=true
oc label ns seldon-gitops seldon.gitops=enabled --overwrite=true
oc annotate ns seldon-gitops git-repo="$GIT_REPOSITORY" --overwrite=true
oc label namespace seldon-gitops argocd.argoproj.io/managed-by=seldon-argocd --overwrite=true
oc apply -f networkpolicy-monitoring.yaml -n seldon-gitops
oc apply -f networkpolicy-detectors.yaml -n seldon-gitops
oc apply -f seldon-podmonitor.yaml -n seldon-gitops
oc apply -f model-usage-prometheus-rules.yaml -n seldon-gitops
subscribe openshift-gitops-operator redhat-operators latest
namespace seldon-argocd
oc apply -f argocd.yaml
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

echo "== Kafka"
subscribe amq-streams redhat-operators stable
namespace seldon-kafka
oc apply -f kafka.yaml

echo "== Seldon Core V1"
subscribe seldon-operator-certified certified-operators stable
cat > edit-csv.sh << 'SED'
sed -i -e '/name: ISTIO_ENABLED$/{n;s/value:.*/value: "true"/}' \
    -e '/name: EXECUTOR_REQUEST_LOGGER_DEFAULT_ENDPOINT$/{n;s#value:.*#value: http://broker-ingress.knative-eventing.svc.cluster.local/seldon-logs/default#}' "$1"
SED
CSV=$(oc get subscriptions.operators.coreos.com seldon-operator-certified -n openshift-operators -o jsonpath='{.status.installedCSV}')
KUBE_EDITOR="bash edit-csv.sh" oc edit csv "$CSV" -n openshift-operators

echo "== Seldon Core V2"
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

echo "== Seldon Deploy"
# What is downloaded in the guide, packed.
[[ -d seldon-deploy-install ]] || helm pull seldon-charts/seldon-deploy --untar --untardir seldon-deploy-install/helm-charts
helm upgrade seldon-deploy ./seldon-deploy-install/helm-charts/seldon-deploy/ \
    -f values-openshift.yaml \
    --namespace=seldon-system \
    --install

echo "== Validating Installation"
oc get gateway -n istio-system seldon-gateway
oc get route -n istio-system seldon-route
oc get broker -n seldon-logs
oc get networkpolicy -n seldon-system
oc get networkpolicy -n seldon-logs
for NAMESPACE in seldon seldon-gitops; do
    oc get networkpolicy -n "$NAMESPACE"
    oc get podmonitor,prometheusrules -n "$NAMESPACE"
done
oc get podmonitor,prometheusrules -n seldon-system
oc get pods -n seldon-kafka
oc get pods -n seldon
oc get pods -n seldon-system
