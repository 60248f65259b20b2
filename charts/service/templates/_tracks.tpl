{{- /* What runs side by side, by its label `track`, with its image. */ -}}
{{- define "service.tracks" -}}
{{- $tracks := dict "stable" .Values.image -}}
{{- if .Values.canary.enabled -}}
{{- $own := .Values.canary.image -}}
{{- $other := merge (dict "repository" .Values.image.repository) $own -}}
{{- $_ := set $tracks "canary" (ternary $other .Values.image (or (ne (toString $own.tag) "") (ne $own.digest ""))) -}}
{{- end -}}
{{- toYaml $tracks -}}
{{- end -}}
