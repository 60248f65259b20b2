{{- /* kontor-orders: the name of a component's objects. Takes the context and the component's name. */ -}}
{{- define "lib.name" -}}
{{- $release := (index . 0).Release.Name -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]{0,34}[a-z0-9])?$" $release) -}}
{{- fail (printf "The release's name begins those of Services: letters, digits and dashes, at most 36, a letter first. Not %q." $release) -}}
{{- end -}}
{{- printf "%s-%s" $release (index . 1) -}}
{{- end -}}

{{- /* What selects the pods of a component. Takes the context and the component's name. */ -}}
{{- define "lib.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ index . 1 }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- end -}}

{{- /* All labels of a component. Takes the context and the component's name. */ -}}
{{- define "lib.labels" -}}
{{- $root := index . 0 -}}
{{ include "lib.selector" . }}
app.kubernetes.io/part-of: kontor
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
{{- end -}}

{{- /* The gRPC address of a service: in the same process, or by the way services find each other. Takes the context and the service's name. */ -}}
{{- define "lib.address" -}}
{{- $root := index . 0 -}}
{{- $name := include "lib.name" . -}}
{{- if and $root.Group (eq (include "lib.groupOf" .) (default "" $root.Group)) -}}
in-process:///{{ index . 1 }}
{{- else if eq $root.Values.global.discovery "mesh" -}}
{{ $name }}:50051
{{- else if eq $root.Values.global.discovery "endpointslices" -}}
kubernetes:///{{ $name }}.{{ $root.Release.Namespace }}:grpc
{{- else -}}
dns:///{{ $name }}-headless:50051
{{- end -}}
{{- end -}}

{{- /* The address of NATS: the bundled one, unless another is named. */ -}}
{{- define "lib.natsUrl" -}}
{{- default (printf "nats://%s:4222" (include "lib.name" (list . "nats"))) .Values.global.natsUrl -}}
{{- end -}}
