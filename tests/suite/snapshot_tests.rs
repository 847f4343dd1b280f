//! `kserve-aws test`: what folders render to, held against what is kept of it.

use std::path::Path;

use crate::cases::command::{Answer, Memory};

const TOKEN: &str = "0f5b1c2e9d8a4736a1b2c3d4e5f60718";

/// A kustomization of the api overlay, and a package of kpt.
fn memory() -> Memory {
    let params = format!(
        "certArn=arn:aws:acm:us-west-2:111122223333:certificate/12345678-1234-1234-1234-123456789012\nhttpHeaderValues=[\"{TOKEN}\"]\n"
    );
    let kptfile = "apiVersion: kpt.dev/v1\nkind: Kptfile\nmetadata:\n  name: a\npipeline:\n  mutators:\n  - image: ghcr.io/kserve-aws/set-knative-domain:v0.1.0\n    configMap:\n      domain: platform.example.com\n";
    let domain = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config-domain\n  namespace: knative-serving\ndata:\n  example.com: \"\" # Kubeflow's\n";
    crate::render::project()
        .with_file("awsconfigs/common/istio-ingress/overlays/api/params.env", params)
        .with_file("package/Kptfile", kptfile)
        .with_file("package/domain.yaml", domain)
}

const API: &str = "awsconfigs/common/istio-ingress/overlays/api";

/// The files, with those that a run wrote; none stays that it removed.
fn accepted(arguments: &[&str]) -> (Memory, Answer) {
    let first = memory();
    let (mut files, written) = (first.files.clone(), first.written.clone());
    let answer = first.run(&[&["test"], arguments, &["--accept"]].concat());
    files.extend(written.borrow().clone());
    files.retain(|_, bytes| !bytes.is_empty());
    (Memory { files, ..Memory::default() }, answer)
}

#[test]
fn what_is_accepted_passes_and_has_no_token() {
    let (memory, answer) = accepted(&[API, "package"]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    let ingress =
        format!("{API}/expected/istio-system/networking.k8s.io_v1_ingress_istio-ingress-api.yaml");
    let kept = String::from_utf8(memory.files[Path::new(&ingress)].clone()).unwrap();
    assert!(kept.contains("x-api-key") && kept.contains('…') && !kept.contains(TOKEN), "{kept}");
    let patch = String::from_utf8(memory.files[Path::new("package/.expected/diff.patch")].clone());
    let patch = patch.unwrap();
    assert!(patch.starts_with("--- a/domain.yaml\n+++ b/domain.yaml\n@@ "), "{patch}");
    let files = memory.files.clone();
    let again = memory.run(&["test", API, "package"]);
    let expected = format!("ok {API}\nok package\n2 passed, 0 failed\n");
    assert_eq!((again.code, again.stdout), (0, expected.clone()), "{}", again.stderr);
    // Another token gives the same snapshot.
    let params = Path::new(API).join("params.env");
    let mut others = files.clone();
    let text = String::from_utf8(others[&params].clone()).unwrap();
    others.insert(params, text.replace(TOKEN, &"9".repeat(32)).into_bytes());
    let again = Memory { files: others, ..Memory::default() }.run(&["test", API, "package"]);
    assert_eq!((again.code, again.stdout), (0, expected));
    // A folder of tests: those that have something to be compared with.
    let all = Memory { files, ..Memory::default() }.run(&["test", "awsconfigs"]);
    assert_eq!((all.code, all.stdout), (0, format!("ok {API}\n1 passed, 0 failed\n")));
}

#[test]
fn a_difference_is_shown_file_by_file() {
    let (mut memory, _) = accepted(&[API, "package"]);
    let params = Path::new(API).join("params.env");
    let text = String::from_utf8(memory.files[&params].clone()).unwrap();
    let text = format!("{}\nhttpHeaderName=x-team-key\n", text.trim_end());
    memory.files.insert(params, text.into_bytes());
    let kptfile = String::from_utf8(memory.files[Path::new("package/Kptfile")].clone()).unwrap();
    memory.files.insert("package/Kptfile".into(), kptfile.replace("platform.", "other.").into());
    let written = memory.written.clone();
    let answer = memory.run(&["test", API, "package", "--junit", "report.xml"]);
    assert_eq!(answer.code, 1);
    let shown = &answer.stdout;
    assert!(!shown.contains(TOKEN), "{shown}");
    assert!(
        shown.contains(&format!("failed {API}\n--- a/{API}/expected/istio-system/")),
        "{shown}"
    );
    assert!(shown.contains("x-team-key"), "{shown}");
    let lines = "-  platform.example.com: ''\n+  other.example.com: ''\n";
    assert!(
        shown.contains("failed package\n--- a/domain.yaml\n") && shown.contains(lines),
        "{shown}"
    );
    assert!(
        shown.ends_with(
            "0 passed, 2 failed\nto accept what is rendered, run it again with --accept\n"
        )
    );
    let xml = String::from_utf8(written.borrow()[Path::new("report.xml")].clone()).unwrap();
    assert!(
        xml.contains("<testsuite name=\"kserve-aws test\" tests=\"2\" failures=\"2\""),
        "{xml}"
    );
    assert!(xml.contains("+  other.example.com: ''") && !xml.contains(TOKEN), "{xml}");
}

#[test]
fn what_cannot_be_compared_fails() {
    let fails = |memory: Memory, folder: &str, expected: &str| {
        let answer = memory.run(&["test", folder]);
        let shown = format!("{}{}", answer.stdout, answer.stderr);
        // A folder that cannot be read is not one that fails.
        let code = if folder == "absent" { 3 } else { 1 };
        assert!(answer.code == code && shown.contains(expected), "{shown}");
    };
    fails(memory(), API, &format!("{API}/expected not found; run it with --accept"));
    fails(memory(), "package", "package/.expected/diff.patch not found; run it with --accept");
    fails(memory(), "awsconfigs", "found no test in awsconfigs");
    fails(memory(), "absent", "absent is not a folder");
    let patch = "--- a/domain.yaml\n+++ b/domain.yaml\n@@ -1 +1 @@\n-kind: Other\n+kind: Another\n";
    let broken = memory().with_file("package/.expected/diff.patch", patch);
    fails(broken, "package", "diff.patch: line 4 is not in the file it names");
    // A function that refuses its input.
    let params = memory().with_file(&format!("{API}/params.env"), "certArn=arn:aws\n");
    fails(params, API, "certArn");
    // A file that nothing renders to any more.
    let (memory, _) = accepted(&[API]);
    let more =
        memory.with_file(&format!("{API}/expected/v1_configmap_old.yaml"), "kind: ConfigMap\n");
    fails(more, API, "v1_configmap_old.yaml\n+++ /dev/null\n");
}

/// The examples of every function are in the layout of kpt's own tests, and kpt wrote what they expect.
#[test]
fn what_kpt_keeps_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut memory = Memory::default();
    let mut open = vec![root.join("functions")];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                memory = memory.with_file(&name, std::fs::read(&path).unwrap());
            }
        }
    }
    let answer = memory.run(&["test", "functions"]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    let passed = answer.stdout.matches("\nok functions/").count();
    assert!(passed > 20, "{}", answer.stdout);
}
