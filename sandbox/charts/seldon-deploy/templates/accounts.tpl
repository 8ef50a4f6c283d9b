---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{ include "labels" . }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: seldon-deploy-role
  labels: {{ include "labels" . }}
rules:
  - apiGroups: [""]
    resources: [namespaces, pods, pods/log, events, services]
    verbs: [get, list, watch]
  - apiGroups: [machinelearning.seldon.io, mlops.seldon.io, serving.knative.dev, eventing.knative.dev]
    resources: ["*"]
    verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: seldon-deploy-role
  labels: {{ include "labels" . }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: seldon-deploy-role}
subjects:
  - {kind: ServiceAccount, name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}
{{- $places := dict "seldon-deploy-logs" .Values.requestLogger.namespace.name }}
{{- if .Values.gitops.argocd.enabled }}
{{- $places = set $places "seldon-deploy-argocd" .Values.gitops.argocd.namespace }}
{{- end }}
{{- range $name, $namespace := $places }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $name }}
  namespace: {{ $namespace }}
  labels: {{ include "labels" $ }}
rules:
  - apiGroups: ["", apps, argoproj.io, serving.knative.dev, eventing.knative.dev]
    resources: ["*"]
    verbs: ["*"]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $name }}
  namespace: {{ $namespace }}
  labels: {{ include "labels" $ }}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: {{ $name }}}
subjects:
  - {kind: ServiceAccount, name: {{ $.Release.Name }}, namespace: {{ $.Release.Namespace }}}
{{- end }}
