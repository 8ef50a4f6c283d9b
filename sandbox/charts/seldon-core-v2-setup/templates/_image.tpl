{{- define "image" }}{{ .registry }}/{{ .repository }}:{{ .tag }}{{ end }}
