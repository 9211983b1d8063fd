{{/* Labels that never change: selectors are made of them. */}}
{{- define "pratique.selector" -}}
app.kubernetes.io/name: pratique
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "pratique.labels" -}}
{{ include "pratique.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "pratique.serviceAccountName" -}}
{{ .Values.serviceAccount.name | default .Values.name }}
{{- end }}

{{- define "pratique.image" -}}
{{- with .Values.image }}
{{- if .digest }}{{ .repository }}@{{ .digest }}{{ else }}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end }}
{{- end }}

{{/* The section `policy`, with its rules; never nil. */}}
{{- define "pratique.policies" -}}
{{- $policy := dig "policy" dict (.Values.config | default dict) | default dict }}
{{- prepend (dig "rules" list $policy | default list) $policy | toJson }}
{{- end }}

{{/* Pratique's own default denies; the chart's never does, whatever of `config` is set to null. */}}
{{- define "pratique.mode" -}}
{{- dig "policy" dict (.Values.config | default dict) | default dict | dig "mode" "" | default "warn" }}
{{- end }}

{{/* "true" unless the pull secrets of pods are not to be read. */}}
{{- define "pratique.readsSecrets" -}}
{{- $credentials := dig "credentials" dict (.Values.config | default dict) | default dict }}
{{- if ne (toString (dig "pullSecrets" true $credentials)) "false" }}true{{ end }}
{{- end }}

{{/* "true" if the label pratique.dev/skip is honoured for every pod, so that the API server need not send those that have it. */}}
{{- define "pratique.skipLabel" -}}
{{- $policies := include "pratique.policies" . | fromJsonArray }}
{{- $always := eq (toString (dig "skipLabel" "auto" (first $policies))) "true" }}
{{- range rest $policies }}
{{- if ne (toString (dig "skipLabel" true .)) "true" }}{{ $always = false }}{{ end }}
{{- end }}
{{- if $always }}true{{ end }}
{{- end }}

{{/* "true" if pod templates are pinned somewhere. */}}
{{- define "pratique.pinsTemplates" -}}
{{- $pins := false }}
{{- range include "pratique.policies" . | fromJsonArray }}
{{- if eq (dig "pin" "" .) "templates" }}{{ $pins = true }}{{ end }}
{{- end }}
{{- if $pins }}true{{ end }}
{{- end }}

{{/* "true" if the webhook configurations come by hooks. */}}
{{- define "pratique.hooks" -}}
{{- if kindIs "invalid" .Values.webhooks.hooks }}{{ if eq .Values.webhooks.failurePolicy "Fail" }}true{{ end }}
{{- else if .Values.webhooks.hooks }}true{{ end }}
{{- end }}

{{/* The configuration file. What the chart decides wins over `config`. */}}
{{- define "pratique.config" -}}
{{- $tls := dict "mode" "self" }}
{{- if ne .Values.certificates.mode "self" }}
{{- $tls = dict "mode" "files" "cert" "/etc/pratique/tls/tls.crt" "key" "/etc/pratique/tls/tls.key" }}
{{- if and (eq .Values.certificates.mode "existingSecret") .Values.certificates.existingSecret.hasCa }}
{{- $_ := set $tls "ca" "/etc/pratique/tls/ca.crt" }}
{{- end }}
{{- end }}
{{- $webhook := dict "listen" (printf ":%v" .Values.webhooks.port) "service" .Values.name "configurations" .Values.name "tls" $tls }}
{{- $server := dict "webhook" $webhook "metrics" (dict "listen" ":8080") }}
{{- $policy := dict "mode" (include "pratique.mode" .) }}
{{- $fixed := dict "apiVersion" "pratique.dev/v1alpha1" "kind" "Configuration" "policy" $policy "server" $server }}
{{- mergeOverwrite (deepCopy (.Values.config | default dict)) $fixed | toYaml }}
{{- end }}

{{/* Ends the rendering where Pratique would still be thinking when the API server gives up. */}}
{{- define "pratique.checkDeadline" -}}
{{- $deadline := dig "server" "webhook" "deadline" "2500ms" (.Values.config | default dict) }}
{{- $units := dict "ns" 0.000001 "us" 0.001 "µs" 0.001 "μs" 0.001 "ms" 1.0 "s" 1000.0 "m" 60000.0 "h" 3600000.0 }}
{{- $ms := 0.0 }}
{{- range regexFindAll "[0-9.]+[a-zµμ]+" $deadline -1 }}
{{- $unit := regexFind "[a-zµμ]+" . }}
{{- $ms = addf $ms (mulf (trimSuffix $unit . | float64) (get $units $unit | default 0.0)) }}
{{- end }}
{{- if ge $ms (mulf 1000.0 .Values.webhooks.timeoutSeconds) }}
{{- fail (printf "config.server.webhook.deadline (%s) must be less than webhooks.timeoutSeconds (%v): the API server would give up first" $deadline .Values.webhooks.timeoutSeconds) }}
{{- end }}
{{- end }}

{{/*
The webhook configurations' common part. Called with a dict: root, path ("/mutate" or "/validate"), templates ("true" or
""), and further keys of the webhook as YAML text.
*/}}
{{- define "pratique.webhook" -}}
{{- $root := .root -}}
admissionReviewVersions: [v1]
sideEffects: None
matchPolicy: Equivalent
failurePolicy: {{ $root.Values.webhooks.failurePolicy }}
timeoutSeconds: {{ $root.Values.webhooks.timeoutSeconds }}
clientConfig:
  service:
    name: {{ $root.Values.name }}
    namespace: {{ $root.Release.Namespace }}
    path: {{ .path }}
    port: 443
  {{- with include "pratique.caBundle" . }}
  caBundle: {{ . }}
  {{- end }}
rules:
  - apiGroups: [""]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [pods]
    scope: Namespaced
  - apiGroups: [""]
    apiVersions: [v1]
    operations: [UPDATE]
    resources: [pods/ephemeralcontainers]
    scope: Namespaced
  {{- if .templates }}
  # Not ReplicaSets: their controller compares the template with its Deployment's.
  - apiGroups: [apps]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [deployments, statefulsets, daemonsets]
    scope: Namespaced
  - apiGroups: [batch]
    apiVersions: [v1]
    operations: [CREATE, UPDATE]
    resources: [jobs, cronjobs]
    scope: Namespaced
  {{- end }}
namespaceSelector:
  matchExpressions:
    # The cluster's own needs, and ours, must never wait for us.
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values:
        {{- range concat (list "kube-system" "kube-node-lease" $root.Release.Namespace) $root.Values.webhooks.excludeNamespaces | uniq }}
        - {{ . | quote }}
        {{- end }}
    {{- if eq (dig "policy" "namespaceLabel" "tightenOnly" ($root.Values.config | default dict)) "honour" }}
    - key: pratique.dev/mode
      operator: NotIn
      values: ["off"]
    {{- end }}
{{- if include "pratique.skipLabel" $root }}
objectSelector:
  matchExpressions:
    - key: pratique.dev/skip
      operator: NotIn
      values: ["true"]
{{- end }}
matchConditions:
  # The kubelet's record of a static pod: it runs whatever is said here.
  - name: not-a-mirror-pod
    expression: >-
      !has(object.metadata.annotations) || !('kubernetes.io/config.mirror' in object.metadata.annotations)
  # The last updates of an object on its way out, finalizers mostly, must not fail on its images.
  - name: not-being-deleted
    expression: >-
      !has(object.metadata.deletionTimestamp)
  - name: not-by-pratique
    expression: >-
      !has(request.userInfo.username) || request.userInfo.username != 'system:serviceaccount:{{ $root.Release.Namespace }}:{{ include "pratique.serviceAccountName" $root }}'
  # Everybody updates pods all the time, their images hardly anybody.
  - name: images-are-new
    expression: >-
      request.operation != 'UPDATE' || (has(request.subResource) && request.subResource == 'ephemeralcontainers') ||
      [[object, oldObject]
      {{- if .templates }}
      .map(o, has(o.spec.jobTemplate) ? o.spec.jobTemplate.spec.template.spec : has(o.spec.template) ? o.spec.template.spec : o.spec)
      {{- else }}
      .map(o, o.spec)
      {{- end }}
      .map(s, [has(s.containers) ? s.containers : [], has(s.initContainers) ? s.initContainers : []]
      .map(containers, containers.map(c, has(c.image) ? c.image : '')))]
      .exists(images, images[0] != images[1])
{{- end }}

{{/*
Empty as a rule: not there, so that whoever fills it owns it. Where a hook makes the configuration anew, what was in it.
*/}}
{{- define "pratique.caBundle" -}}
{{- $root := .root }}
{{- if and (eq $root.Values.certificates.mode "existingSecret") $root.Values.certificates.existingSecret.caBundle }}
{{- $root.Values.certificates.existingSecret.caBundle | b64enc }}
{{- else if include "pratique.hooks" $root }}
{{- $there := lookup "admissionregistration.k8s.io/v1" .kind "" $root.Values.name | default dict }}
{{- range $there.webhooks | default list }}
{{- if eq .name $.name }}{{ dig "clientConfig" "caBundle" "" . }}{{ end }}
{{- end }}
{{- end }}
{{- end }}

{{/* Annotations of a webhook configuration. */}}
{{- define "pratique.webhookAnnotations" -}}
{{- if include "pratique.hooks" . }}
helm.sh/hook: post-install,post-upgrade,post-rollback
helm.sh/hook-delete-policy: before-hook-creation
{{- /* With these a later release that has them without hooks may take them over. */}}
meta.helm.sh/release-name: {{ .Release.Name }}
meta.helm.sh/release-namespace: {{ .Release.Namespace }}
{{- end }}
{{- if eq .Values.certificates.mode "certManager" }}
cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ .Values.name }}
{{- end }}
{{- end }}
