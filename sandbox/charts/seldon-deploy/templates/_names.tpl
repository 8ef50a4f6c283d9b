{{- define "labels" -}}
{"app.kubernetes.io/name": "seldon-deploy", "app.kubernetes.io/instance": {{ .Release.Name | quote }}}
{{- end }}

{{- define "fromSecret" }}
            - name: {{ .env }}
              valueFrom: {secretKeyRef: {name: {{ .secret }}, key: {{ .key }}{{ if .optional }}, optional: true{{ end }}}}
{{- end }}
