//! `kserve-aws render` against kustomize: the same objects in the same order, on generated
//! kustomizations of the fields that it renders.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use test_support::Dice;

use crate::documents;
use crate::host::KUSTOMIZATION;
use crate::package::{self, Folder, copy};
use crate::process::{binary, command, run, skip, which};

const NAMES: [&str; 4] = ["app", "web", "store", "default"];
const NAMESPACES: [&str; 4] = ["", "team-a", "team-b", "default"];
const CONFIGS: [&str; 3] = ["settings", "flags", "keys"];

/// How many kustomizations are compared; `KSERVE_AWS_RENDERED` asks for more.
fn how_many() -> u64 {
    std::env::var("KSERVE_AWS_RENDERED").ok().and_then(|text| text.parse().ok()).unwrap_or(320)
}

#[test]
fn generated_kustomizations_are_rendered_as_kustomize_renders_them() {
    if which("kustomize").is_none() {
        skip("generated kustomizations", "kustomize is not installed");
        return;
    }
    let (mut rendered, mut refused) = (0, 0);
    let mut wrong: Vec<String> = Vec::new();
    for seed in 0..how_many() {
        let folder = Folder::new();
        written(&mut Dice::new(seed), folder.path());
        let mut kustomize = command("kustomize", folder.path());
        kustomize.args(["build", "--enable-alpha-plugins", "--enable-exec", "overlay"]);
        let theirs = run(&mut kustomize);
        let ours = run(command(binary(), folder.path()).args(["render", "overlay"]));
        let what = || {
            let kept = folder.path().with_file_name(format!("rendered-{seed}"));
            let _ = fs::remove_dir_all(&kept);
            copy(folder.path(), &kept);
            format!(
                "seed {seed}, {}\nkustomize: {}\nrender: {}",
                kept.display(),
                theirs.stderr,
                ours.stderr
            )
        };
        if ours.success() != theirs.success() {
            wrong.push(what());
        } else if theirs.success() {
            rendered += 1;
            let (ours, theirs) = (documents::of(&ours.stdout), documents::of(&theirs.stdout));
            let place = ours.iter().zip(&theirs).position(|(ours, theirs)| ours != theirs);
            if let Some(place) = place {
                let (ours, theirs) = (&ours[place], &theirs[place]);
                wrong.push(format!("{}\n{ours:#}\nkustomize has\n{theirs:#}", what()));
            } else if ours.len() != theirs.len() {
                wrong.push(format!(
                    "{}\n{} objects, kustomize has {}",
                    what(),
                    ours.len(),
                    theirs.len()
                ));
            }
        } else {
            refused += 1;
            if ours.stderr.contains("--host") {
                wrong.push(what());
            }
        }
    }
    let shown: Vec<&str> = wrong.iter().take(8).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), shown.join("\n\n"));
    // Renames and namespaces make names meet, which both refuse.
    assert!(rendered >= how_many() / 2, "{rendered} rendered, {refused} refused");
}

/// A base, an overlay on it, and sometimes a component between them.
fn written(dice: &mut Dice, folder: &Path) {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let mut base = KUSTOMIZATION.to_owned();
    base.push_str("resources:\n- objects.yaml\n");
    write("base/objects.yaml", &objects(dice, ""));
    generators(dice, &mut base, false);
    changes(dice, &mut base);
    let mut overlay = KUSTOMIZATION.to_owned();
    overlay.push_str("resources:\n- ../base\n");
    if dice.hits(2) {
        overlay.push_str("- more.yaml\n");
        write("overlay/more.yaml", &objects(dice, "more-"));
    }
    if dice.hits(3) {
        overlay.push_str("components:\n- ../component\n");
        let mut component =
            "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n".to_owned();
        changes(dice, &mut component);
        generators(dice, &mut component, true);
        functions(dice, &mut component);
        write("component/kustomization.yaml", &component);
        data(&write, "component");
    }
    generators(dice, &mut overlay, true);
    changes(dice, &mut overlay);
    functions(dice, &mut overlay);
    if dice.hits(8) {
        overlay.push_str("sortOptions:\n  order: fifo\n");
    }
    for (folder, text) in [("base", base), ("overlay", overlay)] {
        write(&format!("{folder}/kustomization.yaml"), &text);
        data(&write, folder);
    }
}

/// What generators read.
fn data(write: &dyn Fn(&str, &str), folder: &str) {
    write(&format!("{folder}/params.env"), "# parameters\nCOLOR=blue\nQUOTED=\"a\"\nEMPTY=\n");
    write(&format!("{folder}/files/notes.txt"), "first line\nsecond & <last> line\n");
    let long = "0123456789abcdefghijklmnopqrstuvwxyz".repeat(5);
    write(&format!("{folder}/long.txt"), &long);
}

fn generators(dice: &mut Dice, kustomization: &mut String, is_above: bool) {
    for (field, kind) in [("configMapGenerator", "map"), ("secretGenerator", "secret")] {
        if is_above && !dice.hits(2) {
            continue;
        }
        let _ = writeln!(kustomization, "{field}:");
        let mut names: Vec<&str> = dice.some(&CONFIGS, 2);
        names.dedup();
        names.push("always");
        for name in names {
            let is_of_base = is_above && name == "always";
            let prefix = if is_above && !is_of_base { "own-" } else { "" };
            let _ = writeln!(kustomization, "- name: {prefix}{name}-{kind}");
            if is_of_base {
                let _ = writeln!(kustomization, "  behavior: {}", dice.word(&["merge", "replace"]));
            } else if dice.hits(6) {
                let _ = writeln!(kustomization, "  namespace: {}", dice.word(&NAMESPACES[1..]));
            }
            if kind == "secret" && dice.hits(3) {
                kustomization.push_str("  type: example.com/token\n");
            }
            if dice.hits(2) {
                let value = dice.word(&["on", "\"quoted\"", "'x'", "a=b", "<&>", "ü", "12", ""]);
                let _ = writeln!(kustomization, "  literals:\n  - mode={value}\n  - other=true");
            }
            if dice.hits(3) {
                kustomization.push_str("  envs:\n  - params.env\n");
            }
            if dice.hits(3) {
                kustomization.push_str("  files:\n  - files/notes.txt\n  - long=long.txt\n");
            }
            if dice.hits(3) {
                let field = dice.word(&[
                    "disableNameSuffixHash: true",
                    "immutable: true",
                    "labels: {made: here}",
                    "annotations: {made/by: generator}",
                ]);
                let _ = writeln!(kustomization, "  options:\n    {field}");
            }
        }
    }
    if dice.hits(4) {
        let field = dice.word(&["disableNameSuffixHash: true", "labels: {made: everywhere}"]);
        let _ = writeln!(kustomization, "generatorOptions:\n  {field}");
    }
}

fn changes(dice: &mut Dice, kustomization: &mut String) {
    if dice.hits(3) {
        let _ = writeln!(kustomization, "namespace: {}", dice.word(&NAMESPACES[1..]));
    }
    if dice.hits(2) {
        // One value everywhere: kustomize writes a label's node into every field, and an entry that changes
        // one of them changes all.
        kustomization.push_str("labels:\n- pairs:\n    team: one\n    stage: dev\n");
        match dice.below(4) {
            0 => kustomization.push_str("  includeSelectors: true\n"),
            1 => kustomization.push_str("  includeTemplates: true\n"),
            _ => {}
        }
        if dice.hits(3) {
            kustomization.push_str("- pairs: {only: metadata}\n");
        }
    }
    if dice.hits(2) {
        kustomization.push_str("patches:\n");
        for _ in 0..=dice.below(2) {
            let (target, operations) = *dice.pick(&[
                ("kind: Deployment", r#"[{"op": "replace", "path": "/spec/replicas", "value": 3}]"#),
                ("kind: Deployment", r#"[{"op": "add", "path": "/metadata/annotations/a~1b", "value": "c"}]"#),
                ("{kind: Service, name: web}", "- op: add\n      path: /spec/ports/-\n      value: {port: 81}"),
                ("{kind: Service, name: w.*}", "- op: replace\n      path: /metadata/name\n      value: renamed"),
                ("{kind: ConfigMap, namespace: default}", r#"[{"op": "add", "path": "/data", "value": {"new": "x"}}]"#),
                ("labelSelector: app=web", r#"[{"op": "add", "path": "/metadata/labels/patched", "value": "yes"}]"#),
                ("{kind: Deployment, version: v1}", r#"[{"op": "test", "path": "/kind", "value": "Deployment"}, {"op": "remove", "path": "/spec/replicas"}]"#),
                ("kind: ServiceAccount", "- {op: replace, path: /metadata/name, value: robot}"),
            ]);
            let target = target.trim_matches(['{', '}']);
            let _ = writeln!(kustomization, "- target: {{{target}}}\n  patch: |\n    {operations}");
        }
    }
}

/// Functions of this project under `generators` and `transformers`.
fn functions(dice: &mut Dice, kustomization: &mut String) {
    let config = |kind: &str, name: &str, spec: &str| {
        format!(
            "- |\n  apiVersion: fn.kserve-aws.dev/v1alpha1\n  kind: {kind}\n  metadata:\n    name: {name}\n    annotations:\n      config.kubernetes.io/function: |\n        exec:\n          path: {}\n  spec: {spec}\n",
            binary().display()
        )
    };
    if dice.hits(4) {
        kustomization.push_str("generators:\n");
        kustomization.push_str(&config("KnativeDomain", "made", "{domain: made.example.com}"));
    }
    if dice.hits(3) {
        kustomization.push_str("transformers:\n");
        let spec = "{domain: platform.example.com, createIfMissing: true}";
        kustomization.push_str(&config("KnativeDomain", "domain", spec));
        if dice.hits(2) {
            kustomization.push_str(&config(
                "ServingAuthorization",
                "policies",
                "{mode: namespace}",
            ));
        }
    }
}

/// Objects that refer to each other, each name once.
fn objects(dice: &mut Dice, prefix: &str) -> String {
    let mut text = String::new();
    let mut kinds: Vec<&str> = OBJECTS.iter().map(|(kind, _)| *kind).collect();
    kinds.retain(|_| !dice.hits(3));
    let mut seen = Vec::new();
    for kind in kinds {
        let (_, template) = OBJECTS.iter().find(|(known, _)| *known == kind).unwrap();
        for _ in 0..=dice.below(2) {
            let name = format!("{prefix}{}", dice.word(&NAMES));
            let namespace = dice.word(&NAMESPACES);
            if seen.contains(&(kind, name.clone())) {
                continue;
            }
            let own = if namespace.is_empty() || template.contains("# cluster") {
                String::new()
            } else {
                format!("  namespace: {namespace}\n")
            };
            let object = template.replace("  NAMESPACE\n", &own);
            let mut object = object.replace("NAME", &name);
            for (place, others) in [("CONFIG", &CONFIGS[..]), ("OTHER", &NAMES[..])] {
                while object.contains(place) {
                    object = object.replacen(place, dice.word(others), 1);
                }
            }
            let _ = write!(text, "---\n{object}");
            seen.push((kind, name));
        }
    }
    if text.is_empty() {
        OBJECTS[0].1.replace("  NAMESPACE\n", "").replace("NAME", "only")
    } else {
        text
    }
}

const OBJECTS: [(&str, &str); 19] = [
    (
        "ConfigMap",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: NAME\n  NAMESPACE\ndata:\n  a: '1'\n",
    ),
    (
        "Generated",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: CONFIG-map-NAME\n  NAMESPACE\ndata: {a: b}\n",
    ),
    (
        "Secret",
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: NAME\n  NAMESPACE\nstringData:\n  token: abc\n",
    ),
    (
        "Local",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: local-NAME\n  annotations:\n    config.kubernetes.io/local-config: 'true'\n",
    ),
    (
        "Deployment",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: NAME\n  NAMESPACE\n  labels: {app: OTHER}\nspec:\n  replicas: 1\n  selector:\n    matchLabels: {app: NAME}\n  template:\n    metadata:\n      labels: {app: NAME}\n    spec:\n      serviceAccountName: OTHER\n      imagePullSecrets:\n      - name: CONFIG-secret\n      containers:\n      - name: main # first\n        image: example/app\n        envFrom:\n        - configMapRef: {name: CONFIG-map}\n        - secretRef: {name: CONFIG-secret}\n        env:\n        - name: A\n          valueFrom:\n            configMapKeyRef: {name: CONFIG-map, key: mode}\n      volumes:\n      - name: v\n        configMap: {name: CONFIG-map}\n      - name: s\n        projected:\n          sources:\n          - secret: {name: always-secret}\n          - configMap: {name: always-map}\n      affinity:\n        podAntiAffinity:\n          requiredDuringSchedulingIgnoredDuringExecution:\n          - labelSelector:\n              matchLabels: {app: NAME}\n            topologyKey: zone\n",
    ),
    (
        "StatefulSet",
        "apiVersion: apps/v1\nkind: StatefulSet\nmetadata:\n  name: NAME\n  NAMESPACE\nspec:\n  serviceName: OTHER\n  template:\n    spec:\n      containers: []\n      volumes:\n      - name: v\n        secret: {secretName: CONFIG-secret}\n  volumeClaimTemplates:\n  - metadata: {name: claim}\n",
    ),
    (
        "CronJob",
        "apiVersion: batch/v1\nkind: CronJob\nmetadata:\n  name: NAME\n  NAMESPACE\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers:\n          - name: main\n            envFrom:\n            - configMapRef: {name: always-map}\n",
    ),
    (
        "Service",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: NAME\n  NAMESPACE\n  labels: {app: NAME}\nspec:\n  ports:\n  - port: 80\n  selector: {app: NAME}\n",
    ),
    (
        "Headless",
        "apiVersion: v1\nkind: Service\nmetadata:\n  name: headless-NAME\n  NAMESPACE\nspec:\n  clusterIP: None\n",
    ),
    (
        "Ingress",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: NAME\n  NAMESPACE\n  annotations: {nginx.ingress.kubernetes.io/auth-secret: CONFIG-secret}\nspec:\n  tls:\n  - secretName: always-secret\n  rules:\n  - http:\n      paths:\n      - path: /\n        pathType: Prefix\n        backend:\n          service:\n            name: OTHER\n            port: {number: 80}\n",
    ),
    (
        "ServiceAccount",
        "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: NAME\n  NAMESPACE\nimagePullSecrets:\n- name: CONFIG-secret\n",
    ),
    (
        "RoleBinding",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: NAME\n  NAMESPACE\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: OTHER}\nsubjects:\n- kind: ServiceAccount\n  name: OTHER\n- kind: ServiceAccount\n  name: OTHER\n  namespace: team-a\n",
    ),
    (
        "Role",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: NAME\n  NAMESPACE\nrules:\n- apiGroups: ['']\n  resources: [configmaps]\n  resourceNames: [CONFIG-map, always-map, other]\n",
    ),
    (
        "ClusterRole",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole # cluster\nmetadata:\n  name: NAME\n  NAMESPACE\nrules:\n- resourceNames: [always-secret]\n",
    ),
    (
        "ClusterRoleBinding",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding # cluster\nmetadata:\n  name: NAME\n  NAMESPACE\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: OTHER}\nsubjects:\n- kind: ServiceAccount\n  name: OTHER\n  namespace: team-b\n",
    ),
    (
        "Namespace",
        "apiVersion: v1\nkind: Namespace # cluster\nmetadata:\n  name: ns-NAME\n  NAMESPACE\n",
    ),
    (
        "Webhook",
        "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration # cluster\nmetadata:\n  name: NAME\n  NAMESPACE\nwebhooks:\n- name: a.example.com\n  clientConfig:\n    service:\n      name: OTHER\n      namespace: team-a\n",
    ),
    (
        "NetworkPolicy",
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: NAME\n  NAMESPACE\nspec:\n  podSelector:\n    matchLabels: {app: NAME}\n  ingress:\n  - from:\n    - podSelector:\n        matchLabels: {app: OTHER}\n",
    ),
    (
        "InferenceService",
        "apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n  name: NAME\n  NAMESPACE\nspec:\n  predictor:\n    model:\n      modelFormat: {name: sklearn}\n      storageUri: gs://example/model\n",
    ),
];

/// The folders of `awsconfigs` that have a file, in a copy.
fn folders_with(folder: &Folder, file: &str) -> Vec<PathBuf> {
    let root = folder.path().join("awsconfigs");
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("awsconfigs"), &root);
    let all = package::files(&root).into_keys();
    let found = all.filter(|path| path.file_name().is_some_and(|name| name == file));
    found.map(|path| Path::new("awsconfigs").join(path.parent().unwrap())).collect()
}

#[test]
fn every_overlay_is_rendered_as_kustomize_renders_it() {
    if which("kustomize").is_none() {
        skip("the overlays rendered", "kustomize is not installed");
        return;
    }
    let folder = Folder::new();
    let mut compared = 0;
    for overlay in folders_with(&folder, "kustomization.yaml") {
        let text =
            fs::read_to_string(folder.path().join(&overlay).join("kustomization.yaml")).unwrap();
        if text.contains("kind: Component") {
            continue;
        }
        let place = overlay.to_str().unwrap();
        let render = |more: &[&str]| {
            let mut render = command(binary(), folder.path());
            render.args(["render", place]).args(more);
            run(&mut render).expect_success(&format!("render {place} {more:?}"))
        };
        let ours = documents::of(&render(&[]).stdout);
        let theirs = documents::of(&render(&["--host", "kustomize"]).stdout);
        assert_eq!(ours, theirs, "{place}");
        assert!(!ours.is_empty(), "{place}");
        compared += 1;
    }
    assert!(compared >= 6, "{compared} overlays");
}

#[test]
fn every_package_is_rendered_as_kpt_renders_it() {
    if which("kpt").is_none() {
        skip("the packages rendered", "kpt is not installed");
        return;
    }
    let (ours, theirs) = (Folder::new(), Folder::new());
    let places = folders_with(&ours, "Kptfile");
    assert_eq!(folders_with(&theirs, "Kptfile"), places);
    for folder in [&ours, &theirs] {
        // kpt takes the files of kustomize for objects of the package.
        for path in package::files(folder.path()).into_keys() {
            let name = path.file_name().unwrap().to_str().unwrap();
            let text = fs::read_to_string(folder.path().join(&path)).unwrap();
            let is_config = text.contains("config.kubernetes.io/function");
            if name == "kustomization.yaml"
                || (is_config && !path.starts_with("awsconfigs/endpoints"))
            {
                fs::remove_file(folder.path().join(path)).unwrap();
            }
        }
    }
    for place in places {
        let kptfile = theirs.path().join(&place).join("Kptfile");
        let text = fs::read_to_string(&kptfile).unwrap();
        let image = text.lines().find_map(|line| line.trim().strip_prefix("- image: "));
        let name =
            image.and_then(|image| image.rsplit('/').next()?.split(':').next()).unwrap_or_default();
        // Of what a component is for, kpt's package alone has nothing.
        if ["serving-dns", "serving-certificate", "serving-authorization", "callers", "kubeflow"]
            .iter()
            .any(|name| place.ends_with(name))
        {
            continue;
        }
        let exec = format!("- exec: {} fn {name}", binary().display());
        let changed =
            image.map_or(text.clone(), |image| text.replace(&format!("- image: {image}"), &exec));
        fs::write(&kptfile, changed).unwrap();
        let mut kpt = command("kpt", &theirs.path().join(&place));
        let what = place.to_str().unwrap();
        run(kpt.args(["fn", "render", "--allow-exec"])).expect_success(what);
        let mut render = command(binary(), ours.path());
        render.args(["render", what, "--as", "package"]);
        run(render.arg("--in-place")).expect_success(what);
        let objects = |folder: &Folder| {
            let mut objects: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
            for (path, bytes) in documents::manifests(&folder.path().join(&place)) {
                objects.insert(path, documents::of(&String::from_utf8(bytes).unwrap()));
            }
            objects
        };
        assert_eq!(objects(&ours), objects(&theirs), "{what}");
        // What was written is what a second run finds.
        let mut check = command(binary(), ours.path());
        check.args(["render", what, "--as", "package", "--in-place", "--check"]);
        run(&mut check).expect_success(&format!("a second run of {what}"));
    }
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    let folder = Folder::new();
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let kptfile = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a\npipeline:\n  mutators:\n  - image: example.com/set-knative-domain:v0.1.0\n    configMap: {domain: DOMAIN}\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config-domain # kept\n  namespace: knative-serving\ndata:\n  example.com: \"\"\n";
    write("a/Kptfile", &kptfile.replace("DOMAIN", "Not.Valid"));
    write("a/domain.yaml", map);
    let render =
        |arguments: &[&str]| run(command(binary(), folder.path()).arg("render").args(arguments));
    let before = package::files(folder.path());
    assert_eq!(render(&["a", "--in-place"]).code, Some(1));
    assert!(package::files(folder.path()) == before, "a failed run wrote something");
    write("a/Kptfile", &kptfile.replace("DOMAIN", "valid.example.com"));
    render(&["a", "--in-place"]).expect_success("in place");
    let text = fs::read_to_string(folder.path().join("a/domain.yaml")).unwrap();
    assert!(text.contains("config-domain # kept") && text.contains("valid.example.com"), "{text}");
    assert_eq!(render(&["a", "--check", "--in-place"]).code, Some(0));
    // Into another folder, and what is there already.
    let to = ["a", "--output", "out"];
    assert_eq!(render(&[&to[..], &["--check"]].concat()).code, Some(1));
    render(&to).expect_success("to a folder");
    assert_eq!(render(&[&to[..], &["--check"]].concat()).code, Some(0));
    let mut written: Vec<PathBuf> =
        package::files(&folder.path().join("out")).into_keys().collect();
    written.sort();
    assert_eq!(written, [PathBuf::from("Kptfile"), PathBuf::from("domain.yaml")]);
}
