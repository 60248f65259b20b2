{{- /* A text that values may give as a number or a boolean: 5, not 5e+00. Takes the value. */ -}}
{{- define "lib.text" -}}
{{- if kindIs "invalid" . }}{{ else if and (kindIs "float64" .) (eq (floor .) .) }}{{ int64 . }}{{ else }}{{ toString . }}{{ end -}}
{{- end -}}

{{- /* A map of settings as YAML: that of a workload over the global one. Takes the context, the workload's values and the key. */ -}}
{{- define "lib.map" -}}
{{- $global := get (index . 0).Values.global (index . 2) | default dict -}}
{{- merge (dict) (get (index . 1) (index . 2) | default dict | deepCopy) (deepCopy $global) | toYaml -}}
{{- end -}}

{{- /* The same with texts only, as labels and annotations are. */ -}}
{{- define "lib.texts" -}}
{{- range $key, $value := include "lib.map" . | fromYaml }}
{{ $key }}: {{ include "lib.text" $value | quote }}
{{- end }}
{{- end -}}

{{- /* A list of settings as YAML: the global one, then that of a workload; of two items with one name, the workload's. */ -}}
{{- define "lib.list" -}}
{{- $own := get (index . 1) (index . 2) | default list -}}
{{- $names := list -}}
{{- range $own }}{{ if and (kindIs "map" .) (hasKey . "name") }}{{ $names = append $names .name }}{{ end }}{{ end -}}
{{- $all := list -}}
{{- $named := not (has (index . 2) (list "tolerations" "extraVolumeMounts")) -}}
{{- range get (index . 0).Values.global (index . 2) | default list -}}
{{- if not (and $named (kindIs "map" .) (has .name $names)) }}{{ $all = append $all . }}{{ end -}}
{{- end -}}
{{- concat $all $own | toYaml -}}
{{- end -}}

{{- /* One setting: that of a workload, else the global one, else nothing. Takes the context, the workload's values and the key. */ -}}
{{- define "lib.one" -}}
{{- $own := include "lib.text" (get (index . 1) (index . 2)) -}}
{{- $own | default (include "lib.text" (get (index . 0).Values.global (index . 2))) -}}
{{- end -}}

{{- /* The security of a pod, as restricted Pod Security wants it. Takes the context, the workload's values and the image's user. */ -}}
{{- define "lib.podSecurity" -}}
{{- $context := dict "runAsNonRoot" true "seccompProfile" (dict "type" "RuntimeDefault") -}}
{{- $user := include "lib.one" (list (index . 0) (index . 1) "runAsUser") | default (toString (index . 2)) -}}
{{- if ne $user "none" -}}
{{- $_ := merge $context (dict "runAsUser" (int64 $user) "runAsGroup" (int64 $user)) -}}
{{- end -}}
{{- $group := include "lib.one" (list (index . 0) (index . 1) "fsGroup") | default $user -}}
{{- if ne $group "none" -}}
{{- $_ := merge $context (dict "fsGroup" (int64 $group) "fsGroupChangePolicy" "OnRootMismatch") -}}
{{- end -}}
{{- merge (include "lib.map" (list (index . 0) (index . 1) "securityContext") | fromYaml) $context | toYaml -}}
{{- end -}}

{{- /* Takes the context and the workload's values. */ -}}
{{- define "lib.containerSecurity" -}}
{{- $context := dict "allowPrivilegeEscalation" false "readOnlyRootFilesystem" true "capabilities" (dict "drop" (list "ALL")) -}}
{{- merge (include "lib.map" (list (index . 0) (index . 1) "containerSecurityContext") | fromYaml) $context | toYaml -}}
{{- end -}}

{{- /*
Requests and limits of a container: memory in MiB and the CPU that a workload asks for; other limits, that of CPU among them, are
the cluster's to demand. Takes the context and the workload's values.
*/ -}}
{{- define "lib.resources" -}}
{{- $own := (index . 1).resources -}}
{{- $global := (index . 0).Values.global.resources | default dict -}}
{{- $first := dict "requests" (dict "cpu" $own.cpu "memory" (printf "%vMi" $own.memory)) "limits" (dict "memory" (printf "%vMi" $own.memoryLimit)) -}}
{{- range $kind := list "requests" "limits" }}
{{ $kind }}:
{{- range $key, $value := merge (dict) (get $own $kind | default dict | deepCopy) (get $global $kind | default dict | deepCopy) (get $first $kind) }}
  {{ $key }}: {{ include "lib.text" $value }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Annotations of a pod, those that the chart gives it included. Takes the context, the workload's values and the chart's, a dict. */ -}}
{{- define "lib.podAnnotations" -}}
{{- $all := merge (include "lib.map" (list (index . 0) (index . 1) "podAnnotations") | fromYaml) (index . 2) -}}
{{- if $all }}
annotations:
{{- range $key, $value := $all }}
  {{ $key }}: {{ include "lib.text" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Where pods run, and as what. Takes the context, the workload's values and the chart's own affinity, a dict. */ -}}
{{- define "lib.placement" -}}
{{- $root := index . 0 -}}
{{- $own := index . 1 -}}
{{- with include "lib.one" (list $root $own "priorityClassName") }}
priorityClassName: {{ . }}
{{- end }}
{{- $secrets := list }}
{{- range concat ($root.Values.global.image.pullSecrets | default list) (include "lib.list" (list $root $own "imagePullSecrets") | fromYamlArray) }}
{{- $secrets = append $secrets (ternary (dict "name" .) . (kindIs "string" .)) }}
{{- end }}
{{- with uniq $secrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with include "lib.texts" (list $root $own "nodeSelector") }}
nodeSelector: {{- . | trim | nindent 2 }}
{{- end }}
{{- with include "lib.list" (list $root $own "tolerations") | fromYamlArray }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with merge (include "lib.map" (list $root $own "affinity") | fromYaml) (index . 2) }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* Entries of a list, one below the other, or nothing. Takes the context, the workload's values and the key. */ -}}
{{- define "lib.items" -}}
{{- with include "lib.list" . | fromYamlArray }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{- /* The account of a workload, whose token is mounted nowhere. Takes the context, the workload's values and the component's name. */ -}}
{{- define "lib.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "lib.name" (list (index . 0) (index . 2)) }}
  labels: {{- include "lib.labels" (list (index . 0) (index . 2)) | nindent 4 }}
  {{- with include "lib.texts" (list (index . 0) (index . 1) "serviceAccountAnnotations") }}
  annotations: {{- . | trim | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}

{{- /* How fast an autoscaler adds and removes pods. Takes the values of autoscaling; those of a release before may lack a key. */ -}}
{{- define "lib.scalingBehavior" -}}
scaleUp:
  stabilizationWindowSeconds: {{ get . "scaleUpSeconds" | default 60 }}
  policies: [{ type: Pods, value: 2, periodSeconds: 60 }]
scaleDown:
  stabilizationWindowSeconds: {{ .scaleDownSeconds }}
  policies: [{ type: Pods, value: 1, periodSeconds: 60 }]
{{- end -}}
