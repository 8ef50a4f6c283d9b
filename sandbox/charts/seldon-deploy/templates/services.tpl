---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{ include "labels" . }}
spec:
  type: ClusterIP
  selector: {{ include "labels" . }}
  ports:
    - {name: http, port: 80, targetPort: http, protocol: TCP}
{{- if .Values.gitops.git.webhook.service.create }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}-webhook
  namespace: {{ .Release.Namespace }}
  labels: {{ include "labels" . }}
spec:
  type: LoadBalancer
  selector: {{ include "labels" . }}
  ports:
    - {name: webhook, port: 80, targetPort: webhook, protocol: TCP}
{{- end }}
{{- if .Values.virtualService.create }}
---
apiVersion: networking.istio.io/v1alpha3
kind: VirtualService
metadata:
  name: {{ .Release.Name }}
  namespace: {{ .Release.Namespace }}
  labels: {{ include "labels" . }}
spec:
  gateways: {{ toJson .Values.virtualService.gateways }}
  hosts: ["*"]
  http:
    - match:
        - uri: {prefix: {{ .Values.virtualService.prefix }}}
      route:
        - destination:
            host: {{ .Release.Name }}
            port: {number: 80}
{{- end }}
