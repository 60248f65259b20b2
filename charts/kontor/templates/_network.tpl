{{- /* Pods of a component, as peers of a rule. Takes the context and the component's name. */ -}}
{{- define "kontor.pods" -}}
- podSelector:
    matchLabels: {{- include "lib.servingSelector" . | nindent 6 }}
{{- end -}}

{{- /* A rule of egress to pods of ours, at a port. Takes the context, the component's name and the port. */ -}}
{{- define "kontor.egressTo" -}}
- to: {{- include "kontor.pods" . | nindent 4 }}
  ports: [{ protocol: TCP, port: {{ index . 2 }} }{{ include "kontor.tunnel" (index . 0) }}]
{{- end -}}

{{- /* A rule of ingress from pods of ours, at a port. Takes the context, the component's name and the port. */ -}}
{{- define "kontor.ingressFrom" -}}
- from: {{- include "kontor.pods" . | nindent 4 }}
  ports: [{ protocol: TCP, port: {{ index . 2 }} }{{ include "kontor.tunnel" (index . 0) }}]
{{- end -}}

{{- /* The head of a policy over one component. Takes the context and the component's name. */ -}}
{{- define "kontor.policyHead" -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "lib.name" . }}
  labels: {{- include "lib.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "lib.servingSelector" . | nindent 6 }}
  policyTypes: [Ingress, Egress]
{{- end -}}

{{- /* The port of the mesh proxies, next to that of the app: the mesh then checks ports. */ -}}
{{- define "kontor.tunnel" -}}
{{- with get (dict "istio-ambient" 15008 "linkerd" 4143) .Values.mesh.kind }}, { protocol: TCP, port: {{ . }} }{{ end -}}
{{- end -}}

{{- /* The names of pods and accounts that run these apps, as a YAML list. Takes the context and the apps. */ -}}
{{- define "kontor.accounts" -}}
{{- $names := list -}}
{{- range index . 1 -}}
{{- if eq "true" (include "lib.isAlone" (list (index $ 0) .)) }}{{ $names = append $names . }}{{ end -}}
{{- $names = append $names (include "lib.groupOf" (list (index $ 0) .)) -}}
{{- end -}}
{{- uniq $names | toYaml -}}
{{- end -}}
