{{- /* The gRPC services that it calls by its own name, as a YAML list. */ -}}
{{- define "service.internalCalls" -}}
{{- get (include "lib.internalCalls" . | fromYaml) .Chart.Name | default list | toYaml -}}
{{- end -}}

{{- /* Whether its contract names callers, so that it checks who calls. */ -}}
{{- define "service.checksCallers" -}}
{{- has .Chart.Name (include "lib.internalCallees" . | splitList " ") -}}
{{- end -}}

{{- /* Settings of its identity. Values of a release before there were any, kept by --reuse-values, are those of an empty map. */ -}}
{{- define "service.identityEnv" -}}
{{- $identity := .Values.global.identity | default dict -}}
{{- with include "service.internalCalls" . | fromYamlArray }}
SERVICE_TOKEN_FOLDER: /var/run/secrets/kontor/tokens
{{- end }}
{{- if eq "true" (include "service.checksCallers" .) }}
{{- with include "service.sharedAccounts" . | fromYaml }}
SERVICE_GROUPS: {{ toJson . | quote }}
{{- end }}
SERVICE_SUBJECT_PREFIX: system:serviceaccount:{{ .Release.Namespace }}:{{ .Release.Name }}-
{{- with $identity.issuers }}
SERVICE_ISSUERS: {{ join "," . | quote }}
{{- end }}
{{- if $identity.jwks }}
SERVICE_KEYS: /var/run/secrets/kontor/keys/keys.json
{{- else }}
SERVICE_KEYS: https://kubernetes.default.svc/openid/v1/jwks
SERVICE_KEYS_ACCESS: /var/run/secrets/kontor/access
{{- end }}
{{- end }}
{{- end -}}

{{- /* The services of each group, whose pods have one account, as a YAML map. */ -}}
{{- define "service.sharedAccounts" -}}
{{- $root := . -}}
{{- $groups := dict -}}
{{- range $name, $_ := get (include "lib.groups" . | fromYaml) (include "lib.topology" .) | default dict -}}
{{- if ne $name "gateway" -}}
{{- $group := include "lib.groupOf" (list $root $name) -}}
{{- if ne $group $name }}{{ $_ := set $groups $group (append (get $groups $group | default list) $name) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- toYaml $groups -}}
{{- end -}}

{{- /* What is mounted at /var/run/secrets/kontor: a token for each callee; for who checks callers, the keys or the way to them. */ -}}
{{- define "service.identitySources" -}}
{{- $identity := .Values.global.identity | default dict -}}
{{- $seconds := $identity.tokenSeconds | default 3600 -}}
{{- range include "service.internalCalls" . | fromYamlArray }}
- serviceAccountToken: { audience: {{ . }}, expirationSeconds: {{ $seconds }}, path: tokens/{{ . }} }
{{- end }}
{{- if eq "true" (include "service.checksCallers" .) }}
{{- if $identity.jwks }}
- configMap:
    name: {{ include "lib.name" (list . "service-keys") }}
    items: [{ key: keys.json, path: keys/keys.json }]
{{- else }}
- serviceAccountToken: { expirationSeconds: {{ $seconds }}, path: access/token }
- configMap:
    name: kube-root-ca.crt
    items: [{ key: ca.crt, path: access/ca.crt }]
{{- end }}
{{- end }}
{{- end -}}

{{- /* The token that versions before service tokens share, as long as its Secret is there. */ -}}
{{- define "service.sharedTokenEnv" -}}
{{- if and (dig "sharedToken" true (.Values.global.identity | default dict)) (not (hasKey .Values.secretEnv "KONTOR_INTERNAL_TOKEN")) -}}
- name: KONTOR_INTERNAL_TOKEN
  valueFrom:
    secretKeyRef: { name: {{ include "lib.name" (list . "internal") }}, key: token, optional: true }
{{- end -}}
{{- end -}}
