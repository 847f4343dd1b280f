//! Kubeflow's and KServe's own manifests are not refused, except for what `tests/data/corpora` lists,
//! each with the rule that confirms it and its source.

use std::collections::BTreeSet;

use serde::Deserialize;
use test_support::corpora;

use crate::cases::command::Memory;

/// An error that is right.
#[derive(Debug, Deserialize)]
struct Listed {
    /// The file, below the corpora.
    file: String,
    object: String,
    code: String,
    /// What confirms it, and where that is written.
    rule: String,
    source: String,
}

/// The guarded Ingress in front of a platform's gateway.
const FRONT: &str = r#"
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: models
  namespace: istio-system
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/listen-ports: '[{"HTTPS":443}]'
    alb.ingress.kubernetes.io/certificate-arn: arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012
    alb.ingress.kubernetes.io/conditions.istio-ingressgateway: '[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"x-api-key","values":["0f5b1c2e9d8a4736a1b2c3d4e5f60718"]}}]'
spec:
  ingressClassName: alb
  rules:
  - host: '*.models.example.com'
    http:
      paths:
      - path: /
        pathType: Prefix
        backend:
          service:
            name: istio-ingressgateway
            port:
              number: 80
"#;

type Found = BTreeSet<(String, String, String)>;

/// The errors of `check`, each with the file, the object and the code.
fn errors(file: &str, text: String, found: &mut Found) {
    let answer = Memory::stdin(text).run(&["check", "-", "--format", "plain"]);
    let errors = answer.stderr.lines().chain(answer.stdout.lines());
    for line in errors.filter_map(|line| line.strip_prefix("[error] ")) {
        let object = line.split(' ').next().unwrap().trim_end_matches(':').to_owned();
        let code = line.rsplit_once('(').unwrap().1.trim_end_matches(')').to_owned();
        found.insert((file.to_owned(), object, code));
    }
}

fn has_gateway(text: &str) -> bool {
    let mut documents = text.split("\n---");
    documents.any(|one| {
        one.contains("\nkind: Service\n") && one.contains("\n  name: istio-ingressgateway\n")
    })
}

#[test]
fn only_listed_errors_are_found() {
    let text = include_str!("../data/corpora/errors.json");
    let listed: Vec<Listed> = serde_json::from_str(text).unwrap();
    assert!(listed.iter().all(|one| !one.rule.is_empty() && one.source.contains('/')));
    let mut files = corpora::files();
    // Overlays without the platform, which the hosts' tests compare with ours.
    files.retain(|file| !file.name.contains("/ingress-reference/"));
    if files.is_empty() {
        println!("skipped: the corpora are not here");
        return;
    }
    let (mut found, mut with_front) = (Found::new(), 0);
    let count = files.len();
    for file in files {
        let (_, name) = file.name.split_once("/corpora/").unwrap();
        let is_list = file.text.starts_with("apiVersion: config.kubernetes.io/");
        if !is_list && has_gateway(&file.text) {
            with_front += 1;
            errors(name, format!("{}{FRONT}", file.text), &mut found);
        }
        errors(name, file.text, &mut found);
    }
    let listed: Found = listed.into_iter().map(|one| (one.file, one.object, one.code)).collect();
    println!(
        "{} errors in {count} files, {with_front} of them behind an Ingress, too",
        found.len()
    );
    assert!(with_front > 0);
    let unlisted: Vec<_> = found.difference(&listed).collect();
    assert!(unlisted.is_empty(), "not listed: {unlisted:#?}");
    for stale in listed.difference(&found) {
        println!("listed, and no longer found: {stale:?}");
    }
}
