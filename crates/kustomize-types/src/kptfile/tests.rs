use super::*;

/// Every field once, in the order of the types.
const SAMPLE: &str = "apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: api
  annotations:
    config.kubernetes.io/local-config: 'true'
upstream:
  type: git
  git:
    repo: https://example.com/repo.git
    directory: /awsconfigs
    ref: v1
  updateStrategy: resource-merge
upstreamLock:
  type: git
  git:
    repo: https://example.com/repo.git
    directory: /awsconfigs
    ref: v1
    commit: 6c36816
  generic:
    storeID: DB
    resourceID: a
    resourceVersion: '1'
info:
  site: https://example.com
  emails:
  - someone@example.com
  license: Apache-2.0
  licenseFile: LICENSE
  description: The API overlay.
  keywords:
  - ingress
  man: README.md
  readinessGates:
  - conditionType: Rendered
pipeline:
  mutators:
  - image: example/set-ingress-params:v1
    configPath: ingress-params.yaml
    name: params
    tag: v1.0.0
    selectors:
    - apiVersion: networking.k8s.io/v1
      kind: Ingress
      name: istio-ingress
      namespace: istio-system
      labels:
        a: b
      annotations:
        c: d
    exclude:
    - kind: Service
  - exec: ./kserve-aws fn
    configMap:
      certArn: arn
  validators:
  - image: example/validate
inventory:
  namespace: a
  name: b
  inventoryID: c
  labels:
    d: e
  annotations:
    f: g
status:
  conditions:
  - type: Rendered
    status: 'True'
    reason: RenderSuccess
    message: done
  renderStatus:
    mutationSteps:
    - name: params
      image: example/set-ingress-params:v1
      exitCode: 0
    validationSteps:
    - exec: ./validate
      executionError: killed
      stderr: no
      exitCode: 1
      results:
      - message: no host
        severity: warning
      errorResults:
      - message: no token
        severity: error
    errorSummary: it failed
";

fn pipeline(text: &str) -> Pipeline {
    serde_yaml::from_str(text).unwrap()
}

#[test]
fn comes_back_as_written() {
    let kptfile: Kptfile = serde_yaml::from_str(SAMPLE).unwrap();
    let again = serde_yaml::to_string(&kptfile).unwrap();
    assert_eq!(serde_yaml::from_str::<Kptfile>(&again).unwrap(), kptfile);
    assert_eq!(again.replace("stderr: 'no'", "stderr: no"), SAMPLE);
    let json = serde_json::to_string(&kptfile).unwrap();
    assert_eq!(serde_json::from_str::<Kptfile>(&json).unwrap(), kptfile);
    assert!(kptfile.pipeline.unwrap().check().is_ok());
}

#[test]
fn config_maps_hold_texts() {
    let pipeline = pipeline("mutators: [{image: a, configMap: {a: 3, b: true, c: , d: 1.10}}]");
    let map = &pipeline.mutators[0].config_map;
    let map: Vec<_> = map.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    assert_eq!(map, [("a", "3"), ("b", "true"), ("c", ""), ("d", "1.10")]);
}

#[test]
fn null_is_absent() {
    let head = "apiVersion: kpt.dev/v1\nkind: Kptfile\n";
    let nulls = format!("{head}metadata:\npipeline:\ninfo: {{emails: , keywords: }}\nstatus: ~\n");
    let kptfile: Kptfile = serde_yaml::from_str(&nulls).unwrap();
    let expected = Kptfile { info: Some(PackageInfo::default()), ..Kptfile::default() };
    assert_eq!(kptfile, expected);
    assert_eq!(pipeline("mutators:\nvalidators: ~"), Pipeline::default());
}

#[test]
fn says_what_is_run_with_what() {
    let pipeline = pipeline(
        "mutators: [{image: a, configPath: x/../fn.yaml}, {exec: b -c, configMap: {d: e}}, {image: f}]",
    );
    let [first, second, third] = &pipeline.mutators[..] else { panic!("not three") };
    assert_eq!(first.runner(), Ok(Runner::Image("a")));
    assert_eq!(first.config(), Ok(Some(ConfigSource::Path("x/../fn.yaml"))));
    assert_eq!(second.runner(), Ok(Runner::Exec("b -c")));
    assert!(matches!(second.config(), Ok(Some(ConfigSource::ConfigMap(map))) if map["d"] == "e"));
    assert_eq!(third.config(), Ok(None));
    assert_eq!(pipeline.check(), Ok(()));
}

#[test]
fn refuses_pipelines_that_kpt_refuses() {
    for (text, message) in [
        ("mutators: [{name: a}]", "pipeline.mutators[0] has neither image nor exec; set one"),
        ("mutators: [{image: ''}]", "pipeline.mutators[0] has neither image nor exec; set one"),
        (
            "validators: [{image: a}, {image: a, exec: b}]",
            "pipeline.validators[1] has both image and exec; remove one",
        ),
        (
            "mutators: [{image: a, configPath: b, configMap: {c: d}}]",
            "pipeline.mutators[0] has both configPath and configMap; remove one",
        ),
        (
            "mutators: [{image: a, configPath: /b}]",
            "pipeline.mutators[0] has an absolute configPath; make it relative to the package",
        ),
        (
            "mutators: [{image: a, configPath: b/../../c}]",
            "pipeline.mutators[0] has a configPath outside the package; remove the \"..\"",
        ),
        (
            "mutators: [{image: a, configPath: b..c}]",
            "pipeline.mutators[0] has a configPath outside the package; remove the \"..\"",
        ),
        (
            "mutators: [{image: a, configPath: ' '}]",
            "pipeline.mutators[0] has a blank configPath; set it to the path of a file in the package",
        ),
    ] {
        assert_eq!(pipeline(text).check().unwrap_err().to_string(), message);
    }
    let error = PipelineFunction::default().runner().unwrap_err();
    assert_eq!(error.to_string(), "has neither image nor exec; set one");
}

#[test]
fn refuses_files_that_kpt_refuses() {
    for (from, to, part) in [
        ("kpt.dev/v1", "kpt.dev/v1alpha2", "expected \"kpt.dev/v1\""),
        ("kind: Kptfile", "kind: Kptfiles", "expected \"Kptfile\""),
        ("pipeline:", "pipelines:", "unknown field `pipelines`"),
        ("configPath:", "config:", "unknown field `config`"),
        ("exclude:", "excludes:", "unknown field `excludes`"),
        ("resource-merge", "merge", "unknown variant `merge`"),
        ("type: git", "type: svn", "unknown variant `svn`"),
        ("apiVersion: kpt.dev/v1\n", "", "missing field `apiVersion`"),
    ] {
        let text = SAMPLE.replacen(from, to, 1);
        assert_ne!(text, SAMPLE);
        let error = serde_yaml::from_str::<Kptfile>(&text).unwrap_err().to_string();
        assert!(error.contains(part), "{to}: {error}");
    }
}
