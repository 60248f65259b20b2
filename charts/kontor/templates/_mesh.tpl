{{- /* Who a pod of a component is in an Istio mesh. Takes the context and the component's name. */ -}}
{{- define "kontor.principal" -}}
{{- $root := index . 0 -}}
{{ $root.Values.mesh.trustDomain }}/ns/{{ $root.Release.Namespace }}/sa/{{ include "lib.name" . }}
{{- end -}}

{{- /* The components that call one by the graph, at its first port. Takes the context and the component's name. */ -}}
{{- define "kontor.callers" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $graph := $root.Files.Get "files/call-graph.yaml" | fromYaml -}}
{{- $callers := list -}}
{{- range $caller, $called := $graph.calls }}{{ if has $name $called }}{{ $callers = append $callers $caller }}{{ end }}{{ end -}}
{{- $simulators := dict "psp-simulator" "payments" "carrier-simulator" "shipping" "mail-sink" "notifications" -}}
{{- with get $simulators $name }}{{ $callers = append $callers . }}{{ end -}}
{{- if eq $name "postgres" }}{{ $callers = ternary (append $graph.databases "postgres-roles") $graph.databases $root.Release.IsUpgrade }}{{ end -}}
{{- if eq $name "nats" }}{{ $callers = $graph.nats }}{{ end -}}
{{- if eq $name "gateway" -}}
{{- /* Webhooks come in at the edge, and so do the order of helm test and the seed. */ -}}
{{- range list "psp-simulator" "carrier-simulator" "test" "seed" }}{{ if (get $root.Values . | default dict).enabled }}{{ $callers = append $callers . }}{{ end }}{{ end -}}
{{- end -}}
{{- toYaml $callers -}}
{{- end -}}

{{- /* Who is there, by name, with the port and the port's name that the graph leads to. */ -}}
{{- define "kontor.callees" -}}
{{- $graph := .Files.Get "files/call-graph.yaml" | fromYaml -}}
{{- $all := dict "postgres" (dict "port" 5432 "portName" "postgres" "protocol" "opaque") "nats" (dict "port" 4222 "portName" "nats" "protocol" "opaque") -}}
{{- range $name, $_ := $graph.calls }}{{ $_ := set $all $name (dict "port" 50051 "portName" "grpc" "protocol" "gRPC") }}{{ end -}}
{{- range list "gateway" "psp-simulator" "carrier-simulator" }}{{ $_ := set $all . (dict "port" 8080 "portName" "http" "protocol" "HTTP/1") }}{{ end -}}
{{- $_ := set $all "mail-sink" (dict "port" 2525 "portName" "smtp" "protocol" "opaque") -}}
{{- range $name := keys $all }}{{ if not (index $.Values $name).enabled }}{{ $_ := unset $all $name }}{{ end }}{{ end -}}
{{- toYaml $all -}}
{{- end -}}

{{- /* Refuses a gateway to which the mesh admits no caller. Takes the context. */ -}}
{{- define "kontor.someoneEnters" -}}
{{- $callers := include "kontor.callers" (list . "gateway") | fromYamlArray -}}
{{- if and .Values.gateway.enabled (not (or $callers .Values.mesh.gatewayFrom .Values.mesh.gatewayPlain)) -}}
{{- fail (printf "mesh.gatewayFrom: it is empty, so with mesh.kind %s no caller could reach the gateway. Name the service account of the proxy in front of it, such as --set mesh.gatewayFrom[0].namespace=ingress,mesh.gatewayFrom[0].serviceAccount=traefik, or admit any caller by mesh.gatewayPlain=true." .Values.mesh.kind) -}}
{{- end -}}
{{- end -}}

{{- /* The proto services of a component. Takes the context and the component's name. */ -}}
{{- define "kontor.protoServices" -}}
{{- $graph := (index . 0).Files.Get "files/call-graph.yaml" | fromYaml -}}
{{- $services := list -}}
{{- range $service, $owner := $graph.upstreams }}{{ if eq $owner (index $ 1) }}{{ $services = append $services $service }}{{ end }}{{ end -}}
{{- toYaml $services -}}
{{- end -}}

{{- /* The head of an object of a mesh. Takes the context, the component's name, apiVersion, kind and, if it has one, the end of its name. */ -}}
{{- define "kontor.meshHead" -}}
apiVersion: {{ index . 2 }}
kind: {{ index . 3 }}
metadata:
  name: {{ include "lib.name" . }}{{ if gt (len .) 4 }}-{{ index . 4 }}{{ end }}
  labels: {{- include "lib.labels" . | nindent 4 }}
{{- end -}}

{{- /* What calls are divided between, for routes of the Gateway API. Takes the context, the component's name, the port and its values. */ -}}
{{- define "kontor.backends" -}}
{{- $name := include "lib.name" . -}}
{{- $canary := (index . 3).canary -}}
{{- if $canary.enabled -}}
- { name: {{ $name }}-stable, port: {{ index . 2 }}, weight: {{ sub 100 $canary.weight }} }
- { name: {{ $name }}-canary, port: {{ index . 2 }}, weight: {{ $canary.weight }} }
{{- else -}}
- { name: {{ $name }}, port: {{ index . 2 }} }
{{- end -}}
{{- end -}}

{{- /* The longest that unary calls to a component take, in seconds. Takes the context and the component's name. */ -}}
{{- define "kontor.seconds" -}}
{{- $methods := ((index . 0).Files.Get "files/call-graph.yaml" | fromYaml).methods -}}
{{- $longest := 0 -}}
{{- range include "kontor.protoServices" . | fromYamlArray }}{{ $longest = max $longest (get $methods .).seconds }}{{ end -}}
{{- $longest -}}
{{- end -}}
