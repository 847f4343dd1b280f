//! A bad parameter as its author sees it: on the terminal, under every host, and never a token.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use crate::host::Host;
use crate::ingress_params::{Params, hosts, render};
use crate::package::{self, Folder};

const ARN: (&str, &str) = (
    "certArn",
    "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012",
);
/// In every case where a token is given, this text is in it.
const SECRET: &str = "5ecr3t-0f-th3-us3r";
const TOKEN: (&str, &str) = ("httpHeaderValues", r#"["5ecr3t-0f-th3-us3r-1234567"]"#);
const POOL: (&str, &str) = (
    "CognitoUserPoolArn",
    "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123",
);
const CLIENT: (&str, &str) = ("CognitoAppClientId", "1example23456789");
const DOMAIN: (&str, &str) = ("CognitoUserPoolDomain", "auth.platform.example.com");

const JWT_POOL: (&str, &str) = ("jwt.userPoolArn", POOL.1);
const ISSUER: (&str, &str) = ("jwt.issuer", "https://issuer.example.com");

/// An overlay, its parameters, and what must be said.
type Case<'a> = (&'a str, &'a Params<'a>, &'a str);

const CASES: &[Case<'_>] = &[
    ("https", &[("certArn", "arn:aws:acm:us-west-2")], "has 4 of 6 parts"),
    ("https", &[("certArn", "")], "certArn"),
    ("https", &[("certArn", "$(certArn)")], "certArn"),
    ("https", &[], "requires the ARN of a certificate"),
    ("https", &[("certARN", ARN.1)], r#"did you mean "certArn"?"#),
    ("https", &[ARN, ("loadBalancerScheme", "public")], "loadBalancerScheme"),
    ("https", &[ARN, TOKEN], "has no effect in overlay https"),
    ("api", &[ARN], "requires at least one"),
    ("api", &[TOKEN], "requires the ARN of a certificate"),
    ("api", &[ARN, ("httpHeaderValues", "[5ecr3t-0f-th3-us3r-1234567]")], "expected a"),
    ("api", &[ARN, ("httpHeaderValues", r#"["5ecr3t-0f-th3-us3r*"]"#)], "has a wildcard"),
    ("api", &[ARN, ("httpHeaderValues", r#"[" 5ecr3t-0f-th3-us3r"]"#)], "space"),
    ("api", &[ARN, ("httpHeaderValues", "[]")], "the list is empty"),
    ("api", &[ARN, TOKEN, ("httpHeaderName", "x_api_key")], "httpHeaderName"),
    ("cognito", &[ARN, POOL, CLIENT], "userPoolDomain"),
    ("cognito", &[ARN, CLIENT, DOMAIN, ("CognitoUserPoolArn", ARN.1)], "cognito-idp"),
    ("jwt", &[ARN, JWT_POOL], "every token of the user pool is let in"),
    ("jwt", &[ARN, ("jwt.clientIds", r#"["1example23456789"]"#)], "requires the issuer"),
    ("jwt", &[ARN, ISSUER, ("jwt.audiences", r#"["models"]"#)], "issuer requires jwksEndpoint"),
    ("jwt", &[ARN, ISSUER, ("jwt.jwksEndpoint", "http://issuer.example.com/keys")], "with https"),
    ("jwt", &[ARN, JWT_POOL, ("jwt.clientId", "1example23456789")], "clientIds"),
    (
        "oidc",
        &[ARN, ("oidc.issuer", "https://login.example.com")],
        "requires the provider's issuer",
    ),
    ("oidc", &[ARN, ("oidc.issuer", "https://$(DOMAIN)")], "is a placeholder"),
    // Warnings come first where they are found first; kpt shows four lines.
    (
        "api",
        &[ARN, ("httpHeaderValues", r#"["a", "A", "b"]"#), ("loadBalancerScheme", "public")],
        "loadBalancerScheme",
    ),
];

#[test]
fn are_readable_under_every_host() {
    for host in hosts() {
        for (overlay, params, words) in CASES {
            // A container takes a second to start, and says what the same binary says.
            if host.has_containers() && !matches!(*words, "has 4 of 6 parts" | "has a wildcard") {
                continue;
            }
            refused(host, overlay, params, words);
        }
    }
}

#[track_caller]
fn refused(host: Host, overlay: &str, params: &Params<'_>, words: &str) {
    let folder = Folder::with_overlays();
    let before = kept(&folder, overlay);
    let rendered = render(host, &folder, overlay, Some(params));
    let told = rendered.outcome.terminal();
    let what = format!("{host} {overlay} {words:?}");
    assert!(!rendered.outcome.success(), "{what}: passed\n{told}");
    assert!(unquoted(&told).contains(words), "{what}: not said\n{told}");
    assert!(!told.contains(SECRET), "{what}: a token is shown\n{told}");
    assert!(!told.contains("panicked"), "{what}:\n{told}");
    if host.is_kpt() {
        assert_eq!(before, kept(&folder, overlay), "{what}: the package changed");
    } else {
        assert_eq!(rendered.outcome.stdout, "", "{what}: printed manifests");
    }
}

/// kpt shows stderr as Go strings.
fn unquoted(told: &str) -> String {
    told.replace("\\\"", "\"")
}

/// kustomize keeps no results, so the file that it built an object from is on the terminal, where it notes that
/// file: of a value that it took from an env file, the kustomization that names the env file.
#[test]
fn a_finding_names_the_file_that_kustomize_built_from() {
    for host in hosts().filter(|host| host.is_kustomize()) {
        let folder = Folder::with_overlays();
        let kustomization = folder.overlay("https").join("kustomization.yaml");
        let text = fs::read_to_string(&kustomization).unwrap();
        fs::write(&kustomization, format!("{text}buildMetadata: [originAnnotations]\n")).unwrap();
        let params = [("certArn", "arn:aws:acm:us-west-2")];
        let rendered = render(host, &folder, "https", Some(&params));
        let terminal = rendered.outcome.terminal();
        assert!(!rendered.outcome.success(), "{host}: {terminal}");
        let line = "[error] kustomization.yaml v1/ConfigMap/istio-system/istio-ingress-https-parameters data.certArn: ";
        assert!(unquoted(&terminal).contains(line), "{host}: {terminal}");
    }
}

/// The files that no test writes itself.
fn kept(folder: &Folder, overlay: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = package::files(&folder.overlay(overlay));
    files.retain(|path, _| path.to_str() != Some("Kptfile"));
    files
}
