{{- /*
Whether the bundled NATS accepts clients without credentials: "true" or empty. With "auto" only while a Deployment of this release
runs pods without any: once, in the upgrade from a version without NATS users.
*/ -}}
{{- define "kontor.natsAnonymous" -}}
{{- $mode := .Values.nats.anonymous | default "auto" -}}
{{- if eq $mode "accept" -}}
true
{{- else if and (eq $mode "auto") .Release.IsUpgrade -}}
{{- $old := false -}}
{{- range .Files.Get "files/nats-users.yaml" | fromYamlArray -}}
{{- $deployment := lookup "apps/v1" "Deployment" $.Release.Namespace (include "lib.name" (list $ .name)) -}}
{{- if and $deployment (not (contains "NATS_USER" (toJson $deployment.spec.template.spec.containers))) -}}
{{- $old = true -}}
{{- end -}}
{{- end -}}
{{- if $old }}true{{ end -}}
{{- end -}}
{{- end -}}
