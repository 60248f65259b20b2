{{- /* A quantity of storage in MiB, rounded down. */ -}}
{{- define "kontor.mebibytes" -}}
{{- $number := regexFind "^[0-9]+" (toString .) | int64 -}}
{{- $unit := regexReplaceAll "^[0-9.]+" (toString .) "" -}}
{{- $mebi := dict "Mi" 1 "Gi" 1024 "Ti" 1048576 -}}
{{- if hasKey $mebi $unit -}}
{{ mul $number (get $mebi $unit) }}
{{- else -}}
{{- $bytes := dict "" 1 "Ki" 1024 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 -}}
{{ div (mul $number (get $bytes $unit | default 1)) 1048576 }}
{{- end -}}
{{- end -}}
