{{- /* A Secret whose missing keys are made once. Takes { root, name, values }: the values to take for keys that are missing. */ -}}
{{- define "kontor.secret" -}}
{{- $full := include "lib.name" (list .root .name) -}}
{{- $kept := (lookup "v1" "Secret" .root.Release.Namespace $full).data | default dict -}}
apiVersion: v1
kind: Secret
metadata:
  name: {{ $full }}
  labels: {{- include "lib.labels" (list .root .name) | nindent 4 }}
  annotations:
    # Volumes outlive a release, and so must what opens them.
    helm.sh/resource-policy: keep
type: Opaque
data:
  {{- range $key, $value := .values }}
  {{ $key }}: {{ get $kept $key | default ($value | b64enc) }}
  {{- end }}
{{- end -}}

{{- /* A key as Standard Webhooks has it. */ -}}
{{- define "kontor.webhookSecret" -}}
whsec_{{ randBytes 24 }}
{{- end -}}

{{- /* Whether an app that is enabled takes a key of a Secret of the chart. Takes the context and the Secret's name without the release. */ -}}
{{- define "kontor.wantsSecret" -}}
{{- $root := index . 0 -}}
{{- $secret := index . 1 -}}
{{- $wanted := false -}}
{{- range $app := $root.Values -}}
{{- if and (kindIs "map" $app) $app.enabled -}}
{{- range $from := $app.secretEnv -}}
{{- if and (eq $secret ($from.secret | default "")) (not $from.name) }}{{ $wanted = true }}{{ end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- if $wanted }}true{{ end -}}
{{- end -}}

{{- /*
The Secret of a role of a service's database. Takes the context, the service and "owner" or "run". Where only the one that runs is
named, the role in it owns, too.
*/ -}}
{{- define "kontor.databaseSecret" -}}
{{- $service := index . 1 -}}
{{- $database := (index (index . 0).Values $service).database | default dict -}}
{{- $run := $database.existingSecret -}}
{{- if eq (index . 2) "run" -}}
{{ $run | default (include "lib.name" (list (index . 0) (printf "%s-database-run" $service))) }}
{{- else -}}
{{ $database.existingOwnerSecret | default $run | default (include "lib.name" (list (index . 0) (printf "%s-database" $service))) }}
{{- end -}}
{{- end -}}

{{- /* Where the password of staff is, as a secretKeyRef. */ -}}
{{- define "kontor.staffPassword" -}}
{{- $from := .Values.users.secretEnv.STAFF_PASSWORD -}}
name: {{ $from.name | default (include "lib.name" (list . $from.secret)) }}
key: {{ $from.key }}
{{- end -}}
