//! Every overlay under every host: one meaning, and upstream's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::documents;
use crate::host::Host;
use crate::ingress_params::{hosts, render, render_again};
use crate::package::{self, Folder};
use crate::process::run;

const OVERLAYS: [&str; 4] = ["base", "https", "api", "cognito"];

/// The files of a package that a host has no reason to change.
fn others(place: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = package::files(place);
    files.remove(Path::new("ingress.yaml"));
    files
}

#[test]
fn every_host_gives_one_ingress() {
    for overlay in OVERLAYS {
        let mut kustomize: Option<(Host, String)> = None;
        let mut all: Option<BTreeMap<String, Value>> = None;
        for host in hosts() {
            let folder = Folder::with_overlays();
            let before = others(&folder.overlay(overlay));
            let rendered = render(host, &folder, overlay, None);
            let outcome = rendered.outcome.expect_success(&format!("{host} {overlay}"));
            let told = outcome.terminal().to_lowercase();
            assert!(!told.contains("deprecated"), "{host} {overlay}:\n{told}");
            if host.is_kustomize() {
                let (first, text) = kustomize.get_or_insert((host, outcome.stdout.clone()));
                assert_eq!(*text, outcome.stdout, "{overlay}: {first} against {host}");
            }
            if matches!(host, Host::KptRenderContainer | Host::KptEvalContainer) {
                let after = others(&folder.overlay(overlay));
                assert_eq!(before, after, "{host} {overlay} changed another file");
            }
            let meaning = documents::meaning(rendered.documents);
            assert_eq!(meaning.len(), 1, "{host} {overlay}: {meaning:?}");
            assert_eq!(*all.get_or_insert(meaning.clone()), meaning, "{host} {overlay}");
        }
        if let (Some(upstream), Some(ours)) = (documents::upstream(overlay), all) {
            assert_eq!(ours, upstream, "{overlay}");
        }
    }
}

#[test]
fn a_second_render_of_kpt_changes_nothing() {
    for host in Host::ALL.into_iter().filter(|host| host.is_kpt() && host.is_here()) {
        let folder = Folder::with_overlays();
        render(host, &folder, "api", None).outcome.expect_success("first");
        let once = package::files(&folder.overlay("api"));
        render_again(host, &folder, "api").outcome.expect_success("second");
        assert_eq!(once, package::files(&folder.overlay("api")), "{host}");
    }
}

/// kubectl passes over an `exec` function without a word: what it prints then must not be open.
#[test]
fn an_overlay_whose_function_did_not_run_is_closed() {
    if !Host::KubectlPlugin.is_here() {
        return;
    }
    for overlay in ["https", "api", "cognito"] {
        let folder = Folder::with_overlays();
        folder.replace("ingress-params.yaml", "container:\n        image:", "exec:\n        path:");
        // The base's own ConfigMap would stop kubectl at the second one of its name.
        folder.replace(
            "kustomization.yaml",
            "configMapGenerator:\n- name: istio-ingress-parameters",
            "configMapGenerator:\n- behavior: create\n  name: left-over",
        );
        let base = folder.overlay("base").join("kustomization.yaml");
        let text = std::fs::read_to_string(&base).unwrap().replace("left-over", "left-over-base");
        std::fs::write(&base, text).unwrap();
        let place = folder.overlay(overlay);
        let outcome = run(Host::KubectlContainer.command(&folder).arg(place));
        let outcome = outcome.expect_success("kubectl without the function");
        let documents = documents::of(&outcome.stdout);
        let ingress = documents.iter().find(|document| document["kind"] == "Ingress").unwrap();
        let annotation = |name: &str| {
            ingress["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/{name}")]
                .as_str()
                .unwrap_or_default()
        };
        assert_eq!(annotation("listen-ports"), r#"[{"HTTPS":443}]"#, "{overlay}");
        assert_eq!(annotation("certificate-arn"), "set-ingress-params-has-not-run", "{overlay}");
    }
}
