{{- /*
A group is several apps in one process. Its context has, next to those of any app, `Members`: the contexts of its apps, each with the name of
the group as `Group`. Settings of a member have its name before them.
*/ -}}

{{- /* Whether an app renders pods of its own. Groups are rendered by the umbrella chart, which has the values of all members. */ -}}
{{- define "service.isRendered" -}}
{{- and (ne .Values.kind "group") (eq "true" (include "lib.isAlone" (list . .Chart.Name))) -}}
{{- end -}}

{{- /* ORDERS__: what settings of a member begin with. Takes its context. */ -}}
{{- define "service.prefix" -}}
{{- printf "%s__" (upper .Chart.Name | replace "-" "_") -}}
{{- end -}}

{{- /* The environment of a group: that of its process, then what is different for each member. */ -}}
{{- define "service.groupEnv" -}}
{{- $apps := list -}}
{{- range .Members }}{{ $apps = append $apps .Chart.Name }}{{ end -}}
{{- $all := concat (list (dict "name" "KONTOR_GROUP" "value" .Chart.Name) (dict "name" "KONTOR_APPS" "value" (join "," $apps))) (include "service.env" . | fromYamlArray) -}}
{{- $known := dict -}}
{{- range $all }}{{ $_ := set $known .name (toJson .) }}{{ end -}}
{{- $connections := get (include "lib.groups" . | fromYaml) "connections" -}}
{{- range $member := .Members -}}
{{- $own := include "service.env" $member | fromYamlArray -}}
{{- $names := list -}}
{{- range $own }}{{ $names = append $names .name }}{{ end -}}
{{- range $name, $value := get $connections $member.Chart.Name | default dict -}}
{{- if not (has $name $names) }}{{ $own = append $own (dict "name" $name "value" $value) }}{{ end -}}
{{- end -}}
{{- range $own -}}
{{- /* All members have the same address of a service. */ -}}
{{- $name := ternary .name (printf "%s%s" (include "service.prefix" $member) .name) (hasSuffix "_ADDRESS" .name) -}}
{{- $item := toJson (set (deepCopy .) "name" $name) -}}
{{- if and (ne (get $known .name) (toJson .)) (not (hasKey $known $name)) -}}
{{- $_ := set $known $name $item -}}
{{- $all = append $all (fromJson $item) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toYaml $all -}}
{{- end -}}

{{- /* The environment in which a group migrates the databases of its members. */ -}}
{{- define "service.groupMigrateEnv" -}}
{{- $apps := list -}}
{{- $all := list -}}
{{- range $member := .Members -}}
{{- if .Values.database.enabled -}}
{{- $apps = append $apps .Chart.Name -}}
{{- range include "service.migrateEnv" . | fromYamlArray -}}
{{- $all = append $all (set (deepCopy .) "name" (printf "%s%s" (include "service.prefix" $member) .name)) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- prepend $all (dict "name" "KONTOR_APPS" "value" (join "," $apps)) | toYaml -}}
{{- end -}}

{{- /* The apps that a pod runs, as a YAML list. */ -}}
{{- define "service.apps" -}}
{{- range .Members | default (list .) }}
- {{ .Chart.Name }}
{{- end }}
{{- end -}}
