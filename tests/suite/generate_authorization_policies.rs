//! `generate-authorization-policies`: the codes that its cases show, real manifests, and properties
//! over generated services.

use std::collections::{BTreeMap, BTreeSet};

use kserve_aws::controllers::istio::AuthorizationPolicy;
use kserve_aws::finding::Code;
use kserve_aws::serving::authorization::PROBES;
use serde_json::Value;
use test_support::Dice;
use test_support::kubeflow;
use test_support::serving::{CONFIG_NETWORK, Service, config, manifest, samples};

use crate::cases;
use crate::cases::command::{Answer, fn_on};
use crate::cases::forms::objects;

const FUNCTION: &str = "generate-authorization-policies";
const MODES: [&str; 3] = ["guide", "namespace", "strict"];

fn run(mode: &str, input: &str) -> Answer {
    assert!(MODES.contains(&mode));
    fn_on(FUNCTION, &config(mode), input, &[])
}

#[test]
fn every_code_is_shown() {
    // Each message has been read by somebody.
    let shown = cases::codes_shown(FUNCTION);
    let own = Code::ALL.iter().filter(|code| {
        **code == Code::ResourceNotOwned
            || **code == Code::MeshCompatibilityMode
            || code.as_str().starts_with("authorization-")
                // The first takes more objects than a case has, the second a fault of the function.
                && !matches!(code, Code::AuthorizationTooMany | Code::AuthorizationOwnPolicyInvalid)
    });
    let missing: Vec<&str> =
        own.map(|code| code.as_str()).filter(|code| !shown.contains(*code)).collect();
    assert!(missing.is_empty(), "no case shows {missing:?}");
}

/// The policies of an output, by namespace and name.
fn policies(output: &str) -> BTreeMap<(String, String), Value> {
    let text = |object: &Value, pointer: &str| {
        object.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let ours = objects(output).into_iter().filter(|object| {
        object.pointer("/metadata/annotations/fn.kserve-aws.dev~1generated-by").is_some()
    });
    ours.map(|object| {
        ((text(&object, "/metadata/namespace"), text(&object, "/metadata/name")), object)
    })
    .collect()
}

fn package(services: &BTreeSet<Service>) -> String {
    let mut documents = vec![CONFIG_NETWORK.to_owned()];
    documents.extend(services.iter().map(manifest));
    documents.join("---\n")
}

fn service(dice: &mut Dice, namespaces: usize) -> Service {
    Service {
        namespace: format!("team-{}", dice.below(namespaces)),
        name: format!("model-{}", dice.below(5)),
        transformer: dice.hits(2),
        explainer: dice.hits(2),
        v2: dice.hits(2),
    }
}

/// Services, each namespace and name once.
fn services(dice: &mut Dice) -> BTreeSet<Service> {
    let rolled = (0..=dice.below(8)).map(|_| service(dice, 3)).collect::<Vec<_>>();
    let by_name: BTreeMap<_, _> =
        rolled.into_iter().map(|one| ((one.namespace.clone(), one.name.clone()), one)).collect();
    by_name.into_values().collect()
}

#[test]
fn a_second_run_changes_nothing_and_another_namespace_only_adds() {
    let mut dice = Dice::new(6);
    for _ in 0..20 {
        let services = services(&mut dice);
        for mode in MODES {
            let first = run(mode, &package(&services));
            assert_eq!(first.code, 0, "{}", first.stderr);
            let second = run(mode, &first.stdout);
            assert_eq!(first.stdout, second.stdout);

            let new = Service { namespace: "team-new".to_owned(), ..service(&mut dice, 1) };
            let more = format!("{}---\n{}", first.stdout, manifest(&new));
            let (before, after) = (policies(&first.stdout), policies(&run(mode, &more).stdout));
            for (name, policy) in &before {
                assert_eq!(after.get(name), Some(policy));
            }
            let added = after.keys().filter(|name| !before.contains_key(*name));
            assert!(added.clone().all(|(namespace, _)| namespace == "team-new"));
            let components = 1 + usize::from(new.transformer) + usize::from(new.explainer);
            assert_eq!(added.count(), if mode == "guide" { 0 } else { components });
        }
    }
}

#[test]
fn a_component_that_goes_takes_its_policies_and_no_other() {
    let mut dice = Dice::new(7);
    for _ in 0..15 {
        let services = services(&mut dice);
        for mode in ["namespace", "strict"] {
            let first = run(mode, &package(&services)).stdout;
            let before = policies(&first);
            for service in &services {
                let mut fewer = services.clone();
                fewer.remove(service);
                let mut gone = BTreeSet::new();
                let policy = |component: &str| {
                    (service.namespace.clone(), format!("allow-{}-{component}", service.name))
                };
                let mut rest = service.clone();
                if service.explainer {
                    rest.explainer = false;
                    gone.insert(policy("explainer"));
                    fewer.insert(rest);
                } else if service.transformer {
                    rest.transformer = false;
                    gone.insert(policy("transformer"));
                    fewer.insert(rest);
                } else {
                    gone.insert(policy("predictor"));
                }
                let kept: String = objects(&first)
                    .into_iter()
                    .filter(|object| object["kind"] == "AuthorizationPolicy")
                    .map(|object| format!("---\n{object}\n"))
                    .collect();
                let later = run(mode, &format!("{}{kept}", package(&fewer)));
                assert_eq!(later.code, 0, "{}", later.stderr);
                let after = policies(&later.stdout);
                let names: BTreeSet<_> =
                    before.keys().filter(|name| !gone.contains(*name)).cloned().collect();
                assert_eq!(after.keys().cloned().collect::<BTreeSet<_>>(), names);
                // Who asks the predictor of this service may be others now.
                let own = policy("predictor");
                for name in names.iter().filter(|name| mode == "namespace" || **name != own) {
                    assert_eq!(after[name], before[name]);
                }
            }
        }
    }
}

/// A run on real manifests: it succeeds, every byte of the input stays but what strict sets in
/// config-network, every policy is one that istiod takes, and a second run changes nothing.
fn holds(mode: &str, input: &str, name: &str) -> usize {
    let first = run(mode, input);
    // Samples that turn the sidecar off: what strict promises, nothing enforces.
    if mode == "strict" && first.stderr.contains("(authorization-not-enforced)") {
        assert!(input.contains("sidecar.istio.io/inject"), "{name}: {}", first.stderr);
        assert_eq!(first.code, 1, "{name}");
        return 0;
    }
    assert_eq!(first.code, 0, "{name} in mode {mode}: {}", first.stderr);
    let set = first.stdout.find("  mesh-compatibility-mode: enabled\n");
    let mut kept = first.stdout.clone();
    if let Some(start) = set.filter(|_| mode == "strict") {
        kept.replace_range(start..start + "  mesh-compatibility-mode: enabled\n".len(), "");
    }
    assert!(kept.starts_with(input.trim_end()), "{name} in mode {mode} is not as it was");
    let second = run(mode, &first.stdout);
    assert_eq!(second.stdout, first.stdout, "{name} in mode {mode}, a second time");
    let ours = policies(&first.stdout);
    for policy in ours.values() {
        let policy: AuthorizationPolicy = serde_json::from_value(policy.clone()).unwrap();
        assert_eq!(policy.validate(), Ok(Vec::new()));
    }
    ours.len()
}

#[test]
fn every_sample_goes_through_every_mode() {
    let samples = kubeflow::inference_services();
    let mut most = BTreeMap::new();
    for (name, input) in &samples {
        for mode in MODES {
            *most.entry(mode).or_insert(0) += holds(mode, input, name);
        }
    }
    if !samples.is_empty() {
        assert_eq!(samples.len(), 57);
        assert_eq!(most["guide"], 2 * samples.len());
        assert!(most["strict"] < most["namespace"], "some have no sidecar: {most:?}");
        assert!(most["strict"] >= 40, "{most:?}");
    }
}

#[test]
fn whole_builds_go_through_every_mode() {
    for (name, input) in kubeflow::kubeflow_builds() {
        for policy in ["global-deny-all", "ns-owner-access-istio"] {
            assert!(input.contains(&format!("name: {policy}")), "{name} has no {policy}");
        }
        for mode in MODES {
            assert_eq!(holds(mode, &input, &name), if mode == "guide" { 2 } else { 5 });
        }
    }
}

#[test]
fn the_guides_policies_are_the_guides() {
    let found = policies(&run("guide", &package(&samples().into_iter().collect())).stdout);
    for component in ["predictor", "transformer"] {
        let name = ("istio-system".to_owned(), format!("allow-{component}"));
        let mut paths = PROBES.to_vec();
        paths.extend(["/v1/models/*", "/v2/models/*"]);
        let expected = serde_json::json!({
            "selector": { "matchLabels": { "component": component } },
            "action": "ALLOW",
            "rules": [{ "to": [{ "operation": { "paths": paths } }] }],
        });
        assert_eq!(found[&name]["spec"], expected);
        assert_eq!(found[&name]["apiVersion"], "security.istio.io/v1beta1");
    }
    assert_eq!(found.len(), 2);
}
