{{- /* The Deployments of an app or a group, one for each track. */ -}}
{{- define "service.deployment" -}}
{{- $name := include "lib.name" (list . .Chart.Name) }}
{{- /* A canary is the same with another image, under labels of its own. */}}
{{- range $track, $image := include "service.tracks" . | fromYaml }}
{{- with $ }}
{{- $canary := eq $track "canary" }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}{{ if $canary }}-canary{{ end }}
  labels: {{- include "lib.labels" (list . .Chart.Name) | nindent 4 }}
spec:
  {{- if $canary }}
  replicas: {{ .Values.canary.replicas }}
  {{- else if not .Values.autoscaling.enabled }}
  replicas: {{ .Values.replicas }}
  {{- end }}
  revisionHistoryLimit: 5
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  selector:
    matchLabels:
      {{- include "lib.selector" (list . .Chart.Name) | nindent 6 }}
      track: {{ $track }}
  template: {{- include "service.podTemplate" (list . $track $image) | trim | nindent 4 }}
{{- end }}
{{- end }}
{{- end -}}
