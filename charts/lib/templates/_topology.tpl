{{- /* The name of the topology: many, grouped or one. Takes the context. */ -}}
{{- define "lib.topology" -}}
{{- (.Values.global.topology | default dict).kind | default "many" -}}
{{- end -}}

{{- /* The group whose pods an app runs in: its own name, or that of several apps. Takes the context and the app's name. */ -}}
{{- define "lib.groupOf" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $apart := ($root.Values.global.topology | default dict).apart | default list -}}
{{- $groups := get (include "lib.groups" $root | fromYaml) (include "lib.topology" $root) | default dict -}}
{{- if has $name $apart }}{{ $name }}{{ else }}{{ get $groups $name | default $name }}{{ end -}}
{{- end -}}

{{- /* Whether an app has pods of its own. One that moves has them next to those of its group. Takes the context and the app's name. */ -}}
{{- define "lib.isAlone" -}}
{{- $moving := ((index . 0).Values.global.topology | default dict).moving | default list -}}
{{- or (eq (include "lib.groupOf" .) (index . 1)) (has (index . 1) $moving) -}}
{{- end -}}

{{- /*
What selects the pods that run an app, those of a group included. With one Deployment for each app it is that of the app's own pods, also
those of earlier versions of the chart. Takes the context and the app's name.
*/ -}}
{{- define "lib.servingSelector" -}}
{{- $root := index . 0 -}}
{{- $grouped := get (include "lib.groups" $root | fromYaml) (include "lib.topology" $root) | default dict -}}
{{- if hasKey $grouped (index . 1) -}}
{{ include "lib.serves" (list (index . 1)) }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- else -}}
{{ include "lib.selector" . }}
{{- end -}}
{{- end -}}

{{- /* The labels of pods that run these apps. */ -}}
{{- define "lib.serves" -}}
{{- range $index, $name := . }}{{ if $index }}
{{ end }}serves-{{ $name }}: "true"{{ end -}}
{{- end -}}
