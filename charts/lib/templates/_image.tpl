{{- /* The image of an app. Takes the context, the app's name and its own values of `image`. */ -}}
{{- define "lib.image" -}}
{{- $global := (index . 0).Values.global.image -}}
{{- $image := index . 2 | default dict -}}
{{- $repository := $image.repository | default (printf "kontor/%s" (index . 1)) -}}
{{- $full := ternary (printf "%s/%s" $global.registry $repository) $repository (ne $global.registry "") -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $full $image.digest | quote }}
{{- else -}}
{{ printf "%s:%s" $full ($image.tag | default $global.tag) | quote }}
{{- end -}}
{{- end -}}
