//! Every overlay under every host: one meaning, and upstream's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::documents;
use crate::host::Host;
use crate::ingress_params::{Params, hosts, render, render_again};
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

/// The parameters of the overlays whose tokens expire, as each host is told them, and what becomes of them.
const ISSUERS: [(&str, &Params<'_>, &str, &str); 2] = [
    (
        "jwt",
        &[
            ("certArn", ARN),
            ("jwt.issuer", "https://issuer.example.com"),
            ("jwt.jwksEndpoint", "https://issuer.example.com/keys"),
            ("jwt.audiences", r#"["models","graphs"]"#),
            ("jwt.scopes", r#"["models/predict"]"#),
        ],
        "jwt-validation",
        r#"{"jwksEndpoint":"https://issuer.example.com/keys","issuer":"https://issuer.example.com","additionalClaims":[{"format":"single-string","name":"aud","values":["models","graphs"]},{"format":"space-separated-values","name":"scope","values":["models/predict"]}]}"#,
    ),
    (
        "oidc",
        &[
            ("certArn", ARN),
            ("oidc.issuer", "https://issuer.example.com"),
            ("oidc.authorizationEndpoint", "https://issuer.example.com/a"),
            ("oidc.tokenEndpoint", "https://issuer.example.com/t"),
            ("oidc.userInfoEndpoint", "https://issuer.example.com/u"),
            ("oidc.secretName", "client-of-models"),
            ("scope", "openid email"),
            ("sessionTimeout", "3600"),
        ],
        "auth-idp-oidc",
        r#"{"issuer":"https://issuer.example.com","authorizationEndpoint":"https://issuer.example.com/a","tokenEndpoint":"https://issuer.example.com/t","userInfoEndpoint":"https://issuer.example.com/u","secretName":"client-of-models"}"#,
    ),
];

const ARN: &str =
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";

#[test]
fn every_host_sets_the_issuer_of_its_parameters() {
    for (overlay, params, annotation, expected) in ISSUERS {
        let mut all: Option<BTreeMap<String, Value>> = None;
        for host in hosts() {
            let rendered = render(host, &Folder::with_overlays(), overlay, Some(params));
            rendered.outcome.expect_success(&format!("{host} {overlay}"));
            let ingress = rendered.documents.iter().find(|one| one["kind"] == "Ingress").unwrap();
            let annotations = &ingress["metadata"]["annotations"];
            let value = &annotations[format!("alb.ingress.kubernetes.io/{annotation}")];
            let read = |text: &str| serde_json::from_str::<Value>(text).unwrap();
            assert_eq!(read(value.as_str().unwrap()), read(expected), "{host} {overlay}");
            let meaning = documents::meaning(rendered.documents);
            assert_eq!(*all.get_or_insert(meaning.clone()), meaning, "{host} {overlay}");
        }
        let all = all.unwrap();
        let annotations = &all.values().next().unwrap()["metadata"]["annotations"];
        let session = &annotations["alb.ingress.kubernetes.io/auth-session-timeout"];
        assert_eq!(session.as_str(), (overlay == "oidc").then_some("3600"));
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
