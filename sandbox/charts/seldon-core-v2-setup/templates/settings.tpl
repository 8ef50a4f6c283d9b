---
apiVersion: v1
kind: ConfigMap
metadata:
  name: seldon-manager-config
  namespace: '{{ .Release.Namespace }}'
data:
  controller_manager_config.yaml: "leaderElection: {leaderElect: true}"
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: seldon-agent
  namespace: '{{ .Release.Namespace }}'
data:
  agent.json: "{}"
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: seldon-kafka
  namespace: '{{ .Release.Namespace }}'
data:
  kafka.json: {{ dict "bootstrap.servers" .Values.kafka.bootstrap "debug" .Values.kafka.debug | toJson | quote }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: seldon-tracing
  namespace: '{{ .Release.Namespace }}'
data:
  tracing.json: {{ dict "enable" .Values.opentelemetry.enable "endpoint" .Values.opentelemetry.endpoint | toJson | quote }}
---
apiVersion: v1
kind: Secret
metadata:
  name: seldon-rclone-gs-public
  namespace: '{{ .Release.Namespace }}'
stringData:
  rclone-gs-public.yaml: "{type: google cloud storage, name: gs, parameters: {anonymous: true}}"
