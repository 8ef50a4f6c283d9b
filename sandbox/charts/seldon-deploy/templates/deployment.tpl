---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{ include "labels" . }}
spec:
  replicas: {{ .Values.replicaCount }}
  selector:
    matchLabels: {{ include "labels" . }}
  template:
    metadata:
      annotations:
        sidecar.istio.io/inject: "false"
      labels: {{ include "labels" . }}
    spec:
      serviceAccountName: {{ .Release.Name }}
      containers:
        - name: seldon-deploy
          image: {{ .Values.image.image }}
          imagePullPolicy: {{ .Values.image.pullPolicy }}
          ports:
            - {name: http, containerPort: 8000, protocol: TCP}
            - {name: metrics, containerPort: 8001, protocol: TCP}
            - {name: webhook, containerPort: 8080, protocol: TCP}
          livenessProbe:
            httpGet: {path: /seldon-deploy/api/status, port: http}
          readinessProbe:
            httpGet: {path: /seldon-deploy/api/status, port: http}
          env:
            {{- range $name, $value := .Values.env }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
            {{- range $name, $value := dict
              "ENABLE_APP_AUTH" .Values.enableAppAuth
              "ENABLE_APP_ANALYTICS" .Values.enableAppAnalytics
              "EXTERNAL_PROTOCOL" .Values.external.protocol
              "CORE_V1_CRD_AVAILABLE" .Values.seldon.enabled
              "CORE_V2_CRD_AVAILABLE" .Values.seldonCoreV2.enabled
              "DEFAULT_USER_ID" .Values.defaultUserID
              "REQUEST_LOGGER_NAMESPACE" .Values.requestLogger.namespace.name
              "WORKFLOW_SECURITY_CONTEXT_RUN_AS_USER" .Values.workflow.securityContext.runAsUser
              "WORKFLOW_SECURITY_CONTEXT_FS_GROUP" .Values.workflow.securityContext.fsGroup
            }}
            - name: {{ $name }}
              value: {{ $value | quote }}
            {{- end }}
            {{- if .Values.metadata.pg.enabled }}
            - name: METADATA_PG_ENABLED
              value: "true"
            {{- range $key := list "host" "port" "user" "password" "dbname" "sslmode" }}
            {{- include "fromSecret" (dict "env" (printf "METADATA_PG_%s" (upper $key)) "secret" $.Values.metadata.pg.secret "key" $key) }}
            {{- end }}
            {{- end }}
            {{- if .Values.gitops.argocd.enabled }}
            - name: ARGOCD_NAMESPACE
              value: {{ .Values.gitops.argocd.namespace }}
            {{- range $env, $key := dict "GIT_USER" "username" "GIT_EMAIL" "email" }}
            {{- include "fromSecret" (dict "env" $env "secret" $.Values.gitops.git.secret "key" $key) }}
            {{- end }}
            {{- range $env, $key := dict "GIT_TOKEN" "token" "GIT_SSHKEY" "id_rsa" "GIT_SSHKEY_PASSPHRASE" "passphrase" }}
            {{- include "fromSecret" (dict "env" $env "secret" $.Values.gitops.git.secret "key" $key "optional" true) }}
            {{- end }}
            {{- end }}
            {{- if .Values.elasticsearch.basicAuth }}
            {{- with .Values.elasticsearch.secret }}
            {{- include "fromSecret" (dict "env" "ELASTICSEARCH_USER" "secret" .name "key" .userKey) }}
            {{- include "fromSecret" (dict "env" "ELASTICSEARCH_PASS" "secret" .name "key" .passwordKey) }}
            {{- end }}
            {{- end }}
            {{- with .Values.prometheus.seldon }}
            {{- if .jwtSecretName }}
            {{- include "fromSecret" (dict "env" "PROMETHEUS_SELDON_TOKEN" "secret" .jwtSecretName "key" .jwtSecretKey) }}
            {{- end }}
            {{- end }}
          volumeMounts:
            - {name: config, mountPath: /etc/config}
            - {name: feature-flags, mountPath: /etc/feature-flags}
            {{- if .Values.gitops.argocd.enabled }}
            - {name: ssh-known-hosts, mountPath: /etc/ssh}
            {{- end }}
      volumes:
        - name: config
          configMap: {name: seldon-deploy-config}
        - name: feature-flags
          configMap: {name: seldon-deploy-feature-flags}
        {{- if .Values.gitops.argocd.enabled }}
        - name: ssh-known-hosts
          secret:
            secretName: {{ .Values.gitops.git.secret }}
            optional: true
            items: [{key: known_hosts, path: ssh_known_hosts}]
        {{- end }}
