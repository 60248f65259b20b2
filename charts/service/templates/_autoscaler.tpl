{{- define "service.autoscaler" -}}
{{- if and .Values.autoscaling.enabled (or (not .Values.autoscaling.keda) (not (.Capabilities.APIVersions.Has "keda.sh/v1alpha1/ScaledObject"))) }}
# By CPU. For apps with autoscaling.keda only where the cluster does not know ScaledObjects.
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "lib.name" (list . .Chart.Name) }}
  labels: {{- include "lib.labels" (list . .Chart.Name) | nindent 4 }}
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: {{ include "lib.name" (list . .Chart.Name) }}
  minReplicas: {{ .Values.autoscaling.min }}
  maxReplicas: {{ .Values.autoscaling.max }}
  metrics:
    - type: Resource
      resource:
        name: cpu
        target: { type: Utilization, averageUtilization: {{ .Values.autoscaling.cpu }} }
  behavior: {{- include "lib.scalingBehavior" .Values.autoscaling | nindent 4 }}
{{- end }}
{{- end -}}
