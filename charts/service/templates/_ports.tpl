{{- define "service.ports" -}}
{{- $ports := dict -}}
{{- if has .Values.kind (list "grpc" "group") -}}{{- $_ := set $ports "grpc" 50051 -}}{{- else -}}{{- $_ := set $ports "http" .Values.httpPort -}}{{- end -}}
{{- range .Members -}}{{- if eq .Values.kind "http" -}}{{- $_ := set $ports "http" .Values.httpPort -}}{{- end -}}{{- end -}}
{{- if .Values.metrics -}}{{- $_ := set $ports "metrics" 9090 -}}{{- end -}}
{{- merge $ports .Values.extraPorts | toYaml -}}
{{- end -}}

{{- define "service.containerPorts" -}}
{{- range $name, $port := include "service.ports" . | fromYaml }}
- { name: {{ $name }}, containerPort: {{ $port }} }
{{- end }}
{{- end -}}

{{- define "service.servicePorts" -}}
{{- range $name, $port := include "service.ports" . | fromYaml }}
- name: {{ $name }}
  port: {{ $port }}
  targetPort: {{ $name }}
  {{- if eq $name "grpc" }}
  appProtocol: kubernetes.io/h2c
  {{- else if has $name (list "http" "metrics") }}
  appProtocol: http
  {{- else }}
  appProtocol: tcp
  {{- end }}
{{- end }}
{{- end -}}

{{- /* The start may take a minute, then it is looked at rarely. Liveness gives the process more time than readiness. */ -}}
{{- define "service.probes" -}}
{{- $ask := ternary (dict "grpc" (dict "port" 50051)) (dict "httpGet" .Values.probe) (eq .Values.kind "grpc") -}}
startupProbe:
  {{- toYaml $ask | nindent 2 }}
  periodSeconds: 1
  failureThreshold: 120
  timeoutSeconds: 2
readinessProbe:
  {{- toYaml $ask | nindent 2 }}
  periodSeconds: 5
  timeoutSeconds: 2
livenessProbe:
  {{- if and (ne .Values.kind "grpc") .Values.metrics }}
  httpGet: { path: /livez, port: metrics }
  {{- else }}
  {{- toYaml $ask | nindent 2 }}
  {{- end }}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end -}}

{{- define "service.serviceLabels" -}}
{{ include "lib.labels" (list . .Chart.Name) }}
{{- if eq .Values.kind "grpc" }}{{ with .Values.global.grpcServiceLabels }}
{{ toYaml . }}
{{- end }}{{ end }}
{{- end -}}
