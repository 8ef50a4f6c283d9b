{{- range $name := list "mlserver" "triton" }}
{{- $server := index $.Values.serverConfig $name }}
---
apiVersion: mlops.seldon.io/v1alpha1
kind: ServerConfig
metadata:
  name: {{ $name }}
  namespace: '{{ $.Release.Namespace }}'
spec:
  podSpec:
    serviceAccountName: seldon-server
    securityContext: {{ toJson $.Values.serverConfig.securityContext }}
    containers:
      - name: rclone
        image: {{ include "image" $.Values.serverConfig.rclone.image }}
        ports: [{name: rclone, containerPort: 5572, protocol: TCP}]
      - name: agent
        image: {{ include "image" $.Values.serverConfig.agent.image }}
        ports:
          - {name: grpc, containerPort: 9501, protocol: TCP}
          - {name: http, containerPort: 9001, protocol: TCP}
          - {name: metrics, containerPort: 9006, protocol: TCP}
      - name: {{ $name }}
        image: {{ include "image" $server.image }}
        ports:
          - {name: server-grpc, containerPort: 9500, protocol: TCP}
          - {name: server-http, containerPort: 9000, protocol: TCP}
        volumeMounts: [{name: {{ $name }}-models, mountPath: /mnt/agent}]
  volumeClaimTemplates:
    - name: {{ $name }}-models
      spec:
        accessModes: [ReadWriteOnce]
        resources:
          requests: {storage: {{ $server.modelVolumeStorage }}}
{{- end }}
