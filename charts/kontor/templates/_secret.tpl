{{- /* A Secret whose missing keys are made once. Takes { root, name, values }: the values to take for keys that are missing. */ -}}
{{- define "kontor.secret" -}}
{{- $full := include "lib.name" (list .root .name) -}}
{{- $kept := (lookup "v1" "Secret" .root.Release.Namespace $full).data | default dict -}}
apiVersion: v1
kind: Secret
metadata:
  name: {{ $full }}
  labels: {{- include "lib.labels" (list .root .name) | nindent 4 }}
  annotations:
    # Volumes outlive a release, and so must what opens them.
    helm.sh/resource-policy: keep
type: Opaque
data:
  {{- range $key, $value := .values }}
  {{ $key }}: {{ get $kept $key | default ($value | b64enc) }}
  {{- end }}
{{- end -}}

{{- /* A key as Standard Webhooks has it. */ -}}
{{- define "kontor.webhookSecret" -}}
whsec_{{ randBytes 24 }}
{{- end -}}
