{{- /* What runs side by side, by its label `track`, with its image. */ -}}
{{- define "service.tracks" -}}
{{- $tracks := dict "stable" .Values.image -}}
{{- if .Values.canary.enabled -}}
{{- $image := pick .Values.image "repository" -}}
{{- range $key, $value := .Values.canary.image }}{{ if $value }}{{ $_ := set $image $key $value }}{{ end }}{{ end -}}
{{- $_ := set $tracks "canary" $image -}}
{{- end -}}
{{- toYaml $tracks -}}
{{- end -}}
