//! The configurations of a package beside its output: in an order that gives wrong records, two that
//! disagree, and one that has not run.

use std::fs;
use std::path::Path;

use crate::cases::command::Memory;

const DNS: &str = "\
apiVersion: fn.kserve-aws.dev/v1alpha1
kind: ServingDNS
metadata:
  name: serving-dns
spec:
  mode: ack
  target: k8s-istio-0123456789.us-west-2.elb.amazonaws.com
  hostedZoneId: Z0123456789ABCDEFGHIJ
  absoluteNames: true
";

fn domain(name: &str, domain: &str) -> String {
    format!(
        "apiVersion: fn.kserve-aws.dev/v1alpha1\nkind: KnativeDomain\nmetadata:\n  name: {name}\nspec:\n  domain: {domain}\n"
    )
}

/// A service, Knative's domain, and the configurations.
fn package(configurations: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let objects =
        fs::read_to_string(root.join("fixtures/generate-dns-records/input.yaml")).unwrap();
    [&[objects.trim_end()], configurations].concat().join("\n---\n")
}

fn run(function: &str, configuration: &str, package: &str) -> String {
    let answer = Memory::default()
        .with_file("config.yaml", configuration)
        .with_file("package.yaml", package)
        .run(&["fn", function, "--config", "config.yaml", "package.yaml"]);
    assert_eq!(answer.code, 0, "{function}: {}", answer.stderr);
    answer.stdout
}

/// What `check` says of the configurations of a package.
fn check(package: &str) -> Vec<String> {
    let answer = Memory::stdin(package).run(&["check", "--format", "plain"]);
    let own = answer.stderr.lines().filter(|line| line.contains("(configuration"));
    own.map(str::to_owned).collect()
}

#[test]
fn functions_in_an_order_that_gives_wrong_records() {
    let domain = domain("knative-domain", "new.example.com");
    let package = package(&[&domain, DNS]);
    let right = run("generate-dns-records", DNS, &run("set-knative-domain", &domain, &package));
    assert!(right.contains("staging.new.example.com"), "{right}");
    assert_eq!(check(&right), Vec::<String>::new());
    let wrong = run("set-knative-domain", &domain, &run("generate-dns-records", DNS, &package));
    let found = check(&wrong);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("ServingDNS/serving-dns"), "{found:#?}");
    assert!(found[0].contains("run it after set-knative-domain"), "{found:#?}");
}

#[test]
fn configurations_that_disagree() {
    let (one, other) = (domain("one", "one.example.com"), domain("other", "other.example.com"));
    let output = run("set-knative-domain", &one, &package(&[&one, &other]));
    let found = check(&run("set-knative-domain", &other, &output));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("KnativeDomain/one"), "{found:#?}");
    assert!(found[0].contains("configurations-disagree"), "{found:#?}");
}

#[test]
fn a_configuration_that_has_not_run() {
    let found = check(&package(&[&domain("knative-domain", "new.example.com")]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("has not run on it"), "{found:#?}");
}

const KPTFILE: &str = "\
apiVersion: kpt.dev/v1
kind: Kptfile
metadata:
  name: serving
pipeline:
  mutators:
";

/// Whatever the output looks like: the next change of the domain gives wrong records.
#[test]
fn a_pipeline_in_another_order() {
    let image = |name: &str| {
        format!("  - image: registry.example.com/{name}:v1\n    configPath: {name}.yaml\n")
    };
    let of = |names: &[&str]| {
        let steps: String = names.iter().map(|name| image(name)).collect();
        check(&package(&[&format!("{KPTFILE}{steps}")]))
    };
    assert_eq!(of(&["set-knative-domain", "plan-certificate", "generate-dns-records"]), [""; 0]);
    assert_eq!(of(&["plan-certificate", "generate-dns-records", "set-ingress-params"]), [""; 0]);
    let found = of(&["generate-dns-records", "another", "set-knative-domain"]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("Kptfile/serving pipeline.mutators[0]"), "{found:#?}");
    assert!(found[0].contains("runs before set-knative-domain"), "{found:#?}");
    let found = of(&["set-ingress-params", "validate-serving-path", "set-knative-domain"]);
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("move it to the end, or to pipeline.validators"), "{found:#?}");
}

/// One image has every function: the kind of the configuration tells which.
#[test]
fn a_pipeline_of_the_one_image() {
    let step = |file: &str| format!("  - image: kserve-aws:v1\n    configPath: {file}\n");
    let at = |object: &str, path: &str| {
        object.replacen(
            "metadata:\n",
            &format!("metadata:\n  annotations: {{config.kubernetes.io/path: {path}}}\n"),
            1,
        )
    };
    let kptfile = format!("{KPTFILE}{}{}", step("dns.yaml"), step("./domain.yaml"));
    let domain = domain("knative-domain", "platform.example.com");
    let found = check(&package(&[
        &at(&kptfile, "p/Kptfile"),
        &at(DNS, "p/dns.yaml"),
        &at(&domain, "p/domain.yaml"),
    ]));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(found[0].contains("generate-dns-records runs before set-knative-domain"), "{found:#?}");
}
