{{- /* The pods of a track, as a template. Takes the context, the track, which may be empty, and its image. */ -}}
{{- define "service.podTemplate" -}}
{{- $root := index . 0 -}}
{{- $image := index . 2 -}}
{{- with $root }}
{{- $name := include "lib.name" (list . .Chart.Name) }}
{{- $own := list . .Values }}
{{- $members := .Members | default (list .) }}
{{- $migrates := false }}
{{- $sources := list }}
{{- range $members }}
{{- $migrates = or $migrates .Values.database.enabled }}
{{- if eq .Values.kind "grpc" }}{{ $sources = concat $sources (include "service.identitySources" . | fromYamlArray) }}{{ end }}
{{- end }}
{{- $natsCa := and .Values.metrics (.Values.global.natsCa | default dict).secret }}
{{- $databaseCa := and $migrates (.Values.global.databaseCa | default dict).secret }}
{{- $identity := ternary (include "service.identitySources" . | trim) "" (eq .Values.kind "grpc") }}
{{- with and .Members (uniq $sources) }}{{ $identity = toYaml . }}{{ end }}
{{- $mounts := include "lib.items" (append $own "extraVolumeMounts") }}
metadata:
  labels:
    {{- include "lib.labels" (list . .Chart.Name) | nindent 4 }}
    {{- with index $ 1 }}
    track: {{ . }}
    {{- end }}
    {{- include "lib.serves" (include "service.apps" . | fromYamlArray) | nindent 4 }}
    {{- with include "lib.texts" (append $own "podLabels") }}{{ . | trim | nindent 4 }}{{ end }}
  {{- include "lib.podAnnotations" (append $own dict) | nindent 2 }}
spec:
  serviceAccountName: {{ $name }}
  automountServiceAccountToken: {{ include "service.watchesEndpoints" . }}
  enableServiceLinks: false
  # A question to DNS that gets lost is asked again after a second, not five.
  dnsConfig:
    options: [{ name: timeout, value: "1" }, { name: attempts, value: "5" }]
  securityContext: {{- include "lib.podSecurity" (append $own 65532) | nindent 4 }}
  terminationGracePeriodSeconds: {{ add .Values.preStopSeconds (div .Values.graceMs 1000) 5 }}
  {{- if $migrates }}
  initContainers:
    - name: migrate
      image: {{ include "lib.image" (list . .Chart.Name $image) }}
      imagePullPolicy: {{ .Values.global.image.pullPolicy }}
      args: [dist/main.js, migrate]
      env:
        {{- include (ternary "service.groupMigrateEnv" "service.migrateEnv" (hasKey . "Members")) . | trim | nindent 8 }}
        {{- with include "lib.items" (append $own "extraEnv") }}{{ . | nindent 8 }}{{ end }}
      resources: {{- include "lib.resources" $own | trim | nindent 8 }}
      securityContext: {{- include "lib.containerSecurity" $own | nindent 8 }}
      {{- if or $databaseCa $mounts }}
      volumeMounts:
        {{- if $databaseCa }}
        - { name: database-ca, mountPath: /etc/database-ca, readOnly: true }
        {{- end }}
        {{- with $mounts }}{{ . | nindent 8 }}{{ end }}
      {{- end }}
  {{- end }}
  containers:
    - name: {{ .Chart.Name }}
      image: {{ include "lib.image" (list . .Chart.Name $image) }}
      imagePullPolicy: {{ .Values.global.image.pullPolicy }}
      env: {{- include (ternary "service.groupEnv" "service.env" (hasKey . "Members")) . | trim | nindent 8 }}
      ports: {{- include "service.containerPorts" . | trim | nindent 8 }}
      {{- include "service.probes" . | nindent 6 }}
      lifecycle:
        preStop:
          sleep: { seconds: {{ .Values.preStopSeconds }} }
      resources: {{- include "lib.resources" $own | trim | nindent 8 }}
      securityContext: {{- include "lib.containerSecurity" $own | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        {{- if $databaseCa }}
        - { name: database-ca, mountPath: /etc/database-ca, readOnly: true }
        {{- end }}
        {{- if $natsCa }}
        - { name: nats-ca, mountPath: /etc/nats-ca, readOnly: true }
        {{- end }}
        {{- if $identity }}
        - { name: identity, mountPath: /var/run/secrets/kontor, readOnly: true }
        {{- end }}
        {{- if .Values.data.path }}
        - { name: data, mountPath: {{ .Values.data.path }} }
        {{- end }}
        {{- with $mounts }}{{ . | nindent 8 }}{{ end }}
  volumes:
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
    {{- if $databaseCa }}
    - name: database-ca
      secret:
        secretName: {{ (.Values.global.databaseCa | default dict).secret }}
        items: [{ key: {{ .Values.global.databaseCa.key }}, path: {{ .Values.global.databaseCa.key }} }]
    {{- end }}
    {{- if $natsCa }}
    - name: nats-ca
      secret:
        secretName: {{ .Values.global.natsCa.secret }}
        items: [{ key: {{ .Values.global.natsCa.key }}, path: {{ .Values.global.natsCa.key }} }]
    {{- end }}
    {{- with $identity }}
    - name: identity
      projected:
        defaultMode: 0440
        sources: {{- . | nindent 10 }}
    {{- end }}
    {{- if .Values.data.path }}
    - name: data
      persistentVolumeClaim: { claimName: {{ $name }} }
    {{- end }}
    {{- with include "lib.items" (append $own "extraVolumes") }}{{ . | nindent 4 }}{{ end }}
  {{- if and .Values.spread (not .Values.data.path) }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "lib.selector" (list $root $root.Chart.Name) | nindent 10 }}
      matchLabelKeys: [pod-template-hash]
    {{- end }}
  {{- end }}
  {{- include "lib.placement" (append $own (include "service.alone" . | fromYaml)) | nindent 2 }}
{{- end }}
{{- end -}}

{{- /*
Keeps a pod with a folder from starting while another pod of it is there, on whatever node: all nodes have the same value of this
label. It also waits for the pod of a Deployment, as which earlier versions of the chart ran it, and holds that back on a rollback.
*/ -}}
{{- define "service.alone" -}}
{{- if .Values.data.path -}}
podAntiAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    - topologyKey: kubernetes.io/os
      labelSelector:
        matchLabels: {{- include "lib.selector" (list . .Chart.Name) | nindent 10 }}
{{- else -}}
{}
{{- end -}}
{{- end -}}
