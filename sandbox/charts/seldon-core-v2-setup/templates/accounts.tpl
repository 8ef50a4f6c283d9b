{{- range $account := list "hodometer" "seldon-controller-manager" "seldon-scheduler" "seldon-server" }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ $account }}
  namespace: '{{ $.Release.Namespace }}'
{{- end }}
{{- $manager := "seldon-controller-manager" }}
{{- $all := list "get" "list" "watch" "create" "update" "patch" "delete" }}
{{- $read := list "get" "list" "watch" }}
{{- $own := list "experiments" "models" "pipelines" "serverconfigs" "servers" }}
{{- $core := list "configmaps" "events" "secrets" "serviceaccounts" "services" }}
{{- range $role := list
  (dict "name" "agent" "account" "seldon-server" "resources" (list "secrets") "verbs" $read)
  (dict "name" "hodometer" "account" "hodometer" "resources" (list "configmaps") "verbs" $read)
  (dict "name" "seldon-leader-election" "account" $manager "resources" (list "configmaps" "events" "leases") "verbs" $all)
  (dict "name" "seldon-manager" "account" $manager "resources" (concat $own $core (list "deployments" "statefulsets")) "verbs" $all)
  (dict "name" "seldon-manager-tls" "account" $manager "resources" (list "secrets") "verbs" $read)
  (dict "name" "seldon-scheduler" "account" "seldon-scheduler" "resources" (list "secrets") "verbs" $read)
}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: {{ $role.name }}-role
  namespace: '{{ $.Release.Namespace }}'
rules:
  - apiGroups: ["", apps, coordination.k8s.io, mlops.seldon.io]
    resources: {{ toJson $role.resources }}
    verbs: {{ toJson $role.verbs }}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: {{ $role.name }}-rolebinding
  namespace: '{{ $.Release.Namespace }}'
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: {{ $role.name }}-role
subjects:
  - kind: ServiceAccount
    name: {{ $role.account }}
    namespace: '{{ $.Release.Namespace }}'
{{- end }}
