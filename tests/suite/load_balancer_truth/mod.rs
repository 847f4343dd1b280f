//! The controller's own answers, case by case, against the model and the proof.
//!
//! The cases lie beside the project (`KSERVE_AWS_SHARED`, else `../shared`); without them the
//! test says so and passes, unless `KSERVE_AWS_REQUIRE_SHARED=1`.

mod case;
mod render;
mod verdict;

use std::collections::{BTreeMap, BTreeSet};

use self::case::Case;
use kserve_aws::controllers::alb::{self, Options, Version, admission};
use kserve_aws::finding::{Code, Finding, Severity};
use kserve_aws::serving::ingress::lint;
use serde_json::{Map, Value, json};

fn exact(version: Version) -> Options {
    Options { version, assume_missing: false, ..Options::default() }
}

#[test]
fn admission_groups_and_models_are_the_controllers() {
    let Some(cases) = case::all() else { return };
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(differences(case).into_iter().map(|words| format!("{}: {words}", case.name)));
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
    println!("{0} of {0} cases: admission, groups, models and probes are equal", cases.len());
}

fn differences(case: &Case) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut differ = |what: &str, ours: &Value, theirs: &Value| {
        if ours != theirs {
            wrong.push(format!("{what}\n  ours   {ours}\n  theirs {theirs}"));
        }
    };
    let objects = &case.objects;
    let undecodable = case.answer.get("decode").and_then(Value::as_object).map_or(0, Map::len);
    differ("undecodable", &json!(case.undecodable.len()), &json!(undecodable));
    for ingress in &objects.ingresses {
        let key = ingress.key();
        let refusals: Vec<String> =
            admission::api_server(ingress).iter().map(ToString::to_string).collect();
        let ours = if refusals.is_empty() { Value::Null } else { json!({ "errors": refusals }) };
        differ("apiserver", &ours, &case.answer["apiserver"][&key]);
        for (field, version) in [("webhook", Version::V3_5), ("webhookOf2.4.7", Version::V2_4_7)] {
            let ours = admission::webhook(ingress, objects, &exact(version)).err();
            let ours = ours.map_or(Value::Null, |error| error.controller_words().expose().into());
            differ(field, &ours, &case.answer[field][&key]);
        }
    }
    let (balancers, unmanaged) = alb::load_balancers(objects, &exact(Version::V3_5));
    let mut groups = BTreeMap::new();
    for ingress in &objects.ingresses {
        if let Ok(member) = alb::group::classify(ingress, objects, &exact(Version::V3_5))
            && let Ok(id) = alb::group::group_id(&member)
        {
            groups.insert(ingress.key(), id.to_string());
        }
    }
    let expected = case.answer.get("groups").cloned().unwrap_or_else(|| json!({}));
    differ("groups", &json!(groups), &expected);
    let ours: BTreeMap<String, String> = unmanaged
        .iter()
        .map(|(ingress, reason)| {
            let words = match reason {
                alb::Unmanaged::OtherClass => reason.to_string(),
                _ => format!("error: {reason}"),
            };
            (ingress.key(), words)
        })
        .collect();
    // A client without the custom resource's definition guesses its plural.
    let expected: BTreeMap<String, String> = case
        .answer
        .get("unmanaged")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(key, words)| (key.clone(), words.as_str().unwrap_or_default()))
        .map(|(key, words)| (key, words.replace("ingressclassparamses", "ingressclassparams")))
        .collect();
    let expected = json!(expected);
    differ("unmanaged", &json!(ours), &expected);
    for balancer in &balancers {
        let theirs = case.model(&balancer.id.to_string());
        let random = balancer
            .model
            .as_ref()
            .is_ok_and(|model| model.listeners.iter().any(|listener| listener.random));
        if random {
            // The controller gives one of two answers, by the order of a Go map; ours says so.
            continue;
        }
        let (ours, theirs) = render::comparable(balancer, &theirs);
        differ("model", &ours, &theirs);
        if let Ok(model) = &balancer.model {
            let probe = case.probe(&balancer.id.to_string());
            let ours = render::probe(model);
            let theirs =
                if probe.is_null() && model.listeners.is_empty() { json!({}) } else { probe };
            differ("probe", &ours, &theirs);
        }
    }
    if balancers.is_empty() && !case.answer["model"].is_null() {
        wrong.push("the controller has a model, ours none".to_owned());
    }
    wrong
}

/// Cases that the probe's one host and path finds closed, and that are open on another: `/v2/*`
/// leads to the same pods through a second Service, and `m.example.com` through a rule whose
/// header condition is passed over.
const OPEN_ELSEWHERE: &[&str] =
    &["bind-same-gateway-second-service-name", "cond-config-extra-other-config"];

/// Cases that the controller takes and AWS does not, or that let nobody in: they are refused for
/// that, and never called open.
const NEVER_DEPLOYED: &[(&str, &[Code])] = &[
    ("auth-cognito-leftover-vars", &[Code::AlbUnresolvedVariable]),
    ("cond-header-colon", &[Code::AlbHeaderName]),
    ("cond-header-host", &[Code::AlbHeaderName]),
    ("cond-header-leftover-var", &[Code::AlbUnresolvedVariable, Code::AlbHeaderName]),
    ("cond-header-missing", &[Code::AlbHeaderName]),
    ("cond-header-space", &[Code::AlbHeaderName]),
    ("cond-regex-values-broken-regex", &[Code::AlbConditionValue]),
    ("cond-values-130", &[Code::AlbTooManyConditionValues]),
    ("cond-values-empty-string-and-token", &[Code::AlbConditionValue]),
    // Five tokens and the path are six values.
    ("cond-values-five", &[Code::AlbTooManyConditionValues]),
    ("cond-values-newline-in-token", &[Code::AlbConditionValue]),
    ("cond-values-six", &[Code::AlbTooManyConditionValues]),
];

fn errors_of(case: &Case) -> BTreeSet<Code> {
    errors(&lint::check(&case.objects, &[], &exact(Version::V3_5)))
}

fn errors(findings: &[Finding]) -> BTreeSet<Code> {
    findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| finding.code)
        .collect()
}

#[test]
fn every_open_endpoint_is_refused_and_no_sound_one() {
    let Some(cases) = case::all() else { return };
    let (mut open, mut passed) = (0, Vec::new());
    let (mut sound, mut refused_sound) = (0, Vec::new());
    for case in &cases {
        let findings = lint::check(&case.objects, &[], &Options::default());
        for finding in &findings {
            assert!(!finding.message.contains("token1"), "{}: {}", case.name, finding.message);
        }
        let errors = errors(&findings);
        let opens = |code: &Code| code.as_str().starts_with("alb-open-");
        if !verdict::asks(case) {
            continue;
        }
        if verdict::is_open(case) || OPEN_ELSEWHERE.contains(&case.name.as_str()) {
            open += 1;
            if !errors.iter().any(opens) {
                passed.push(case.name.as_str());
            }
        } else if verdict::is_built(case) {
            let allowed = NEVER_DEPLOYED.iter().find(|(name, _)| *name == case.name);
            match allowed {
                Some((_, codes)) => {
                    assert_eq!(errors, codes.iter().copied().collect(), "{}", case.name);
                }
                None => {
                    sound += 1;
                    if !errors.is_empty() {
                        refused_sound.push((case.name.as_str(), errors));
                    }
                }
            }
        } else if case.undecodable.is_empty() {
            // What the controller doesn't build with these objects is refused for that, and is
            // never called open.
            let exact = errors_of(case);
            assert!(!exact.is_empty() && !exact.iter().any(opens), "{}: {exact:?}", case.name);
        }
    }
    println!(
        "open endpoints refused {} of {open}, sound ones refused {} of {sound}",
        open - passed.len(),
        refused_sound.len(),
    );
    assert!(passed.is_empty(), "open and not refused: {passed:?}");
    assert!(refused_sound.is_empty(), "sound and refused: {refused_sound:#?}");
}

#[test]
fn a_port_with_both_protocols_is_refused_as_random() {
    let Some(cases) = case::all() else { return };
    let random = cases.iter().find(|case| case.name == "ports-one-object-same-port");
    assert_eq!(random.map(errors_of), Some(BTreeSet::from([Code::AlbRandomListener])));
}
