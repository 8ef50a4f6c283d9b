{{- $prefix := .Values.serviceGRPCPrefix -}}
---
apiVersion: v1
kind: Service
metadata:
  name: seldon-mesh
  namespace: '{{ .Release.Namespace }}'
spec:
  type: {{ .Values.envoy.service.type }}
  selector:
    app: seldon-envoy
  ports:
    - {name: {{ $prefix }}data, port: 80, targetPort: http}
    - {name: admin, port: 9003, targetPort: admin}
---
apiVersion: v1
kind: Service
metadata:
  name: seldon-pipelinegateway
  namespace: '{{ .Release.Namespace }}'
spec:
  clusterIP: None
  selector:
    app: seldon-pipelinegateway
  ports:
    - {name: http, port: 9010, targetPort: http}
    - {name: {{ $prefix }}grpc, port: 9011, targetPort: grpc}
---
apiVersion: v1
kind: Service
metadata:
  name: seldon-scheduler
  namespace: '{{ .Release.Namespace }}'
spec:
  type: {{ .Values.scheduler.service.type }}
  selector:
    app: seldon-scheduler
  ports:
    - {name: {{ $prefix }}xds, port: 9002, targetPort: 9002}
    - {name: {{ $prefix }}scheduler, port: 9004, targetPort: 9004}
    - {name: {{ $prefix }}scheduler-mtls, port: 9044, targetPort: 9044}
    - {name: {{ $prefix }}agent, port: 9005, targetPort: 9005}
    - {name: {{ $prefix }}agent-mtls, port: 9055, targetPort: 9055}
    - {name: {{ $prefix }}dataflow, port: 9008, targetPort: 9008}
