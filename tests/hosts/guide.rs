//! The guide's own commands, character for character.

use std::fs;
use std::process::Command;

use crate::documents;
use crate::host::Host;
use crate::ingress_params::render;
use crate::package::Folder;
use crate::process::run;
use crate::upstream;

const API: &str = r#"printf '
certArn='$certArn'
httpHeaderName=x-api-key
httpHeaderValues=["token1"]
' > awsconfigs/common/istio-ingress/overlays/api/params.env
"#;

const HTTPS: &str =
    "printf 'certArn='$certArn'' > awsconfigs/common/istio-ingress/overlays/https/params.env\n";

const COGNITO: &str = "printf '
CognitoUserPoolArn='$CognitoUserPoolArn'
CognitoAppClientId='$CognitoAppClientId'
CognitoUserPoolDomain='$CognitoUserPoolDomain'
certArn='$certArn'
' > awsconfigs/common/istio-ingress/overlays/cognito/params.env
";

const BASE: &str = "printf '
loadBalancerScheme='$loadBalancerScheme'
' > awsconfigs/common/istio-ingress/base/params.env
";

const VARIABLES: [(&str, &str); 5] = [
    (
        "certArn",
        "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    ),
    (
        "CognitoUserPoolArn",
        "arn:aws:cognito-idp:us-west-2:123456789012:userpool/us-west-2_abcdef123",
    ),
    ("CognitoAppClientId", "1example23456789"),
    ("CognitoUserPoolDomain", "auth.platform.example.com"),
    ("loadBalancerScheme", "internet-facing"),
];

/// A folder in which the guide's commands ran, with some variables set otherwise.
fn after(commands: &str, variables: &[(&str, &str)]) -> Folder {
    let folder = Folder::with_overlays();
    let mut shell = Command::new("bash");
    shell.args(["-euc", commands]).current_dir(folder.path());
    shell.envs(VARIABLES).envs(variables.iter().copied());
    run(&mut shell).expect_success(commands);
    folder
}

/// As the guide shows a block within its numbered list, and as it comes with the clipboard.
fn indented(commands: &str) -> String {
    commands.lines().map(|line| format!("        {line}\n")).collect()
}

fn hosts() -> impl Iterator<Item = Host> {
    let used = [Host::Render, Host::KustomizeExec, Host::KubectlPlugin, Host::KubectlContainer];
    used.into_iter().filter(|host| host.is_here())
}

#[test]
fn gives_upstreams_ingress() {
    let cases = [("api", API), ("https", HTTPS), ("cognito", COGNITO), ("base", BASE)];
    for host in hosts() {
        for (overlay, commands) in cases {
            let mut meanings = Vec::new();
            for commands in [commands.to_owned(), indented(commands), format!("{commands}{BASE}")] {
                let folder = after(&commands, &[]);
                let rendered = render(host, &folder, overlay, None);
                rendered.outcome.expect_success(&format!("{host} after {commands}"));
                meanings.push(documents::meaning(rendered.documents));
            }
            let untouched = render(host, &Folder::with_overlays(), overlay, None);
            meanings.push(documents::meaning(untouched.documents));
            meanings.extend(upstream::expected(overlay));
            for other in &meanings[1..] {
                assert_eq!(meanings[0], *other, "{host} {overlay}");
            }
        }
    }
}

#[test]
fn the_scheme_of_the_base_holds_for_every_overlay() {
    for host in hosts() {
        for overlay in ["base", "https", "api", "cognito"] {
            let folder = after(BASE, &[("loadBalancerScheme", "internal")]);
            let rendered = render(host, &folder, overlay, None);
            rendered.outcome.expect_success(&format!("{host} {overlay}"));
            let annotations = &rendered.documents[0]["metadata"]["annotations"];
            assert_eq!(annotations["alb.ingress.kubernetes.io/scheme"], "internal", "{host}");
        }
    }
}

/// A variable that was never set, as in a new shell.
#[test]
fn an_empty_variable_is_refused() {
    for host in hosts() {
        let cases =
            [("api", API, "certArn"), ("https", HTTPS, "certArn"), ("cognito", COGNITO, "certArn")];
        let more = [
            ("cognito", COGNITO, "CognitoUserPoolArn"),
            ("cognito", COGNITO, "CognitoAppClientId"),
            ("cognito", COGNITO, "CognitoUserPoolDomain"),
            ("base", BASE, "loadBalancerScheme"),
        ];
        for (overlay, commands, variable) in cases.into_iter().chain(more) {
            let folder = after(commands, &[(variable, "")]);
            let before = fs::read(folder.overlay(overlay).join("params.env")).unwrap();
            let outcome = render(host, &folder, overlay, None).outcome;
            let told = outcome.terminal();
            assert!(!outcome.success(), "{host} {overlay} without {variable}:\n{told}");
            assert!(told.contains(&format!("data.{variable}")), "{host} {variable}:\n{told}");
            assert_eq!(outcome.stdout, "", "{host} {overlay} without {variable}");
            assert_eq!(before, fs::read(folder.overlay(overlay).join("params.env")).unwrap());
        }
    }
}
