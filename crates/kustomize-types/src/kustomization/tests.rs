use super::*;

/// Every field once, in the order of the type.
const CURRENT: &str = "apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
metadata:
  name: api
  annotations:
    config.kubernetes.io/local-config: 'true'
openapi:
  path: schema.json
namePrefix: a-
nameSuffix: -b
namespace: istio-system
labels:
- pairs:
    app: a
  includeSelectors: true
  includeTemplates: true
  fields:
  - group: apps
    version: v1
    kind: Deployment
    path: spec/x
    create: true
commonAnnotations:
  a: b
patches:
- path: patch.yaml
- patch: |-
    - op: remove
      path: /spec/x
  target:
    group: networking.k8s.io
    version: v1
    kind: Ingress
    name: istio-.*
    namespace: istio-system
    annotationSelector: a=b
    labelSelector: c=d
  options:
    allowNameChange: true
    allowKindChange: true
images:
- name: a
  newName: b
  tagSuffix: -c
  newTag: v1
- name: a
  digest: sha256:0
replacements:
- path: replacement.yaml
- source:
    kind: ConfigMap
    name: params
    fieldPath: data.certArn
    options:
      delimiter: ','
      index: 0
  targets:
  - select:
      kind: Ingress
    reject:
    - name: other
    fieldPaths:
    - metadata.annotations.[alb.ingress.kubernetes.io/certificate-arn]
    options:
      delimiter: ','
      index: 0
      create: true
- sourceValue: a
  targets:
  - select:
      name: b
    fieldPaths:
    - spec.x
replicas:
- name: a
  count: 3
sortOptions:
  order: legacy
  legacySortOptions:
    orderFirst:
    - Namespace
    orderLast: []
resources:
- ../../base
- ingress.yaml
components:
- ../component
crds:
- crd.yaml
configMapGenerator:
- name: params
  namespace: istio-system
  behavior: merge
  literals:
  - A=b
  files:
  - c.txt
  envs:
  - params.env
  options:
    labels:
      a: b
    annotations:
      c: d
    disableNameSuffixHash: true
    immutable: true
secretGenerator:
- name: tokens
  type: Opaque
  envs:
  - secret.env
helmGlobals:
  chartHome: charts
  configHome: home
helmCharts:
- name: minecraft
  version: 3.1.3
  repo: https://example.com
  releaseName: moria
  namespace: games
  additionalValuesFiles:
  - more.yaml
  valuesFile: values.yaml
  valuesInline:
    eula: true
  valuesMerge: override
  includeCRDs: true
  skipHooks: true
  apiVersions:
  - v1
  kubeVersion: '1.32'
  nameTemplate: x
  skipTests: true
  debug: true
  devel: true
generatorOptions:
  disableNameSuffixHash: true
configurations:
- params.yaml
generators:
- generator.yaml
transformers:
- |
  apiVersion: fn.kserve-aws.dev/v1alpha1
  kind: IngressParams
  metadata:
    name: params
validators:
- validator.yaml
buildMetadata:
- originAnnotations
";

const DEPRECATED: &str = "commonLabels:
  app: a
patchesStrategicMerge:
- patch.yaml
patchesJson6902:
- path: patch.json
  target:
    kind: Ingress
    name: a
imageTags:
- name: a
  newTag: v1
vars:
- name: certArn
  objref:
    apiVersion: v1
    kind: ConfigMap
    name: params
  fieldref:
    fieldPath: data.certArn
bases:
- ../base
configMapGenerator:
- name: params
  env: params.env
secretGenerator:
- name: tokens
  env: tokens.env
helmChartInflationGenerator:
- chartName: minecraft
  chartVersion: 3.1.3
  chartRepoUrl: https://example.com
  chartHome: charts
  chartRepoName: r
  helmBin: helm
  helmHome: home
  values: values.yaml
  valuesLocal:
    eula: true
  valuesMerge: override
  releaseName: moria
  releaseNamespace: games
  extraArgs:
  - -x
";

fn read(text: &str) -> Kustomization {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn comes_back_as_written() {
    for text in [CURRENT, DEPRECATED] {
        let kustomization = read(text);
        assert_eq!(serde_yaml::to_string(&kustomization).unwrap(), text);
        let json = serde_json::to_string(&kustomization).unwrap();
        assert_eq!(serde_json::from_str::<Kustomization>(&json).unwrap(), kustomization);
    }
}

#[test]
fn tells_inline_functions_from_paths() {
    let kustomization = read(CURRENT);
    assert!(
        matches!(&kustomization.transformers[0], FunctionSource::Inline(text) if text.contains("IngressParams"))
    );
    assert_eq!(kustomization.generators[0], FunctionSource::Path("generator.yaml".to_owned()));
}

#[test]
fn names_every_deprecated_field() {
    assert_eq!(read(CURRENT).deprecated_fields(), []);
    let fields = read(DEPRECATED).deprecated_fields();
    let fields: Vec<_> = fields.iter().map(|field| (field.field, field.replacement)).collect();
    assert_eq!(
        fields,
        [
            ("bases", "resources"),
            ("commonLabels", "labels"),
            ("imageTags", "images"),
            ("patchesJson6902", "patches"),
            ("patchesStrategicMerge", "patches"),
            ("vars", "replacements"),
            ("helmChartInflationGenerator", "helmCharts"),
            ("configMapGenerator[].env", "envs"),
            ("secretGenerator[].env", "envs"),
        ]
    );
}

#[test]
fn deprecated_is_what_is_there_even_if_empty() {
    assert_eq!(read("bases: []").deprecated_fields().len(), 1);
    assert_eq!(read("bases:").deprecated_fields().len(), 0);
}

#[test]
fn null_is_absent() {
    let kustomization = read(
        "resources:\npatches: null\ncommonAnnotations:\nnamespace:\nmetadata:\ngeneratorOptions: ~\nsortOptions:\ntransformers:\nconfigMapGenerator:\n- name: a\n  envs:\n  options: {labels: , immutable: }\n",
    );
    let expected = Kustomization {
        config_map_generator: vec![ConfigMapGenerator {
            name: Some("a".to_owned()),
            options: Some(GeneratorOptions::default()),
            ..ConfigMapGenerator::default()
        }],
        ..Kustomization::default()
    };
    assert_eq!(kustomization, expected);
}

#[test]
fn reads_the_spellings_of_vars_in_use() {
    for text in [
        "vars: [{name: a, objref: {kind: ConfigMap, name: b, apiVersion: v1}, fieldref: {fieldpath: data.x}}]",
        "vars: [{name: a, objRef: {kind: ConfigMap, name: b, apiVersion: v1}, fieldRef: {fieldPath: data.x}}]",
    ] {
        let vars = read(text).vars.unwrap();
        let path = vars[0].fieldref.as_ref().and_then(|field| field.field_path.as_deref());
        assert_eq!((vars[0].objref.name.as_str(), path), ("b", Some("data.x")));
    }
}

#[test]
fn knows_its_variant() {
    for (text, variant) in [
        ("{}", Variant::Kustomization),
        ("kind: Kustomization", Variant::Kustomization),
        ("apiVersion: kustomize.config.k8s.io/v1beta1", Variant::Kustomization),
        ("kind: Component", Variant::Component),
        ("{kind: Component, apiVersion: kustomize.config.k8s.io/v1alpha1}", Variant::Component),
    ] {
        assert_eq!(read(text).variant(), Ok(variant), "{text}");
    }
    for (text, message) in [
        ("kind: Kustomisation", "kind \"Kustomisation\" is neither Kustomization nor Component"),
        (
            "{kind: Component, apiVersion: kustomize.config.k8s.io/v1beta1}",
            "invalid apiVersion \"kustomize.config.k8s.io/v1beta1\" for kind Component; set it to kustomize.config.k8s.io/v1alpha1",
        ),
        (
            "apiVersion: v1",
            "invalid apiVersion \"v1\" for kind Kustomization; set it to kustomize.config.k8s.io/v1beta1",
        ),
    ] {
        assert_eq!(read(text).variant().unwrap_err().to_string(), message);
    }
}

#[test]
fn refuses_what_kustomize_refuses() {
    for (text, part) in [
        ("resource: [a]", "unknown field `resource`"),
        ("metadata: {uid: a}", "unknown field `uid`"),
        ("patches: [{path: a, target: {apiVersion: v1}}]", "unknown field `apiVersion`"),
        ("patches: [{path: a, options: {create: true}}]", "unknown field `create`"),
        ("configMapGenerator: [{name: a, type: Opaque}]", "unknown field `type`"),
        ("configMapGenerator: [{name: a, behavior: append}]", "unknown variant `append`"),
        ("labels: {app: a}", "invalid type: map"),
        ("resources: a.yaml", "invalid type: string"),
        ("replicas: [{name: a, count: many}]", "invalid type: string \"many\""),
        ("transformers: [{apiVersion: v1}]", "invalid type: map"),
        ("sortOptions: {order: random}", "unknown variant `random`"),
        ("resources: [a]\nresources: [b]", "duplicate"),
        ("vars: [{objref: {name: a}}]", "missing field `name`"),
        ("- a", "invalid type: sequence"),
    ] {
        let error = serde_yaml::from_str::<Kustomization>(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}
