{{/* The name of everything: the release's. */}}
{{- define "operator.name" -}}
{{- .Release.Name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{- define "operator.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "operator.name" .) -}}
{{- end -}}

{{- define "operator.selector" -}}
app.kubernetes.io/name: invoke-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "operator.labels" -}}
{{ include "operator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "operator.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/*
What the operator may do where it watches. Each verb has its reason; there is no `*`, no `escalate`, no `bind`, no
`impersonate`, and nothing on nodes, roles or webhooks.
*/}}
{{- define "operator.rules" -}}
# The resources themselves: watched; their status is written; finalizers of InvokeUser are set (patch on the object).
- apiGroups: [invokeai.dev]
  resources: [invokeais]
  verbs: [get, list, watch]
- apiGroups: [invokeai.dev]
  resources: [invokeusers]
  verbs: [get, list, watch, patch]
- apiGroups: [invokeai.dev]
  resources: [invokeais/status, invokeusers/status]
  verbs: [get, patch]
# Owner references that block deletion name these; the admission plug-in OwnerReferencesPermissionEnforcement asks.
- apiGroups: [invokeai.dev]
  resources: [invokeais/finalizers, invokeusers/finalizers]
  verbs: [update]
# What a studio consists of: list and watch to see it; create and patch for server-side apply; delete what is no
# longer wanted (a pool taken out, an ingress switched off, a migration that is over).
- apiGroups: [""]
  resources: [services, configmaps, serviceaccounts]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [apps]
  resources: [deployments, statefulsets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [batch]
  resources: [jobs, cronjobs]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [networking.k8s.io]
  resources: [ingresses, networkpolicies]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [policy]
  resources: [poddisruptionbudgets]
  verbs: [get, list, watch, create, patch, delete]
- apiGroups: [monitoring.coreos.com]
  resources: [podmonitors]
  verbs: [get, list, watch, create, patch, delete]
# Data is never deleted by the operator: claims and Secrets go by their owner references, when the policy says so.
# Claims: create, and patch to let them grow.
- apiGroups: [""]
  resources: [persistentvolumeclaims]
  verbs: [get, list, watch, create, patch]
# Secrets: read those that resources name, see their changes, create generated ones. They are never changed.
- apiGroups: [""]
  resources: [secrets]
  verbs: [get, list, watch, create]
# Pods: seen, to say why they do not run; patched with the cost of their deletion, so that idle workers go first.
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list, watch, patch]
# Events are created, and patched when the same thing happens again.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- end -}}
