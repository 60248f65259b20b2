{{- /* The image of an app. Takes the context, the app's name and its own values of `image`. */ -}}
{{- define "lib.image" -}}
{{- $global := (index . 0).Values.global.image -}}
{{- $image := index . 2 | default dict -}}
{{- $repository := $image.repository | default (printf "kontor/%s" (index . 1)) -}}
{{- $full := ternary (printf "%s/%s" $global.registry $repository) $repository (ne $global.registry "") -}}
{{- if $image.digest -}}
{{ printf "%s@%s" $full $image.digest | quote }}
{{- else if and (hasKey $image "tag") (not (eq "" (toString $image.tag))) -}}
{{ printf "%s:%s" $full (include "lib.tag" (list $image.tag (printf "%s.image.tag" (index . 1)))) | quote }}
{{- else -}}
{{ printf "%s:%s" $full (include "lib.tag" (list $global.tag "global.image.tag")) | quote }}
{{- end -}}
{{- end -}}

{{- /* A tag. YAML reads some as numbers and changes them (1.10, 0123, 12e3), so a number is refused. Takes the tag and its value's name. */ -}}
{{- define "lib.tag" -}}
{{- $tag := index . 0 -}}
{{- if not (kindIs "string" $tag) -}}
{{- fail (printf "%s is a number, and YAML changes digits of some numbers. Quote it in a file of values, or use --set-string %s=%s" (index . 1) (index . 1) (include "lib.text" $tag)) -}}
{{- end -}}
{{- $tag -}}
{{- end -}}
