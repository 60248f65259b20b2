{{- /*
A rule of egress to the API server. Without networkPolicy.apiServerTo it names the addresses and ports that the cluster has at this
moment. Tools that only render templates see no cluster: any address then, at the usual ports.
*/ -}}
{{- define "kontor.egressToApiServer" -}}
{{- $peers := .Values.networkPolicy.apiServerTo -}}
{{- $ports := .Values.networkPolicy.apiServerPorts -}}
{{- if not $peers -}}
{{- $slice := lookup "discovery.k8s.io/v1" "EndpointSlice" "default" "kubernetes" | default dict -}}
{{- $service := lookup "v1" "Service" "default" "kubernetes" | default dict -}}
{{- $addresses := dig "spec" "clusterIPs" list $service -}}
{{- range $slice.endpoints }}{{ $addresses = concat $addresses .addresses }}{{ end -}}
{{- range $address := $addresses | uniq -}}
{{- $peers = append $peers (dict "ipBlock" (dict "cidr" (printf "%s/%s" $address (contains ":" $address | ternary "128" "32")))) -}}
{{- end -}}
{{- if and $slice.ports (not $ports) -}}
{{- $ports = list 443 -}}
{{- range $slice.ports }}{{ $ports = append $ports (int .port) }}{{ end -}}
{{- end -}}
{{- end -}}
- to: {{- $peers | default (list (dict "ipBlock" (dict "cidr" "0.0.0.0/0"))) | toYaml | nindent 4 }}
  ports:
    {{- range $ports | default (list 443 6443) | uniq }}
    - { protocol: TCP, port: {{ . }} }
    {{- end }}
{{- end -}}
