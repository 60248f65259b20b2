{{- /* The role that runs. */ -}}
{{- define "service.databaseEnv" -}}
- name: DATABASE_URL
  valueFrom:
    secretKeyRef:
      name: {{ default (include "lib.name" (list . (printf "%s-database-run" .Chart.Name))) .Values.database.existingSecret }}
      key: url
{{- include "service.databaseCaEnv" . }}
{{- end -}}

{{- /* The role that owns, for the step that migrates. With one Secret of its own for both, that role migrates and runs. */ -}}
{{- define "service.migrateEnv" -}}
{{- if or .Values.database.existingOwnerSecret (not .Values.database.existingSecret) -}}
- name: DATABASE_OWNER_URL
  valueFrom:
    secretKeyRef:
      name: {{ default (include "lib.name" (list . (printf "%s-database" .Chart.Name))) .Values.database.existingOwnerSecret }}
      key: url
- name: DATABASE_RUN_ROLE
  value: {{ default (printf "%s_run" .Chart.Name) .Values.database.runRole | quote }}
{{- include "service.databaseCaEnv" . }}
{{- else -}}
{{ include "service.databaseEnv" . }}
{{- end -}}
{{- end -}}

{{- /* The Secret with the passwords of the users of NATS: the bundled server's, or the one that values name. */ -}}
{{- define "service.natsSecret" -}}
{{- if .Values.global.natsUrl }}{{ .Values.global.natsSecret }}{{ else }}{{ include "lib.name" (list . "nats") }}{{ end -}}
{{- end -}}

{{- define "service.natsEnv" -}}
{{- with include "service.natsSecret" . }}
- name: NATS_USER
  value: {{ $.Chart.Name }}
- name: NATS_PASSWORD
  valueFrom:
    secretKeyRef: { name: {{ . }}, key: {{ $.Chart.Name }} }
{{- end }}
{{- if (.Values.global.natsCa | default dict).secret }}
- name: NATS_CA_FILE
  value: /etc/nats-ca/{{ .Values.global.natsCa.key }}
{{- end -}}
{{- end -}}

{{- define "service.databaseCaEnv" -}}
{{- if (.Values.global.databaseCa | default dict).secret }}
- name: DATABASE_CA_FILE
  value: /etc/database-ca/{{ .Values.global.databaseCa.key }}
{{- end -}}
{{- end -}}

{{- /* Whether it watches EndpointSlices: who calls others, when that is how they are found. */ -}}
{{- define "service.watchesEndpoints" -}}
{{- $calls := false -}}
{{- range .Members | default (list .) }}{{ $calls = or $calls (not (empty .Values.calls)) (hasKey .Values.env "GATEWAY_UPSTREAMS") }}{{ end -}}
{{- and (eq .Values.global.discovery "endpointslices") $calls -}}
{{- end -}}

{{- /* Each name once: a Secret replaces what values say, and values what the chart says. */ -}}
{{- define "service.env" -}}
{{- $env := dict "NODE_OPTIONS" (printf "--max-old-space-size=%d --max-semi-space-size=4 --expose-gc" (div (mul .Values.resources.memoryLimit 3) 4)) -}}
{{- $_ := set $env "KONTOR_GRACE_MS" (toString .Values.graceMs) -}}
{{- if .Values.metrics -}}
{{- $_ := merge $env (dict "METRICS_HOST" "0.0.0.0" "METRICS_PORT" "9090" "KONTOR_WARM_UP" "20s") -}}
{{- end -}}
{{- if and (eq .Values.global.discovery "dns") (hasKey .Values.env "GATEWAY_UPSTREAMS") -}}
{{- $_ := set $env "UPSTREAM_RESOLVE_EVERY" "2s" -}}
{{- end -}}
{{- if has .Values.kind (list "grpc" "group") -}}
{{- $_ := merge $env (dict "GRPC_HOST" "0.0.0.0" "GRPC_PORT" "50051") -}}
{{- if eq .Values.global.discovery "dns" -}}
{{- $_ := set $env "GRPC_MAX_CONNECTION_AGE" "10s" -}}
{{- end -}}
{{- end -}}
{{- if .Group -}}
{{- $env = dict -}}
{{- end -}}
{{- if eq .Values.kind "grpc" -}}
{{- $_ := merge $env (include "service.identityEnv" . | fromYaml) -}}
{{- end -}}
{{- if and .Values.metrics (not .Group) -}}
{{- $_ := merge $env (dict "NATS_URL" (include "lib.natsUrl" .)) -}}
{{- range $key, $value := .Values.global.env }}{{ if not (hasKey $env $key) }}{{ $_ := set $env $key (include "lib.text" $value) }}{{ end }}{{ end -}}
{{- end -}}
{{- with and (hasKey .Values.env "GATEWAY_UPSTREAMS") (.Values.global.trustedProxies | default list) -}}
{{- $_ := set $env "TRUSTED_PROXIES" (join "," .) -}}
{{- end -}}
{{- range .Values.calls -}}
{{- $_ := set $env (printf "%s_ADDRESS" (upper .)) (include "lib.address" (list $ .)) -}}
{{- end -}}
{{- range $key, $value := .Values.env -}}
{{- $_ := set $env $key (tpl (include "lib.text" $value) $) -}}
{{- end -}}
{{- $env = omit $env "DATABASE_URL" "DATABASE_CA_FILE" "NATS_USER" "NATS_PASSWORD" "NATS_CA_FILE" -}}
{{- range $key, $_ := .Values.secretEnv }}{{ $env = omit $env $key }}{{ end -}}
{{- $extra := ternary (.Values.extraEnv | default list) (include "lib.list" (list . .Values "extraEnv") | fromYamlArray) (not (empty .Group)) -}}
{{- range $extra }}{{ $env = omit $env .name }}{{ end -}}
{{- if .Values.database.enabled -}}
{{ include "service.databaseEnv" . }}
{{ end -}}
{{- if eq .Values.kind "grpc" -}}
{{- with include "service.sharedTokenEnv" . -}}
{{ . }}
{{ end -}}
{{- end -}}
{{- if and .Values.metrics (ne .Values.kind "group") -}}
{{ include "service.natsEnv" . | trim }}
{{ end -}}
{{- range $key, $from := .Values.secretEnv -}}
- name: {{ $key }}
  valueFrom:
    secretKeyRef:
      name: {{ $from.name | default (include "lib.name" (list $ $from.secret)) }}
      key: {{ $from.key }}
{{ end -}}
{{- range $key, $value := $env -}}
- name: {{ $key }}
  value: {{ $value | quote }}
{{ end -}}
{{- with $extra -}}
{{ toYaml . }}
{{ end -}}
{{- end -}}
