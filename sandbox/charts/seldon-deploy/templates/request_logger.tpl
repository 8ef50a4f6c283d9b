{{- with .Values.requestLogger }}
{{- if .create }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: seldon-request-logger
  namespace: {{ .namespace.name }}
  labels: {{ include "labels" $ }}
spec:
  replicas: {{ .replicas }}
  selector:
    matchLabels: {app: seldon-request-logger}
  template:
    metadata:
      labels: {app: seldon-request-logger}
    spec:
      containers:
        - name: user-container
          image: {{ .image }}
          ports: [{containerPort: 8080}]
          env:
            - name: ELASTICSEARCH_HOST
              value: {{ .elasticsearch.host }}
            - name: ELASTICSEARCH_PORT
              value: {{ .elasticsearch.port | quote }}
            - name: ELASTICSEARCH_PROTOCOL
              value: {{ .elasticsearch.protocol }}
            {{- if .kafka_consumer.enabled }}
            - name: KAFKA_BOOTSTRAP_SERVERS
              value: {{ .kafka_consumer.bootstrap_servers }}
            {{- end }}
            {{- if $.Values.metadata.pg.enabled }}
            - name: DEPLOY_API_HOST
              value: {{ .deployHost }}
            {{- end }}
            {{- if $.Values.elasticsearch.basicAuth }}
            {{- with $.Values.elasticsearch.secret }}
            {{- include "fromSecret" (dict "env" "ELASTICSEARCH_USER" "secret" .name "key" .userKey) }}
            {{- include "fromSecret" (dict "env" "ELASTICSEARCH_PASS" "secret" .name "key" .passwordKey) }}
            {{- end }}
            {{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: seldon-request-logger
  namespace: {{ .namespace.name }}
  labels: {{ include "labels" $ }}
spec:
  selector: {app: seldon-request-logger}
  ports:
    - {port: 80, targetPort: 8080, protocol: TCP}
{{- if .trigger.create }}
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata:
  name: seldon-request-logger-trigger
  namespace: {{ .namespace.name }}
  labels: {{ include "labels" $ }}
spec:
  broker: {{ .trigger.broker }}
  subscriber:
    ref: {apiVersion: v1, kind: Service, name: seldon-request-logger}
{{- end }}
{{- end }}
{{- end }}
