{{- /* What callers may do there. Takes the context, the component's name, the callee, and whether paths are seen. */ -}}
{{- define "kontor.operation" -}}
- operation:
    ports: ["{{ (index . 2).port }}"]
    {{- if index . 3 }}
    paths:
      {{- range include "kontor.protoServices" . | fromYamlArray }}
      - /{{ . }}/*
      {{- end }}
    {{- end }}
{{- end -}}

{{- /* Where a VirtualService sends calls by weight. Takes the component's full name and its values. */ -}}
{{- define "kontor.istioWeights" -}}
{{- $name := index . 0 -}}
{{- $canary := (index . 1).canary -}}
{{- if $canary.enabled -}}
- { destination: { host: {{ $name }}, subset: stable }, weight: {{ sub 100 $canary.weight }} }
- { destination: { host: {{ $name }}, subset: canary }, weight: {{ $canary.weight }} }
{{- else -}}
- { destination: { host: {{ $name }} } }
{{- end -}}
{{- end -}}

{{- /*
The kinds of calls to a component, as { pattern, retries, seconds }: those that may be repeated, streams, and the rest, which a
route without a pattern takes. Retries are always said: what is not said, Istio does twice, against the contract.
*/ -}}
{{- define "kontor.istioClasses" -}}
{{- $root := index . 0 -}}
{{- $methods := ($root.Files.Get "files/call-graph.yaml" | fromYaml).methods -}}
{{- $classes := list -}}
{{- range $service := include "kontor.protoServices" . | fromYamlArray -}}
{{- $of := get $methods $service -}}
{{- $path := replace "." "[.]" $service -}}
{{- with $of.streams }}{{ $classes = append $classes (dict "pattern" (printf "/%s/(%s)" $path (join "|" .)) "seconds" 0) }}{{ end -}}
{{- if $root.Values.mesh.retries -}}
{{- with $of.repeatable }}{{ $classes = append $classes (dict "pattern" (printf "/%s/(%s)" $path (join "|" .)) "retries" true "seconds" $of.seconds) }}{{ end -}}
{{- end -}}
{{- $classes = append $classes (dict "pattern" (printf "/%s/.*" $path) "seconds" $of.seconds) -}}
{{- end -}}
{{- append $classes (dict "pattern" "" "seconds" 0) | toYaml -}}
{{- end -}}

{{- define "kontor.istioTerms" -}}
{{- if .seconds }}
timeout: {{ .seconds }}s
{{- end }}
{{- if .retries }}
retries:
  attempts: 2
  retryOn: unavailable,cancelled,connect-failure,refused-stream
{{- else }}
retries: { attempts: 0 }
{{- end }}
{{- end -}}
