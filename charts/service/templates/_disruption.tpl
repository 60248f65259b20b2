{{- define "service.disruption" -}}
{{- if gt (int (ternary .Values.autoscaling.min .Values.replicas .Values.autoscaling.enabled)) 1 }}
# Only where there is more than one pod: else it would hold up every drain of a node.
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "lib.name" (list . .Chart.Name) }}
  labels: {{- include "lib.labels" (list . .Chart.Name) | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{- include "lib.selector" (list . .Chart.Name) | nindent 6 }}
{{- end }}
{{- end -}}
