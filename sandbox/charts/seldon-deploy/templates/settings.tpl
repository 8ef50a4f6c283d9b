---
apiVersion: v1
kind: ConfigMap
metadata:
  name: seldon-deploy-config
  namespace: {{ .Release.Namespace }}
  labels: {{ include "labels" . }}
data:
  settings.json: {{ pick .Values "applicationLogs" "elasticsearch" "prometheus" "seldon" "skipVerifyHttpCalls" | toJson | quote }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: seldon-deploy-feature-flags
  namespace: {{ .Release.Namespace }}
  labels: {{ include "labels" . }}
data:
  flags: ""
