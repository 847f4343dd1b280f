//! Every overlay under every host: one meaning, and upstream's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::documents;
use crate::host::Host;
use crate::ingress_params::{hosts, render, render_again};
use crate::package::{self, Folder};
use crate::process::run;
use crate::upstream::{self, MEANT};

const OVERLAYS: [&str; 6] = ["base", "https", "api", "cognito", "jwt", "oidc"];

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
        if let (Some(upstream), Some(ours)) = (upstream::expected(overlay), all) {
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

/// Ours is upstream's with every difference that is meant, and each of them is needed for that.
#[test]
fn each_difference_from_upstream_is_named() {
    for overlay in upstream::ALL.iter().copied() {
        let Some(expected) = upstream::expected(overlay) else { return };
        let rendered = render(Host::Render, &Folder::with_overlays(), overlay, None);
        rendered.outcome.expect_success(overlay);
        let ours = documents::meaning(rendered.documents);
        assert_eq!(ours, expected, "{overlay}");
        for one in MEANT.iter().filter(|difference| difference.overlays.contains(&overlay)) {
            let others = upstream::with(overlay, |difference| difference.what != one.what);
            assert_ne!(Some(&ours), others.as_ref(), "{overlay}: it is not so that {}", one.what);
        }
    }
}

/// kubectl, and kustomize without `--enable-exec`, leave an `exec` function out without a word; and
/// kustomize drops a configuration that stands under `resources`, since it is `local-config`. What
/// they print then must give no load balancer.
#[test]
fn an_overlay_whose_function_did_not_run_is_closed() {
    let hosts = [
        (Host::KubectlPlugin, Host::KubectlContainer),
        (Host::KustomizeExec, Host::KustomizeContainer),
    ];
    for (_, host) in hosts.into_iter().filter(|(here, _)| here.is_here()) {
        for overlay in OVERLAYS {
            let without_flag = Folder::with_overlays();
            let (container, exec) = ("container:\n        image:", "exec:\n        path:");
            without_flag.replace("ingress-params.yaml", container, exec);
            assert_closed(host, &without_flag, overlay);

            let as_resource = Folder::with_overlays();
            let file = "kustomization.yaml";
            as_resource.replace(file, "transformers:\n- ingress-params.yaml\n", "");
            as_resource.replace(file, "resources:\n", "resources:\n- ingress-params.yaml\n");
            assert_closed(host, &as_resource, overlay);
        }
    }
}

/// The Ingress still has the guard of its file; what the controller makes of that, the tests of
/// `render` show.
#[track_caller]
fn assert_closed(host: Host, folder: &Folder, overlay: &str) {
    let outcome = run(host.command(folder).arg(folder.overlay(overlay)));
    let outcome = outcome.expect_success(&format!("{host} {overlay} without the function"));
    let documents = documents::of(&outcome.stdout);
    let ingress = documents.iter().find(|document| document["kind"] == "Ingress").unwrap();
    let ports = &ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/listen-ports"];
    assert_eq!(ports, "set-ingress-params-has-not-run", "{host} {overlay}");
}
