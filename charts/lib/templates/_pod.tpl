{{- /* The security of a pod, as restricted Pod Security wants it. Takes the user's id. */ -}}
{{- define "lib.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- define "lib.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end -}}

{{- /* Memory is limited, CPU is only asked for. Takes { cpu, memory, memoryLimit }, memory in MiB. */ -}}
{{- define "lib.resources" -}}
requests:
  cpu: {{ .cpu }}
  memory: {{ .memory }}Mi
limits:
  memory: {{ .memoryLimit }}Mi
{{- end -}}
