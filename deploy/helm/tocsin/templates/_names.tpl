{{- define "tocsin.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "tocsin.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 52 | trimSuffix "-" -}}
{{- else if contains (include "tocsin.name" .) .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "tocsin.name" .) | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "tocsin.selector" -}}
app.kubernetes.io/name: {{ include "tocsin.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "tocsin.labels" -}}
{{ include "tocsin.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "tocsin.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "tocsin.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "tocsin.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ default .Chart.AppVersion .Values.image.tag }}
{{- end -}}
{{- end -}}

{{- /* The configuration as it is mounted. */ -}}
{{- define "tocsin.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- if not (hasKey $config "app") -}}{{- $_ := set $config "app" (include "tocsin.fullname" .) -}}{{- end -}}
{{- $_ := set $config "http" (dict "listen" (printf "0.0.0.0:%d" (int .Values.port))) -}}
{{ toYaml $config }}
{{- end -}}

{{- /* Bytes of a size as tocsin writes it: 64MiB, 1GB, 1048576. */ -}}
{{- define "tocsin.bytes" -}}
{{- $size := toString . -}}
{{- $number := regexFind "^[0-9.]+" $size | float64 -}}
{{- $unit := regexReplaceAll "^[0-9.]+ *" $size "" -}}
{{- $units := dict "" 1 "B" 1 "kB" 1e3 "KB" 1e3 "MB" 1e6 "GB" 1e9 "TB" 1e12 "KiB" 1024 "MiB" 1048576 "GiB" 1073741824 "TiB" 1099511627776 -}}
{{- if not (hasKey $units $unit) -}}{{- fail (printf "config.memory.max_bytes: %s is not a size" $size) -}}{{- end -}}
{{- mulf $number (get $units $unit) | floor | int64 -}}
{{- end -}}

{{- /* Whole seconds, rounded up, of a duration as tocsin writes it: 200ms, 10s, 5m. */ -}}
{{- define "tocsin.seconds" -}}
{{- $text := toString . -}}
{{- $number := regexFind "^[0-9.]+" $text | float64 -}}
{{- $unit := regexReplaceAll "^[0-9.]+ *" $text "" -}}
{{- $units := dict "ms" 0.001 "s" 1 "m" 60 "h" 3600 "d" 86400 -}}
{{- if not (hasKey $units $unit) -}}{{- fail (printf "%s is not a duration" $text) -}}{{- end -}}
{{- mulf $number (get $units $unit) | ceil | int64 -}}
{{- end -}}

{{- define "tocsin.memory" -}}
{{- $bytes := include "tocsin.bytes" (dig "memory" "max_bytes" "1GiB" .Values.config) | int64 -}}
{{- printf "%dMi" (divf (mulf $bytes 1.1) 1048576 | ceil | int64) -}}
{{- end -}}

{{- define "tocsin.resources" -}}
{{- $resources := deepCopy .Values.resources -}}
{{- range $kind := list "requests" "limits" -}}
{{- $of := default dict (get $resources $kind) -}}
{{- if not (hasKey $of "memory") -}}{{- $_ := set $of "memory" (include "tocsin.memory" $) -}}{{- end -}}
{{- $_ := set $resources $kind $of -}}
{{- end -}}
{{ toYaml $resources }}
{{- end -}}

{{- define "tocsin.grace" -}}
{{- if eq (toString .Values.terminationGracePeriodSeconds) "auto" -}}
{{- add (include "tocsin.seconds" (dig "pipeline" "drain_timeout" "10s" .Values.config) | int64) 5 15 -}}
{{- else -}}
{{- .Values.terminationGracePeriodSeconds -}}
{{- end -}}
{{- end -}}

{{- define "tocsin.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- /* What the daemon and the test need to read the configuration. */ -}}
{{- define "tocsin.environment" -}}
{{- range .Values.secrets.environment }}
- name: {{ .name }}
  valueFrom: {secretKeyRef: {name: {{ .secret | quote }}, key: {{ .key | quote }}}}
{{- end }}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "tocsin.mounts" -}}
- {name: config, mountPath: /etc/tocsin/config, readOnly: true}
{{- range $i, $file := .Values.secrets.files }}
- {name: secret-{{ $i }}, mountPath: {{ $file.path | quote }}, readOnly: true}
{{- end }}
{{- end -}}

{{- define "tocsin.volumes" -}}
- name: config
  configMap: {name: {{ include "tocsin.fullname" . }}}
{{- range $i, $file := .Values.secrets.files }}
- name: secret-{{ $i }}
  secret: {secretName: {{ $file.secret | quote }}, defaultMode: 0440}
{{- end }}
{{- end -}}
