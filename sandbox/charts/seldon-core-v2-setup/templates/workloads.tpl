{{- $ports := dict
  "envoy" (list (dict "name" "http" "containerPort" 9000) (dict "name" "admin" "containerPort" 9003))
  "pipelinegateway" (list (dict "name" "http" "containerPort" 9010) (dict "name" "grpc" "containerPort" 9011))
}}
{{- $accounts := dict "controller" "seldon-controller-manager" "hodometer" "hodometer" }}
{{- $labels := dict "controller" (dict "control-plane" "v2-controller-manager") }}
{{- $names := dict "controller" "seldon-controller-manager" "dataflow" "seldon-dataflow-engine" }}
{{- range $key := list "controller" "dataflow" "envoy" "hodometer" "modelgateway" "pipelinegateway" }}
{{- $component := index $.Values $key }}
{{- $name := get $names $key | default (printf "seldon-%s" $key) }}
{{- $label := get $labels $key | default (dict "app" $name) | toJson }}
{{- if or (ne $key "hodometer") $component.enabled }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
  namespace: '{{ $.Release.Namespace }}'
  labels: {{ $label }}
spec:
  replicas: 1
  selector:
    matchLabels: {{ $label }}
  template:
    metadata:
      labels: {{ $label }}
    spec:
      serviceAccountName: {{ get $accounts $key | default "default" }}
      securityContext: {{ toJson $component.securityContext }}
      containers:
        - name: {{ if eq $key "controller" }}manager{{ else }}{{ trimPrefix "seldon-" $name }}{{ end }}
          image: {{ include "image" $component.image }}
          imagePullPolicy: {{ $component.image.pullPolicy }}
          env:
            - name: POD_NAMESPACE
              valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
            {{- if eq $key "dataflow" }}
            - name: SELDON_KAFKA_BOOTSTRAP_SERVERS
              value: {{ $.Values.kafka.bootstrap | quote }}
            - name: SELDON_KAFKA_REPLICATION_FACTOR
              value: {{ $.Values.kafka.topics.replicationFactor | quote }}
            - name: SELDON_KAFKA_PARTITIONS_DEFAULT
              value: {{ $.Values.kafka.topics.numPartitions | quote }}
            {{- end }}
            {{- with $.Values.security.kafka }}
            {{- if has $key (list "dataflow" "modelgateway" "pipelinegateway") }}
            - name: {{ ternary "SELDON_KAFKA_SECURITY_PROTOCOL" "KAFKA_SECURITY_PROTOCOL" (eq $key "dataflow") }}
              value: {{ .protocol }}
            - name: {{ ternary "SELDON_SASL_SECRET" "KAFKA_CLIENT_SASL_SECRET_NAME" (eq $key "dataflow") }}
              value: {{ .sasl.client.secret | quote }}
            - name: {{ ternary "SELDON_TLS_BROKER_SECRET" "KAFKA_BROKER_TLS_SECRET_NAME" (eq $key "dataflow") }}
              value: {{ .ssl.client.brokerValidationSecret | quote }}
            {{- end }}
            {{- end }}
          {{- with get $ports $key }}
          ports: {{ toJson . }}
          {{- end }}
{{- end }}
{{- end }}
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: seldon-scheduler
  namespace: '{{ .Release.Namespace }}'
  labels: {app: seldon-scheduler}
spec:
  replicas: 1
  serviceName: seldon-scheduler
  selector:
    matchLabels: {app: seldon-scheduler}
  template:
    metadata:
      labels: {app: seldon-scheduler}
    spec:
      serviceAccountName: seldon-scheduler
      securityContext: {{ toJson .Values.scheduler.securityContext }}
      containers:
        - name: scheduler
          image: {{ include "image" .Values.scheduler.image }}
          imagePullPolicy: {{ .Values.scheduler.image.pullPolicy }}
          ports: [{containerPort: 9002}, {containerPort: 9004}, {containerPort: 9005}, {containerPort: 9008}]
          volumeMounts: [{name: scheduler-state, mountPath: /mnt/scheduler}]
  volumeClaimTemplates:
    - metadata:
        name: scheduler-state
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests: {storage: {{ .Values.scheduler.resources.storage }}}
