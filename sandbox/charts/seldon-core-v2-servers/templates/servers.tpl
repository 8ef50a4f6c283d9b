{{- range $name := list "mlserver" "triton" }}
---
apiVersion: mlops.seldon.io/v1alpha1
kind: Server
metadata:
  name: {{ $name }}
  namespace: '{{ $.Release.Namespace }}'
spec:
  replicas: {{ (index $.Values $name).replicas }}
  serverConfig: {{ $name }}
{{- end }}
